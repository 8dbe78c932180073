"""
The part of the listing of a PostgreSQL database that tells how the rows of its tables are read.
"""

ROWS = "rows"
"""The kind under which a table with rows of its own is listed, its definition being JSON."""
READING = f"""
    SELECT c.belongs, '{ROWS}', c.name, json_build_object(
        'place', quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'size_bytes',
        pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
        'columns', t.names, 'filled', t.filled, 'keys', (
            SELECT json_agg(k.names ORDER BY i.indisprimary DESC, x.relname)
            FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid CROSS JOIN LATERAL (
                SELECT json_agg(a.attname ORDER BY p.place) AS names, bool_and(a.attnotnull) AS never_null
                FROM unnest(i.indkey) WITH ORDINALITY p (number, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.number) k
            WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            AND i.indnkeyatts = i.indnatts AND k.never_null
        ), 'primary', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid))
    FROM tables c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL (
        SELECT json_agg(a.attname ORDER BY a.attnum) AS names, json_agg(a.attname) FILTER (
            WHERE a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false)) AS filled
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) t
    WHERE c.relkind = 'r'"""
"""
From `tables`: the table's name as SQL has it, its size in bytes, columns, columns that the database fills, and unique
keys, the primary one first if there is one.
"""
