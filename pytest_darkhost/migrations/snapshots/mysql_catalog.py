"""
The queries that list what a MySQL or MariaDB database holds, except rows.
"""

_HERE = "table_schema = DATABASE()"
_TABLES = f"{_HERE} AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
_OF_TABLES = f"{_HERE} AND table_name IN (SELECT table_name FROM information_schema.tables WHERE {_TABLES})"
OBJECTS = (
    "SELECT 'table', table_name, concat_ws(' ', engine, table_collation, create_options,"
    " nullif(table_type, 'BASE TABLE'))"
    f" FROM information_schema.tables WHERE {_TABLES}",
    "SELECT 'partition', concat_ws('.', table_name, partition_name, subpartition_name), concat_ws(' ',"
    " partition_method, partition_expression, partition_description, subpartition_method, subpartition_expression,"
    f" partition_comment) FROM information_schema.partitions WHERE {_HERE} AND partition_name IS NOT NULL",
    f"SELECT 'comment', table_name, table_comment FROM information_schema.tables"
    f" WHERE {_TABLES} AND table_comment <> ''",
    f"SELECT 'comment', concat(table_name, '.', column_name), column_comment FROM information_schema.columns"
    f" WHERE {_OF_TABLES} AND column_comment <> ''",
    f"SELECT 'sequence position', table_name, auto_increment FROM information_schema.tables"
    f" WHERE {_TABLES} AND auto_increment IS NOT NULL",
    f"SELECT 'column', concat(table_name, '.', column_name), concat_ws(' ', extra, generation_expression)"
    f" FROM information_schema.columns WHERE {_OF_TABLES}",
    f"SELECT 'type', concat(table_name, '.', column_name), concat_ws(' ', column_type, collation_name)"
    f" FROM information_schema.columns WHERE {_OF_TABLES}",
    f"SELECT 'default', concat(table_name, '.', column_name), column_default FROM information_schema.columns"
    f" WHERE {_OF_TABLES} AND column_default IS NOT NULL",
    f"SELECT 'constraint', concat(table_name, '.', column_name, ' NOT NULL'), 'NOT NULL'"
    f" FROM information_schema.columns WHERE {_OF_TABLES} AND is_nullable = 'NO'",
    f"SELECT 'column order', table_name, group_concat(column_name ORDER BY ordinal_position SEPARATOR ', ')"
    f" FROM information_schema.columns WHERE {_OF_TABLES} GROUP BY table_name",
    f"SELECT 'index', concat(table_name, '.', index_name), concat(if(non_unique, '', 'unique '), index_type, ' ',"
    f" group_concat(concat_ws(' ', column_name, sub_part, collation) ORDER BY seq_in_index SEPARATOR ', '))"
    f" FROM information_schema.statistics WHERE {_HERE} GROUP BY table_name, index_name, non_unique, index_type",
    "SELECT 'constraint', concat(k.table_name, '.', k.constraint_name), concat('foreign key (',"
    " group_concat(k.column_name ORDER BY k.ordinal_position), ') references ', k.referenced_table_name, ' (',"
    " group_concat(k.referenced_column_name ORDER BY k.ordinal_position), ') ',"
    " max(r.update_rule), ' ', max(r.delete_rule))"
    " FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r"
    " ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name"
    " AND r.table_name = k.table_name WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL"
    " GROUP BY k.table_name, k.constraint_name, k.referenced_table_name",
    f"SELECT 'view', table_name, concat_ws(' ', view_definition, check_option, security_type)"
    f" FROM information_schema.views WHERE {_HERE}",
    "SELECT 'trigger', concat(event_object_table, '.', trigger_name), concat_ws(' ', action_timing, event_manipulation,"
    " action_statement) FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
    "SELECT lower(routine_type), routine_name, concat_ws(' ', dtd_identifier, routine_definition, is_deterministic,"
    " sql_data_access, security_type, routine_comment) FROM information_schema.routines"
    " WHERE routine_schema = DATABASE()",
    "SELECT 'parameter', concat(specific_name, '.', ordinal_position), concat_ws(' ', parameter_mode, parameter_name,"
    " dtd_identifier) FROM information_schema.parameters WHERE specific_schema = DATABASE() AND ordinal_position > 0",
    "SELECT 'event', event_name, concat_ws(' ', event_definition, interval_value, interval_field, status,"
    " on_completion, event_comment)"
    " FROM information_schema.events WHERE event_schema = DATABASE()",
    f"SELECT 'grant', concat(table_name, ' to ', grantee),"
    f" group_concat(concat_ws(' ', privilege_type, if(is_grantable = 'YES', 'WITH GRANT OPTION', NULL))"
    f" ORDER BY privilege_type SEPARATOR ', ') FROM information_schema.table_privileges WHERE {_HERE} GROUP BY 1, 2",
    f"SELECT 'grant', concat(table_name, '.', column_name, ' to ', grantee),"
    f" group_concat(privilege_type ORDER BY privilege_type SEPARATOR ', ')"
    f" FROM information_schema.column_privileges WHERE {_HERE} GROUP BY 1, 2",
    "SELECT 'grant', concat('database to ', grantee),"
    f" group_concat(privilege_type ORDER BY privilege_type SEPARATOR ', ')"
    f" FROM information_schema.schema_privileges WHERE {_HERE} GROUP BY 1, 2",
    "SELECT 'setting', 'database', concat(default_character_set_name, ' ', default_collation_name)"
    " FROM information_schema.schemata WHERE schema_name = DATABASE()",
)
"""Queries of kind, name and definition."""
CHECKS = {
    True: "SELECT 'constraint', concat(table_name, '.', constraint_name), check_clause"
    " FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()",
    False: "SELECT 'constraint', concat(t.table_name, '.', c.constraint_name), c.check_clause"
    " FROM information_schema.check_constraints c JOIN information_schema.table_constraints t"
    " ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name"
    " WHERE c.constraint_schema = DATABASE()",
}
"""The same of checks, by whether it is MariaDB, where their names are unique in a table only."""
SEQUENCES = f"SELECT table_name FROM information_schema.tables WHERE {_HERE} AND table_type = 'SEQUENCE'"
"""Only MariaDB has any."""
SEQUENCE = (
    "SELECT concat('start ', start_value, ' increment ', increment, ' minimum ', minimum_value, ' maximum ',"
    " maximum_value, ' cache ', cache_size, if(cycle_option, ' cycle', '')), next_not_cached_value FROM {}"
)
"""Definition and position of one of them."""
