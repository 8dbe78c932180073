"""
The parts of the listing of a PostgreSQL database that tell what is said of tables, views and sequences.

Each gives the number of the relation that it belongs to, kind, name and definition, from `relations`, `tables` and
`columns` of `postgresql_catalog`.
"""

from pytest_darkhost.migrations.snapshots.postgresql_reading import READING

GRANTS = """
    SELECT {table}'grant',
        {name} || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END,
        string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '
            ORDER BY a.privilege_type)
    FROM {source}, aclexplode({acl}) a WHERE {where} GROUP BY {columns}"""
_OPTIONS = "coalesce(array_to_string(c.reloptions, ', '), '')"
OF_RELATIONS = (
    f"""SELECT c.belongs, 'table', c.name, concat_ws('; ',
        CASE c.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid) WHEN 'f' THEN 'foreign' END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' END, 'partition ' || pg_get_expr(c.relpartbound, c.oid),
        (SELECT 'inherits ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
            FROM pg_inherits WHERE inhrelid = c.oid),
        CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
        CASE WHEN c.relreplident <> 'd' THEN 'replica identity ' || c.relreplident::text END,
        nullif({_OPTIONS}, '')) FROM tables c""",
    """SELECT c.belongs, 'constraint', c.name || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN tables c ON c.oid = o.conrelid WHERE o.contype NOT IN ('n', 't')""",
    """SELECT c.belongs, 'index', c.name, pg_get_indexdef(c.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
        || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END
        || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END
        FROM relations c JOIN pg_index i ON i.indexrelid = c.oid JOIN relations r ON r.oid = i.indrelid
        WHERE NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = i.indrelid AND o.conindid = c.oid
            AND o.contype IN ('p', 'u', 'x'))""",
    f"""SELECT c.belongs, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.name,
        pg_get_viewdef(c.oid) || CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END || {_OPTIONS}
        FROM relations c WHERE c.relkind IN ('v', 'm')""",
    """SELECT c.belongs, 'trigger', c.name || '.' || g.tgname, pg_get_triggerdef(g.oid)
        || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' (enabled: ' || g.tgenabled::text || ')' END
        FROM pg_trigger g JOIN relations c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal""",
    """SELECT c.belongs, 'rule', c.name || '.' || r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite r JOIN relations c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'""",
    """SELECT c.belongs, 'policy', c.name || '.' || p.polname, concat_ws(' ', p.polcmd::text,
        CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'to ' || (SELECT string_agg(
            CASE WHEN u = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u)::text END, ', ') FROM unnest(p.polroles) u),
        'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN relations c ON c.oid = p.polrelid""",
    """SELECT c.belongs, 'sequence', c.name, concat_ws(' ', s.seqtypid::regtype, 'start', s.seqstart,
        'increment', s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, 'cache', s.seqcache,
        CASE WHEN s.seqcycle THEN 'cycle' END,
        (SELECT 'owned by ' || d.refobjid::regclass || '.' || t.attname
            FROM pg_depend d JOIN pg_attribute t ON t.attrelid = d.refobjid AND t.attnum = d.refobjsubid
            WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
        FROM relations c JOIN pg_sequence s ON s.seqrelid = c.oid""",
    "SELECT c.belongs, 'owner', c.name, pg_get_userbyid(c.relowner)::text FROM relations c"
    " WHERE c.relkind NOT IN ('i', 'I')",
    GRANTS.format(
        table="c.belongs, ",
        columns="1, 2, 3",
        name="c.name",
        source="relations c",
        acl="coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r' END, c.relowner))",
        where="c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND a.grantee <> c.relowner",
    ),
    GRANTS.format(
        table="t.belongs, ",
        columns="1, 2, 3",
        name="t.name",
        source="columns t",
        acl="t.attacl",
        where="a.grantee <> t.relowner",
    ),
    """SELECT c.belongs, 'comment', c.name || coalesce('.' || t.attname, ''), d.description FROM relations c
        JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
        LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = d.objsubid AND d.objsubid > 0""",
    *READING,
)
