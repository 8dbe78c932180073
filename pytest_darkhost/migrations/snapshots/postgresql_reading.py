"""
The parts of the listing of a PostgreSQL database that tell what columns its tables have, and how their rows are read.

Each gives one row for a table, from `tables` and `columns` of `postgresql_catalog`: what is the same as before is then
recognised by one comparison, and not taken apart again.
"""

COLUMNS = "columns"
"""The kind under which the columns of a table are listed, see `postgresql_columns`."""
KEYS = "keys"
"""The same of its unique keys of whole rows, each as JSON: is it the primary one, its name, columns, how many count."""
ROWS = "rows"
"""The same of a table with rows of its own: its size in bytes, and its name as SQL has it."""

READING = (
    f"""SELECT t.belongs, '{COLUMNS}', t.of_table, json_agg(json_build_array(t.attnum, t.attname, concat_ws(' ',
            CASE t.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
            CASE t.attgenerated WHEN 's' THEN 'generated stored' WHEN 'v' THEN 'generated virtual' END,
            CASE WHEN t.attgenerated <> '' THEN 'as ' || pg_get_expr(t.adbin, t.attrelid) END,
            array_to_string(t.attoptions, ', '),
            CASE WHEN t.attstorage <> t.typstorage THEN 'storage ' || t.attstorage::text END),
        format_type(t.atttypid, t.atttypmod) || coalesce((
            SELECT ' COLLATE ' || k.oid::regcollation FROM pg_collation k
            WHERE k.oid = t.attcollation AND k.oid <> t.typcollation), ''),
        CASE WHEN t.attgenerated = '' THEN pg_get_expr(t.adbin, t.attrelid) END, t.attnotnull, t.attidentity <> ''))
        FROM columns t GROUP BY 1, 3""",
    f"""SELECT c.belongs, '{KEYS}', c.name,
        json_agg(json_build_array(i.indisprimary, x.relname, i.indkey::text, i.indnkeyatts))
        FROM tables c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
        WHERE c.relkind = 'r' AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        GROUP BY 1, 3""",
    f"""SELECT c.belongs, '{ROWS}', c.name,
        pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) || ' '
            || quote_ident(s.nspname) || '.' || quote_ident(c.relname)
        FROM tables c JOIN schemas s ON s.oid = c.relnamespace WHERE c.relkind = 'r'""",
)
