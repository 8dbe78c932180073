"""
The parts of the listing of a PostgreSQL database that tell what columns its tables have, and how their rows are read.

Each gives one row for a table `c` of `postgresql_relations`: what is the same as before is then recognised by one
comparison, and not taken apart again.
"""

COLUMNS = "columns"
"""The kind under which the columns of a table are listed, see `postgresql_columns`."""
INDEXES = "indexes"
"""
The same of its indexes, see `postgresql_indexes`.
"""
ROWS = "rows"
"""The same of a table with rows of its own: its size in bytes, and its name as SQL has it."""

READING = (
    f"""SELECT '{COLUMNS}', c.name, (SELECT json_agg(json_build_array(t.attnum, t.attname, concat_ws(' ',
            CASE t.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
            CASE t.attgenerated WHEN 's' THEN 'generated stored' WHEN 'v' THEN 'generated virtual' END,
            CASE WHEN t.attgenerated <> '' THEN 'as ' || pg_get_expr(d.adbin, t.attrelid) END,
            array_to_string(t.attoptions, ', '),
            CASE WHEN t.attstorage <> y.typstorage THEN 'storage ' || t.attstorage::text END),
        format_type(t.atttypid, t.atttypmod) || coalesce((
            SELECT ' COLLATE ' || k.oid::regcollation FROM pg_collation k
            WHERE k.oid = t.attcollation AND k.oid <> y.typcollation), ''),
        CASE WHEN t.attgenerated = '' THEN pg_get_expr(d.adbin, t.attrelid) END, t.attnotnull, t.attidentity <> ''))
        FROM pg_attribute t JOIN pg_type y ON y.oid = t.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
        WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped)::text WHERE c.relkind IN ('r', 'p', 'f')""",
    f"""SELECT '{INDEXES}', c.name, json_agg(json_build_array(i.indisprimary, c.prefix || x.relname,
            CASE WHEN i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                THEN i.indkey::text END, i.indnkeyatts,
            CASE WHEN NOT EXISTS (SELECT FROM pg_constraint o
                WHERE o.conrelid = c.oid AND o.conindid = x.oid AND o.contype IN ('p', 'u', 'x'))
                THEN pg_get_indexdef(x.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
                || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END
                || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END END,
            (SELECT d.description FROM pg_description d WHERE d.objoid = x.oid AND d.classoid = 'pg_class'::regclass)
        ))::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid""",
    f"""SELECT '{ROWS}', c.name,
        pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) || ' '
            || quote_ident(c.nspname) || '.' || quote_ident(c.relname) WHERE c.relkind = 'r'""",
)
