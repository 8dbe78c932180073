"""
The query that lists what belongs to no relation of a PostgreSQL database (12 or newer), such as functions and types.

It is made from the catalogs, as `postgresql_relations` is: no reflection sees all of it. The search path is
`pg_catalog` meanwhile, so that every definition is qualified. Objects of extensions are not listed, the extension is;
nor are roles: they belong to the server, which others may use.
"""

from pytest_darkhost.migrations.snapshots.postgresql_asking import Question
from pytest_darkhost.migrations.snapshots.postgresql_mentions import MENTIONS, mentions
from pytest_darkhost.migrations.snapshots.postgresql_names import FIRST_OWN, GRANTS, NAMES, extended
from pytest_darkhost.migrations.snapshots.postgresql_tokens import OTHERS


def _members(alias: str, catalog: str, prefix: str, name: str) -> str:
    """Return a query for the objects of one catalog, outside of extensions, with their name and schema."""
    return f"""
    SELECT {alias}.*, s.prefix || {name} AS name
    FROM {catalog} {alias} JOIN schemas s ON s.oid = {alias}.{prefix}namespace
    WHERE {alias}.oid >= {FIRST_OWN} AND NOT {extended(catalog, alias)}"""


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
    "SELECT 'owner', p.name, pg_get_userbyid(p.proowner)::text FROM functions p",
    "SELECT 'owner', s.nspname || ' (schema)', pg_get_userbyid(s.nspowner)::text FROM own_schemas s",
    GRANTS.format(
        name="p.name",
        source="functions p, ",
        acl="coalesce(p.proacl, acldefault('f', p.proowner))",
        where="a.grantee <> p.proowner",
    ),
    GRANTS.format(
        name="y.name",
        source="types y, ",
        acl="coalesce(y.typacl, acldefault('T', y.typowner))",
        where="y.typtype IN ('e', 'd', 'r') AND a.grantee <> y.typowner",
    ),
    GRANTS.format(
        name="s.nspname || ' (schema)'",
        source="own_schemas s, ",
        acl="coalesce(s.nspacl, acldefault('n', s.nspowner))",
        where="a.grantee <> s.nspowner",
    ),
    GRANTS.format(
        name="'defaults of ' || pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text"
        " || coalesce(' in ' || s.nspname, '')",
        source="pg_default_acl d LEFT JOIN pg_namespace s ON s.oid = d.defaclnamespace, ",
        acl="d.defaclacl",
        where="true",
    ),
)
_MORE = (
    """SELECT 'statistics', s.prefix || x.stxname, pg_get_statisticsobjdef(x.oid)
        FROM pg_statistic_ext x JOIN schemas s ON s.oid = x.stxnamespace""",
    "SELECT 'schema', s.nspname, '' FROM own_schemas s",
    f"""SELECT 'comment', (SELECT i.identity || ' (' || i.type || ')'
            FROM pg_identify_object(d.classoid, d.objoid, d.objsubid) i), d.description
        FROM pg_description d WHERE d.objoid >= {FIRST_OWN} AND d.classoid <> 'pg_class'::regclass
        AND d.classoid <> 'pg_extension'::regclass AND NOT EXISTS (
            SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')""",
    f"""SELECT 'comment', s.nspname || ' (schema)', d.description FROM schemas s JOIN pg_description d
        ON d.objoid = s.oid AND d.classoid = 'pg_namespace'::regclass AND s.oid < {FIRST_OWN}""",
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
        FROM pg_cast c WHERE c.oid >= {FIRST_OWN} AND NOT {extended("pg_cast", "c")}""",
    f"""SELECT 'operator', o.oid::regoperator::text, o.oprcode::text
        FROM pg_operator o WHERE o.oid >= {FIRST_OWN} AND NOT {extended("pg_operator", "o")}""",
    """SELECT 'setting', coalesce(pg_get_userbyid(nullif(r.setrole, 0))::text || ': ', '') || split_part(v, '=', 1), v
        FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase AND d.datname = current_database(),
        unnest(r.setconfig) v""",
)

_DEFINED = ("pg_proc", "pg_operator", "pg_cast", "pg_statistic_ext")
_PARTS = f"""
    SELECT 0::oid, d.classid, d.objid FROM pg_depend d
    WHERE d.classid IN ({", ".join(f"'{catalog}'::regclass" for catalog in _DEFINED)}) AND d.objid >= {FIRST_OWN}
    UNION ALL SELECT 0::oid, d.classoid, d.objoid FROM pg_description d
    WHERE d.objoid >= {FIRST_OWN} AND d.classoid <> 'pg_class'::regclass
    UNION ALL SELECT 0::oid, 'pg_type'::regclass, y.oid FROM pg_type y WHERE y.oid >= {FIRST_OWN} AND y.typtype <> 'c'
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = y.typelem AND e.typarray = y.oid)
    UNION ALL SELECT 0::oid, 'pg_constraint'::regclass, o.oid FROM pg_constraint o WHERE o.contypid >= {FIRST_OWN}
    UNION ALL SELECT 0::oid, 'pg_class'::regclass, k.oid FROM pg_class k
    WHERE k.oid >= {FIRST_OWN} AND k.relkind = 'c'"""
_LISTED = " UNION ALL ".join(
    f"SELECT '{OTHERS}', kind::text, name::text, definition::text FROM ({each}) q (kind, name, definition)"
    for each in (*_FUNCTIONS_AND_TYPES, *_RIGHTS, *_MORE)
)
UNRELATED = Question(
    "darkhost_unrelated",
    f"""
WITH RECURSIVE {NAMES}, own_schemas AS (
    SELECT * FROM schemas s WHERE NOT {extended("pg_namespace", "s")}
), functions AS MATERIALIZED (
    {_members("p", "pg_proc", "pro", "p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'")}
), types AS MATERIALIZED ({_members("y", "pg_type", "typ", "y.typname")}
), {mentions(_PARTS)}
{_LISTED}
UNION ALL SELECT '{OTHERS}', '{MENTIONS}', '', string_agg(m.oid::text, ' ') FROM mentioned m""",
    (),
)
"""
`OTHERS`, kind, name and definition of every object, and which relations they name, see `postgresql_mentions`.

`PLAIN_PATH` goes before.
"""
