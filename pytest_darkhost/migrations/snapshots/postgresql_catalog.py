"""
The query that lists what a PostgreSQL database (12 or newer) holds, from its catalogs: no reflection sees all of it.

The search path is `pg_catalog` meanwhile, so that every definition is qualified. Objects of extensions are not listed,
the extension is; nor are roles: they belong to the server, which others may use. What belongs to a table or sequence
that is proved to be as it was (`postgresql_tokens`) is left out, and the earlier listing of it holds.
"""

from pytest_darkhost.migrations.snapshots.postgresql_asking import Question
from pytest_darkhost.migrations.snapshots.postgresql_relations import GRANTS, OF_RELATIONS
from pytest_darkhost.migrations.snapshots.postgresql_tokens import TOKEN, TOKENS
from pytest_darkhost.migrations.snapshots.postgresql_versions import FIRST_OWN

_EXTENDED = "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{}'::regclass AND e.objid = {}.oid AND e.deptype = 'e')"


def _members(alias: str, catalog: str, prefix: str, name: str) -> str:
    """Return a query for the objects of one catalog, outside of extensions, with their name and schema."""
    return f"""
    SELECT {alias}.*, s.prefix || {name} AS name
    FROM {catalog} {alias} JOIN schemas s ON s.oid = {alias}.{prefix}namespace
    WHERE {alias}.oid >= {FIRST_OWN} AND NOT {_EXTENDED.format(catalog, alias)}"""


_TOKENS = f""", {TOKENS}, relations AS MATERIALIZED (
    SELECT * FROM all_relations r WHERE r.belongs NOT IN (SELECT k.oid FROM known k)
)"""
_NO_TOKENS = ", relations AS NOT MATERIALIZED (SELECT * FROM all_relations)"
_SHARED = f"""
WITH path AS MATERIALIZED (
    SELECT current_setting('darkhost.schema') AS schema
), schemas AS MATERIALIZED (
    SELECT n.*, CASE n.nspname WHEN p.schema THEN '' ELSE n.nspname || '.' END AS prefix FROM path p, pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), own_schemas AS (
    SELECT * FROM schemas s WHERE NOT {_EXTENDED.format("pg_namespace", "s")}
), all_relations AS MATERIALIZED (
    SELECT m.*, coalesce(i.indrelid, m.oid) AS belongs
    FROM ({_members("c", "pg_class", "rel", "c.relname")} AND c.relpersistence <> 't'
        AND c.relname <> ALL (:exclude) AND s.nspname || '.' || c.relname <> ALL (:exclude)
    ) m LEFT JOIN pg_index i ON i.indexrelid = m.oid
){{tokens}}, tables AS MATERIALIZED (
    SELECT * FROM relations WHERE relkind IN ('r', 'p', 'f')
), columns AS MATERIALIZED (
    SELECT t.*, c.belongs, c.name AS of_table, c.name || '.' || t.attname AS name, c.relowner,
        y.typstorage, y.typcollation, d.adbin
    FROM tables c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
    JOIN pg_type y ON y.oid = t.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
), functions AS MATERIALIZED (
    {_members("p", "pg_proc", "pro", "p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'")}
), types AS MATERIALIZED ({_members("y", "pg_type", "typ", "y.typname")}
)
"""

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
        table="",
        columns="1, 2",
        name="p.name",
        source="functions p",
        acl="coalesce(p.proacl, acldefault('f', p.proowner))",
        where="a.grantee <> p.proowner",
    ),
    GRANTS.format(
        table="",
        columns="1, 2",
        name="y.name",
        source="types y",
        acl="coalesce(y.typacl, acldefault('T', y.typowner))",
        where="y.typtype IN ('e', 'd', 'r') AND a.grantee <> y.typowner",
    ),
    GRANTS.format(
        table="",
        columns="1, 2",
        name="s.nspname || ' (schema)'",
        source="own_schemas s",
        acl="coalesce(s.nspacl, acldefault('n', s.nspowner))",
        where="a.grantee <> s.nspowner",
    ),
    GRANTS.format(
        table="",
        columns="1, 2",
        name="'defaults of ' || pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text"
        " || coalesce(' in ' || s.nspname, '')",
        source="pg_default_acl d LEFT JOIN pg_namespace s ON s.oid = d.defaclnamespace",
        acl="d.defaclacl",
        where="true",
    ),
)
_OTHERS = (
    """SELECT 'sequence position', c.name, coalesce(pg_sequence_last_value(c.oid)::text, 'unused')
        FROM all_relations c WHERE c.relkind = 'S'""",
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
        FROM pg_cast c WHERE c.oid >= {FIRST_OWN} AND NOT {_EXTENDED.format("pg_cast", "c")}""",
    f"""SELECT 'operator', o.oid::regoperator::text, o.oprcode::text
        FROM pg_operator o WHERE o.oid >= {FIRST_OWN} AND NOT {_EXTENDED.format("pg_operator", "o")}""",
    """SELECT 'setting', coalesce(pg_get_userbyid(nullif(r.setrole, 0))::text || ': ', '') || split_part(v, '=', 1), v
        FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase AND d.datname = current_database(),
        unnest(r.setconfig) v""",
)

_ANSWER = "kind, name, definition"
_TEXTS = "kind::text, name::text, definition::text"


def _listing(tokens: str, *more: str) -> str:
    """Return the whole query, with what comes between all relations and those to be listed, and further parts."""
    of_relations = (
        f"SELECT belongs::text, {_TEXTS} FROM ({each}) AS q (belongs, {_ANSWER})" for each in (*OF_RELATIONS, *more)
    )
    others = (
        f"SELECT NULL, {_TEXTS} FROM ({each}) AS q ({_ANSWER})" for each in (*_FUNCTIONS_AND_TYPES, *_RIGHTS, *_OTHERS)
    )
    return _SHARED.replace("{tokens}", tokens) + " UNION ALL ".join((*of_relations, *others))


LISTING = Question("darkhost_listing", _listing(_NO_TOKENS), ("exclude",))
"""
The number of the table or sequence that it belongs to, kind, name and definition of every object.

`exclude` names tables. What a table consists of is listed in its own ways, see `postgresql_reading`. `PLAIN_PATH`
goes before.
"""
RELISTING = Question("darkhost_relisting", _listing(_TOKENS, TOKEN), ("exclude", "known"))
"""
The same of what is not proved to be as it was, and each table or sequence once more with its token.

`known` are the tokens of an earlier listing.
"""
