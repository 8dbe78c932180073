"""
The query that lists what a PostgreSQL database (12 or newer) holds, from its catalogs: no reflection sees all of it.

It gives kind, name and definition. The search path is `pg_catalog` meanwhile, so that every definition is qualified.
Objects of extensions are not listed, the extension is; nor are roles: they belong to the server, which others may use.
"""

from pytest_darkhost.migrations.snapshots.postgresql_asking import Question

ROWS = "rows"
"""The kind under which tables with rows are listed a second time."""
_FIRST_OWN = 16384
"""The first number of an object that was made after `initdb` (access/transam.h)."""
_EXTENDED = "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{}'::regclass AND e.objid = {}.oid AND e.deptype = 'e')"
_GRANTS = """
    SELECT 'grant', {name} || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END,
        string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '
            ORDER BY a.privilege_type)
    FROM {source}, aclexplode({acl}) a WHERE {where} GROUP BY 1, 2"""


def _members(alias: str, catalog: str, prefix: str, name: str) -> str:
    """Return a query for the objects of one catalog, outside of extensions, with their name and schema."""
    return f"""
    SELECT {alias}.*, s.prefix || {name} AS name
    FROM {catalog} {alias} JOIN schemas s ON s.oid = {alias}.{prefix}namespace
    WHERE {alias}.oid >= {_FIRST_OWN} AND NOT {_EXTENDED.format(catalog, alias)}"""


_SHARED = f"""
WITH schemas AS MATERIALIZED (
    SELECT n.*, CASE n.nspname WHEN :schema THEN '' ELSE n.nspname || '.' END AS prefix FROM pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), own_schemas AS (
    SELECT * FROM schemas s WHERE NOT {_EXTENDED.format("pg_namespace", "s")}
), relations AS MATERIALIZED ({_members("c", "pg_class", "rel", "c.relname")}
    AND c.relpersistence <> 't' AND c.relname <> ALL (:exclude) AND s.nspname || '.' || c.relname <> ALL (:exclude)
), tables AS MATERIALIZED (
    SELECT * FROM relations WHERE relkind IN ('r', 'p', 'f')
), columns AS MATERIALIZED (
    SELECT t.*, c.name || '.' || t.attname AS name, c.relowner, y.typstorage, y.typcollation, d.adbin
    FROM tables c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
    JOIN pg_type y ON y.oid = t.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
), functions AS MATERIALIZED (
    {_members("p", "pg_proc", "pro", "p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'")}
), types AS MATERIALIZED ({_members("y", "pg_type", "typ", "y.typname")}
)
"""

_OPTIONS = "coalesce(array_to_string(c.reloptions, ', '), '')"
_RELATIONS = (
    f"""SELECT 'table', c.name, concat_ws('; ',
        CASE c.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid) WHEN 'f' THEN 'foreign' END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' END, 'partition ' || pg_get_expr(c.relpartbound, c.oid),
        (SELECT 'inherits ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
            FROM pg_inherits WHERE inhrelid = c.oid),
        CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
        CASE WHEN c.relreplident <> 'd' THEN 'replica identity ' || c.relreplident::text END,
        nullif({_OPTIONS}, '')) FROM tables c""",
    """SELECT 'column', t.name, concat_ws(' ',
        CASE t.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
        CASE t.attgenerated WHEN 's' THEN 'generated stored' WHEN 'v' THEN 'generated virtual' END,
        CASE WHEN t.attgenerated <> '' THEN 'as ' || pg_get_expr(t.adbin, t.attrelid) END,
        array_to_string(t.attoptions, ', '),
        CASE WHEN t.attstorage <> t.typstorage THEN 'storage ' || t.attstorage::text END) FROM columns t""",
    """SELECT 'type', t.name, format_type(t.atttypid, t.atttypmod) || coalesce((
        SELECT ' COLLATE ' || k.oid::regcollation FROM pg_collation k
        WHERE k.oid = t.attcollation AND k.oid <> t.typcollation), '') FROM columns t""",
    """SELECT 'default', t.name, pg_get_expr(t.adbin, t.attrelid) FROM columns t
        WHERE t.adbin IS NOT NULL AND t.attgenerated = ''""",
    "SELECT 'constraint', t.name || ' NOT NULL', 'NOT NULL' FROM columns t WHERE t.attnotnull",
    """SELECT 'column order', c.name, string_agg(t.attname, ', ' ORDER BY t.attnum) FROM tables c
        JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped GROUP BY 2""",
    """SELECT 'constraint', c.name || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN tables c ON c.oid = o.conrelid WHERE o.contype NOT IN ('n', 't')""",
    """SELECT 'index', c.name, pg_get_indexdef(c.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
        || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END
        || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END
        FROM relations c JOIN pg_index i ON i.indexrelid = c.oid JOIN relations r ON r.oid = i.indrelid
        LEFT JOIN pg_constraint o ON o.conindid = c.oid AND o.contype IN ('p', 'u', 'x') WHERE o.oid IS NULL""",
    f"""SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.name,
        pg_get_viewdef(c.oid) || CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END || {_OPTIONS}
        FROM relations c WHERE c.relkind IN ('v', 'm')""",
    """SELECT 'trigger', c.name || '.' || g.tgname, pg_get_triggerdef(g.oid)
        || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' (enabled: ' || g.tgenabled::text || ')' END
        FROM pg_trigger g JOIN relations c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal""",
    """SELECT 'rule', c.name || '.' || r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite r JOIN relations c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'""",
    """SELECT 'policy', c.name || '.' || p.polname, concat_ws(' ', p.polcmd::text,
        CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'to ' || (SELECT string_agg(
            CASE WHEN u = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u)::text END, ', ') FROM unnest(p.polroles) u),
        'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN relations c ON c.oid = p.polrelid""",
    """SELECT 'sequence', c.name, concat_ws(' ', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement,
        'from', s.seqmin, 'to', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END,
        (SELECT 'owned by ' || d.refobjid::regclass || '.' || t.attname
            FROM pg_depend d JOIN pg_attribute t ON t.attrelid = d.refobjid AND t.attnum = d.refobjsubid
            WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
        FROM relations c JOIN pg_sequence s ON s.seqrelid = c.oid""",
    """SELECT 'sequence position', c.name, coalesce(pg_sequence_last_value(c.oid)::text, 'unused')
        FROM relations c WHERE c.relkind = 'S'""",
    """SELECT 'statistics', s.prefix || x.stxname, pg_get_statisticsobjdef(x.oid)
        FROM pg_statistic_ext x JOIN schemas s ON s.oid = x.stxnamespace""",
)
_FUNCTIONS_AND_TYPES = (
    "SELECT 'function', p.name, pg_get_functiondef(p.oid) FROM functions p WHERE p.prokind <> 'a'",
    """SELECT 'aggregate', p.name, concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggtranstype::regtype, a.agginitval)
        FROM functions p JOIN pg_aggregate a ON a.aggfnoid = p.oid""",
    """SELECT 'enum', y.name, (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = y.oid) FROM types y WHERE y.typtype = 'e'""",
    """SELECT 'domain', y.name, concat_ws(' ', format_type(y.typbasetype, y.typtypmod), 'DEFAULT ' || y.typdefault,
        CASE WHEN y.typnotnull THEN 'NOT NULL' END) FROM types y WHERE y.typtype = 'd'""",
    """SELECT 'constraint', y.name || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN types y ON y.oid = o.contypid WHERE o.contype <> 'n'""",
    """SELECT 'composite type', y.name, (
        SELECT string_agg(t.attname || ' ' || format_type(t.atttypid, t.atttypmod), ', ' ORDER BY t.attnum)
        FROM pg_attribute t WHERE t.attrelid = y.typrelid AND t.attnum > 0 AND NOT t.attisdropped)
        FROM types y JOIN pg_class k ON k.oid = y.typrelid AND k.relkind = 'c'""",
    "SELECT 'range', y.name, g.rngsubtype::regtype::text FROM types y JOIN pg_range g ON g.rngtypid = y.oid",
)
_RIGHTS = (
    "SELECT 'owner', c.name, pg_get_userbyid(c.relowner)::text FROM relations c WHERE c.relkind NOT IN ('i', 'I')",
    "SELECT 'owner', p.name, pg_get_userbyid(p.proowner)::text FROM functions p",
    "SELECT 'owner', s.nspname || ' (schema)', pg_get_userbyid(s.nspowner)::text FROM own_schemas s",
    _GRANTS.format(
        name="c.name",
        source="relations c",
        acl="coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r' END, c.relowner))",
        where="c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND a.grantee <> c.relowner",
    ),
    _GRANTS.format(name="t.name", source="columns t", acl="t.attacl", where="a.grantee <> t.relowner"),
    _GRANTS.format(
        name="p.name",
        source="functions p",
        acl="coalesce(p.proacl, acldefault('f', p.proowner))",
        where="a.grantee <> p.proowner",
    ),
    _GRANTS.format(
        name="y.name",
        source="types y",
        acl="coalesce(y.typacl, acldefault('T', y.typowner))",
        where="y.typtype IN ('e', 'd', 'r') AND a.grantee <> y.typowner",
    ),
    _GRANTS.format(
        name="s.nspname || ' (schema)'",
        source="own_schemas s",
        acl="coalesce(s.nspacl, acldefault('n', s.nspowner))",
        where="a.grantee <> s.nspowner",
    ),
    _GRANTS.format(
        name="'defaults of ' || pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text"
        " || coalesce(' in ' || s.nspname, '')",
        source="pg_default_acl d LEFT JOIN pg_namespace s ON s.oid = d.defaclnamespace",
        acl="d.defaclacl",
        where="true",
    ),
)
_OTHERS = (
    "SELECT 'schema', s.nspname, '' FROM own_schemas s",
    """SELECT 'comment', c.name || coalesce('.' || t.attname, ''), d.description FROM relations c
        JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
        LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = d.objsubid AND d.objsubid > 0""",
    f"""SELECT 'comment', (SELECT i.identity || ' (' || i.type || ')'
            FROM pg_identify_object(d.classoid, d.objoid, d.objsubid) i), d.description
        FROM pg_description d WHERE d.objoid >= {_FIRST_OWN} AND d.classoid <> 'pg_class'::regclass
        AND d.classoid <> 'pg_extension'::regclass AND NOT EXISTS (
            SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')""",
    f"""SELECT 'comment', s.nspname || ' (schema)', d.description FROM schemas s JOIN pg_description d
        ON d.objoid = s.oid AND d.classoid = 'pg_namespace'::regclass AND s.oid < {_FIRST_OWN}""",
    """SELECT 'extension', e.extname, e.extversion || ' in ' || n.nspname
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace""",
    """SELECT 'collation', s.prefix || k.collname, (to_jsonb(k) - 'oid' - 'collnamespace' - 'collowner') #>> '{}'
        FROM pg_collation k JOIN schemas s ON s.oid = k.collnamespace""",
    """SELECT 'event trigger', e.evtname, concat_ws(' ', e.evtevent, e.evtfoid::regproc, e.evtenabled, e.evttags)
        FROM pg_event_trigger e""",
    "SELECT 'publication', p.pubname, (to_jsonb(p) - 'oid' - 'pubowner') #>> '{}' FROM pg_publication p",
    "SELECT 'foreign server', s.srvname, array_to_string(s.srvoptions, ', ') FROM pg_foreign_server s",
    f"""SELECT 'cast', c.castsource::regtype || ' as ' || c.casttarget::regtype,
        concat_ws(' ', nullif(c.castfunc, 0)::regprocedure, c.castcontext, c.castmethod)
        FROM pg_cast c WHERE c.oid >= {_FIRST_OWN} AND NOT {_EXTENDED.format("pg_cast", "c")}""",
    f"""SELECT 'operator', o.oid::regoperator::text, o.oprcode::text
        FROM pg_operator o WHERE o.oid >= {_FIRST_OWN} AND NOT {_EXTENDED.format("pg_operator", "o")}""",
    """SELECT 'setting', coalesce(pg_get_userbyid(nullif(r.setrole, 0))::text || ': ', '') || split_part(v, '=', 1), v
        FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase AND d.datname = current_database(),
        unnest(r.setconfig) v""",
)

_ROWS = f"""
    SELECT '{ROWS}', c.name, json_build_object(
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

LISTING = Question(
    "darkhost_listing",
    _SHARED
    + " UNION ALL ".join(
        f"SELECT kind::text, name::text, definition::text FROM ({query}) AS q (kind, name, definition)"
        for query in (*_RELATIONS, *_FUNCTIONS_AND_TYPES, *_RIGHTS, *_OTHERS, _ROWS)
    ),
    ("schema", "exclude"),
)
"""
Kind, name and definition of every object; `schema` is the default one, `exclude` names tables.

A table with rows of its own is listed a second time, as `ROWS`, with JSON of how to read them: its name as SQL has it,
its size in bytes, columns, columns that the database fills, unique keys (the primary one first if there is one).
"""
