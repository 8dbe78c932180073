"""
The queries that list what a PostgreSQL database (12 or newer) holds, from its own catalogs: no reflection sees all of it.

Each gives kind, name and definition. The search path is `pg_catalog` while they run, so that every definition is qualified.
Roles are not listed: they belong to the server, which others may be using.
"""

_SCHEMAS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_OWN = "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {oid} AND e.deptype = 'e')"
_ACL = (
    "SELECT 'grant', {name} || ' to ' || coalesce(nullif(pg_get_userbyid(a.grantee), 'unknown (OID=0)'), 'PUBLIC'),"
    " string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '"
    " ORDER BY a.privilege_type) FROM {source}, aclexplode({acl}) a WHERE {where} GROUP BY 1, 2"
)


def _own(catalog: str, oid: str) -> str:
    return _OWN.format(catalog=catalog, oid=oid)


def _named(name: str) -> str:
    """Return the expression for a name, qualified unless its schema `n` is the default one."""
    return f"(CASE WHEN n.nspname = :schema THEN '' ELSE n.nspname || '.' END || {name})"


_TABLE = _named("c.relname")
_RELATIONS = (
    f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND {_SCHEMAS} AND {_own('pg_class', 'c.oid')}"
    " AND c.relpersistence <> 't' AND NOT (c.relname = ANY(:exclude))"
)
_TABLES = f"{_RELATIONS} AND c.relkind IN ('r', 'p', 'f')"
_COLUMNS = f"pg_attribute t JOIN ({_TABLES}) ON c.oid = t.attrelid AND t.attnum > 0 AND NOT t.attisdropped"
_FUNCTION = _named("p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'")
_FUNCTIONS = f"pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND {_SCHEMAS} AND {_own('pg_proc', 'p.oid')}"
_TYPE = _named("y.typname")
_TYPES = f"pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace AND {_SCHEMAS} AND {_own('pg_type', 'y.oid')}"
_OPTIONS = "coalesce(array_to_string(c.reloptions, ', '), '')"

OBJECTS = (
    f"SELECT 'schema', n.nspname, '' FROM pg_namespace n WHERE {_SCHEMAS} AND {_own('pg_namespace', 'n.oid')}",
    f"""SELECT 'table', {_TABLE}, concat_ws('; ',
        CASE c.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid) WHEN 'f' THEN 'foreign' END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
        'partition ' || pg_get_expr(c.relpartbound, c.oid),
        (SELECT 'inherits ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
         FROM pg_inherits WHERE inhrelid = c.oid),
        CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
        CASE WHEN c.relreplident <> 'd' THEN 'replica identity ' || c.relreplident::text END,
        nullif({_OPTIONS}, '')) FROM {_TABLES}""",
    f"""SELECT 'column', {_TABLE} || '.' || t.attname, concat_ws(' ',
        CASE t.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
        CASE t.attgenerated WHEN 's' THEN 'generated stored' WHEN 'v' THEN 'generated virtual' END,
        CASE WHEN t.attgenerated <> '' THEN 'as ' || pg_get_expr(d.adbin, d.adrelid) END,
        array_to_string(t.attoptions, ', '),
        CASE WHEN t.attstorage <> y.typstorage THEN 'storage ' || t.attstorage::text END)
        FROM {_COLUMNS} JOIN pg_type y ON y.oid = t.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum""",
    f"""SELECT 'type', {_TABLE} || '.' || t.attname, format_type(t.atttypid, t.atttypmod)
        || coalesce((SELECT ' COLLATE ' || k.oid::regcollation FROM pg_collation k
                     WHERE k.oid = t.attcollation AND k.oid <> y.typcollation), '')
        FROM {_COLUMNS} JOIN pg_type y ON y.oid = t.atttypid""",
    f"""SELECT 'default', {_TABLE} || '.' || t.attname, pg_get_expr(d.adbin, d.adrelid)
        FROM {_COLUMNS} JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum AND t.attgenerated = ''""",
    f"SELECT 'constraint', {_TABLE} || '.' || t.attname || ' NOT NULL', 'NOT NULL' FROM {_COLUMNS} AND t.attnotnull",
    f"""SELECT 'column order', {_TABLE}, string_agg(t.attname, ', ' ORDER BY t.attnum) FROM {_COLUMNS} GROUP BY 2""",
    f"""SELECT 'constraint', {_TABLE} || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN ({_TABLES}) ON c.oid = o.conrelid AND o.contype NOT IN ('n', 't')""",
    f"""SELECT 'index', {_TABLE}, pg_get_indexdef(c.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
        || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END
        || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END
        FROM pg_index i JOIN ({_RELATIONS}) ON c.oid = i.indexrelid
        JOIN pg_class r ON r.oid = i.indrelid AND NOT (r.relname = ANY(:exclude)) AND r.relkind <> 't'""",
    f"""SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, {_TABLE},
        pg_get_viewdef(c.oid) || CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END || {_OPTIONS}
        FROM {_RELATIONS} AND c.relkind IN ('v', 'm')""",
    f"""SELECT 'trigger', {_TABLE} || '.' || g.tgname, pg_get_triggerdef(g.oid)
        || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' (enabled: ' || g.tgenabled::text || ')' END
        FROM pg_trigger g JOIN ({_RELATIONS}) ON c.oid = g.tgrelid AND NOT g.tgisinternal""",
    f"""SELECT 'rule', {_TABLE} || '.' || r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite r JOIN ({_RELATIONS}) ON c.oid = r.ev_class AND r.rulename <> '_RETURN'""",
    f"""SELECT 'policy', {_TABLE} || '.' || p.polname, concat_ws(' ', p.polcmd::text,
        CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'to ' || (SELECT string_agg(
        CASE WHEN u = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u)::text END, ', ') FROM unnest(p.polroles) u),
        'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN ({_RELATIONS}) ON c.oid = p.polrelid""",
    f"SELECT 'function', {_FUNCTION}, pg_get_functiondef(p.oid) FROM {_FUNCTIONS} AND p.prokind <> 'a'",
    f"""SELECT 'aggregate', {_FUNCTION}, concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggtranstype::regtype, a.agginitval)
        FROM {_FUNCTIONS} AND p.prokind = 'a' JOIN pg_aggregate a ON a.aggfnoid = p.oid""",
    f"""SELECT 'enum', {_TYPE}, (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = y.oid) FROM {_TYPES} AND y.typtype = 'e'""",
    f"""SELECT 'domain', {_TYPE}, concat_ws(' ', format_type(y.typbasetype, y.typtypmod), 'DEFAULT ' || y.typdefault,
        CASE WHEN y.typnotnull THEN 'NOT NULL' END) FROM {_TYPES} AND y.typtype = 'd'""",
    f"""SELECT 'constraint', {_TYPE} || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN ({_TYPES}) ON y.oid = o.contypid AND o.contype <> 'n'""",
    f"""SELECT 'composite type', {_TYPE}, (SELECT string_agg(t.attname || ' ' || format_type(t.atttypid, t.atttypmod), ', '
        ORDER BY t.attnum) FROM pg_attribute t WHERE t.attrelid = y.typrelid AND t.attnum > 0 AND NOT t.attisdropped)
        FROM {_TYPES} JOIN pg_class k ON k.oid = y.typrelid AND k.relkind = 'c'""",
    f"""SELECT 'range', {_TYPE}, g.rngsubtype::regtype::text FROM {_TYPES} JOIN pg_range g ON g.rngtypid = y.oid""",
    f"""SELECT 'sequence', {_TABLE}, concat_ws(' ', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement,
        'from', s.seqmin, 'to', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END, (SELECT 'owned by '
        || d.refobjid::regclass || '.' || t.attname FROM pg_depend d JOIN pg_attribute t ON t.attrelid = d.refobjid
        AND t.attnum = d.refobjsubid WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
        FROM pg_sequence s JOIN ({_RELATIONS}) ON c.oid = s.seqrelid""",
    f"""SELECT 'sequence position', {_TABLE}, coalesce(pg_sequence_last_value(c.oid)::text, 'unused')
        FROM {_RELATIONS} AND c.relkind = 'S'""",
    f"SELECT 'owner', {_TABLE}, pg_get_userbyid(c.relowner)::text FROM {_RELATIONS} AND c.relkind NOT IN ('i', 'I', 't')",
    f"SELECT 'owner', {_FUNCTION}, pg_get_userbyid(p.proowner)::text FROM {_FUNCTIONS}",
    f"SELECT 'owner', n.nspname || ' (schema)', pg_get_userbyid(n.nspowner)::text FROM pg_namespace n WHERE {_SCHEMAS}",
    _ACL.format(
        name=_TABLE,
        source=_RELATIONS,
        acl="coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r' END, c.relowner))",
        where="c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND a.grantee <> c.relowner",
    ),
    _ACL.format(name=f"{_TABLE} || '.' || t.attname", source=_COLUMNS, acl="t.attacl", where="true"),
    _ACL.format(
        name=_FUNCTION,
        source=_FUNCTIONS,
        acl="coalesce(p.proacl, acldefault('f', p.proowner))",
        where="a.grantee <> p.proowner",
    ),
    _ACL.format(
        name=_TYPE,
        source=f"{_TYPES} AND y.typtype IN ('e', 'd', 'r')",
        acl="coalesce(y.typacl, acldefault('T', y.typowner))",
        where="a.grantee <> y.typowner",
    ),
    _ACL.format(
        name="n.nspname || ' (schema)'",
        source="pg_namespace n",
        acl="coalesce(n.nspacl, acldefault('n', n.nspowner))",
        where=f"{_SCHEMAS} AND a.grantee <> n.nspowner",
    ),
    _ACL.format(
        name="'defaults of ' || pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text || coalesce(' in ' || n.nspname, '')",
        source="pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace",
        acl="d.defaclacl",
        where="true",
    ),
    f"""SELECT 'comment', {_TABLE} || coalesce('.' || t.attname, ''), d.description FROM pg_description d JOIN ({_RELATIONS})
        ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
        LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = d.objsubid AND d.objsubid > 0""",
    """SELECT 'comment', (SELECT i.identity || ' (' || i.type || ')'
        FROM pg_identify_object(d.classoid, d.objoid, d.objsubid) i), d.description FROM pg_description d
        WHERE d.objoid >= 16384 AND d.classoid NOT IN ('pg_class'::regclass, 'pg_extension'::regclass) AND NOT EXISTS (SELECT FROM pg_depend e
        WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')""",
    "SELECT 'comment', n.nspname || ' (schema)', d.description FROM pg_namespace n JOIN pg_description d"
    " ON d.objoid = n.oid AND d.classoid = 'pg_namespace'::regclass AND n.oid < 16384 AND n.nspname = 'public'",
    "SELECT 'extension', e.extname, e.extversion || ' in ' || n.nspname FROM pg_extension e"
    " JOIN pg_namespace n ON n.oid = e.extnamespace",
    f"""SELECT 'collation', {_named("k.collname")}, to_jsonb(k) - 'oid' - 'collnamespace' - 'collowner' #>> '{{}}'
        FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace AND {_SCHEMAS}""",
    f"""SELECT 'statistics', {_named("s.stxname")}, pg_get_statisticsobjdef(s.oid)
        FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace AND {_SCHEMAS}""",
    "SELECT 'event trigger', e.evtname, concat_ws(' ', e.evtevent, e.evtfoid::regproc, e.evtenabled, e.evttags)"
    " FROM pg_event_trigger e",
    "SELECT 'publication', p.pubname, (to_jsonb(p) - 'oid' - 'pubowner') #>> '{}' FROM pg_publication p",
    "SELECT 'foreign server', s.srvname, array_to_string(s.srvoptions, ', ') FROM pg_foreign_server s",
    "SELECT 'cast', c.castsource::regtype || ' as ' || c.casttarget::regtype,"
    " concat_ws(' ', nullif(c.castfunc, 0)::regprocedure, c.castcontext, c.castmethod)"
    " FROM pg_cast c WHERE c.oid >= 16384 AND " + _own("pg_cast", "c.oid"),
    "SELECT 'operator', o.oid::regoperator::text, o.oprcode::text FROM pg_operator o WHERE o.oid >= 16384 AND "
    + _own("pg_operator", "o.oid"),
    "SELECT 'setting', coalesce(pg_get_userbyid(nullif(s.setrole, 0))::text || ': ', '') || split_part(v, '=', 1), v"
    " FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database(),"
    " unnest(s.setconfig) v",
)
"""Queries of kind, name and definition, with the parameters `schema` (the default one) and `exclude` (tables)."""

TABLES = f"""
SELECT {_TABLE}, n.nspname, c.relname, pg_table_size(c.oid),
    (SELECT json_agg(t.attname ORDER BY t.attnum)::text FROM pg_attribute t
     WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped),
    (SELECT json_agg(t.attname)::text FROM pg_attribute t LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
     WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
       AND (t.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')),
    (SELECT json_agg((SELECT json_agg(t.attname ORDER BY k.place)
                       FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
                       JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = k.number)
                      ORDER BY i.indisprimary DESC, x.relname)::text
     FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
     WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = i.indnatts
       AND NOT EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attnum = ANY(i.indkey) AND NOT t.attnotnull)),
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
FROM {_RELATIONS} AND c.relkind = 'r' ORDER BY 1
"""
"""
Tables with rows of their own: name, schema, relation, size in bytes, columns, filled columns, unique keys (the primary one
first), and whether there is a primary key.
"""
