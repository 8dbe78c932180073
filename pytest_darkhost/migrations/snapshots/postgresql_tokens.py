"""
The part of the listing of a PostgreSQL database that proves which tables and sequences would be listed as before.

All that is said of a table is as it was if the same versions of rows (`postgresql_versions`) say it: its own in the
catalogs, those of what its definitions name, which are what `pg_depend` says they depend on, and what they may name
besides, which is types, functions, operators, schemas, roles and the like. Of these, any change makes all tables count
as changed. The positions of sequences, and what belongs to no table, are listed every time.
"""

from pytest_darkhost.migrations.snapshots.postgresql_versions import FIRST_OWN, ROLES, SCHEMAS, VALID, version, versions

PROOF = "proof"
"""The kind under which a table or sequence is listed whose listing can be kept, its name being the token."""


_OWN = f"x.oid >= {FIRST_OWN}"
_WORDS = ", ".join(
    (
        ROLES,
        SCHEMAS,
        # Not those that come and go with each table: its row type, and arrays, which are called after their elements.
        versions(
            "pg_type",
            f"{_OWN} AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = x.typrelid AND c.relkind <> 'c')"
            " AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = x.typelem AND e.typarray = x.oid)",
        ),
        *(
            versions(catalog, _OWN)
            for catalog in (
                "pg_enum",
                "pg_proc",
                "pg_operator",
                "pg_opclass",
                "pg_collation",
                "pg_am",
                "pg_ts_config",
                "pg_ts_dict",
            )
        ),
    )
)
_ROWS = (
    # Catalog, its column that has the table's number, the number of the object, what else is looked at.
    ("pg_attrdef", "adrelid", "x.oid", "true", ""),
    ("pg_constraint", "conrelid", "x.oid", "true", ""),
    ("pg_trigger", "tgrelid", "x.oid", "NOT x.tgisinternal", ""),
    ("pg_rewrite", "ev_class", "x.oid", "true", ""),
    ("pg_policy", "polrelid", "x.oid", "true", ""),
    ("pg_inherits", "inhrelid", "0::oid", "true", ""),
    ("pg_partitioned_table", "partrelid", "0::oid", "true", ""),
    ("pg_sequence", "seqrelid", "0::oid", "true", ""),
    ("pg_index", "indrelid", "0::oid", "true", VALID),
)
TOKENS = f"""
words AS MATERIALIZED (
    SELECT md5(concat_ws(' ', p.schema, {_WORDS})) AS hash FROM path p
), heads AS MATERIALIZED (
    SELECT c.oid, {version("c", 1)} + coalesce((SELECT sum({version("x", 2)})
        FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attnum > 0), 0) AS hash
    FROM pg_class c WHERE c.oid >= {FIRST_OWN} AND c.relkind IN ('r', 'p', 'f', 'S', 'i', 'I', 'v', 'm', 'c')
), parts AS MATERIALIZED (
    SELECT r.belongs, 'pg_class'::regclass::oid AS catalog, h.oid, h.hash
    FROM all_relations r JOIN heads h ON h.oid = r.oid
    {
    "".join(
        f'''UNION ALL SELECT x.{table}, '{catalog}'::regclass::oid, {oid}, {version("x", seed, more)}
    FROM {catalog} x WHERE x.{table} >= {FIRST_OWN} AND {where}
    '''
        for seed, (catalog, table, oid, where, more) in enumerate(_ROWS, start=3)
    )
}UNION ALL SELECT r.belongs, 0::oid, 0::oid, {version("x", 99)} FROM all_relations r
    JOIN pg_description x ON x.objoid = r.oid AND x.classoid = 'pg_class'::regclass
), named AS MATERIALIZED (
    SELECT DISTINCT p.belongs, {version("d", 100)} AS hash,
        CASE d.refclassid WHEN 'pg_class'::regclass THEN d.refobjid ELSE (
            SELECT coalesce(nullif(y.typrelid, 0), e.typrelid) FROM pg_type y LEFT JOIN pg_type e ON e.oid = y.typelem
            WHERE y.oid = d.refobjid) END AS relation
    FROM parts p JOIN pg_depend d ON d.classid = p.catalog AND d.objid = p.oid
    WHERE p.oid >= {FIRST_OWN} AND d.refclassid IN ('pg_class'::regclass, 'pg_type'::regclass)
    AND d.refobjid >= {FIRST_OWN}
), sums AS (
    SELECT belongs, sum(hash) AS hash FROM (
        SELECT belongs, hash FROM parts UNION ALL SELECT belongs, hash FROM named
        UNION ALL SELECT n.belongs, h.hash FROM (SELECT DISTINCT belongs, relation FROM named) n
        JOIN heads h ON h.oid = n.relation AND h.oid <> n.belongs
    ) a GROUP BY belongs
), tokens AS MATERIALIZED (
    SELECT r.oid, r.oid || ' ' || s.hash || ' ' || w.hash AS token
    FROM all_relations r JOIN sums s ON s.belongs = r.oid CROSS JOIN words w WHERE r.relkind IN ('r', 'p', 'f', 'S')
), known AS MATERIALIZED (
    SELECT t.oid FROM tokens t WHERE t.token IN (SELECT unnest(:known))
)"""
TOKEN = f"SELECT t.oid, '{PROOF}', t.token, '' FROM tokens t"
