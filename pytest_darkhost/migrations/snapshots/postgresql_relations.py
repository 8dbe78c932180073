"""
The query that lists what is said of some relations of a PostgreSQL database: tables, views and sequences.
"""

from pytest_darkhost.migrations.snapshots.postgresql_asking import Question
from pytest_darkhost.migrations.snapshots.postgresql_mentions import MENTIONS, mentions
from pytest_darkhost.migrations.snapshots.postgresql_names import GRANTS, NAMES, extended
from pytest_darkhost.migrations.snapshots.postgresql_reading import READING

_TABLE = "c.relkind IN ('r', 'p', 'f')"
_OPTIONS = "coalesce(array_to_string(c.reloptions, ', '), '')"
_OF_ONE = (
    f"""SELECT 'table', c.name, concat_ws('; ',
        CASE c.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid) WHEN 'f' THEN 'foreign' END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' END, 'partition ' || pg_get_expr(c.relpartbound, c.oid),
        (SELECT 'inherits ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
            FROM pg_inherits WHERE inhrelid = c.oid),
        CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
        CASE WHEN c.relreplident <> 'd' THEN 'replica identity ' || c.relreplident::text END,
        nullif({_OPTIONS}, '')) WHERE {_TABLE}""",
    f"""SELECT 'constraint', c.name || '.' || o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o WHERE o.conrelid = c.oid AND o.contype NOT IN ('n', 't') AND {_TABLE}""",
    f"""SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.name,
        pg_get_viewdef(c.oid) || CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END || {_OPTIONS}
        WHERE c.relkind IN ('v', 'm')""",
    """SELECT 'trigger', c.name || '.' || g.tgname, pg_get_triggerdef(g.oid)
        || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' (enabled: ' || g.tgenabled::text || ')' END
        FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal""",
    """SELECT 'rule', c.name || '.' || r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'""",
    """SELECT 'policy', c.name || '.' || p.polname, concat_ws(' ', p.polcmd::text,
        CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'to ' || (SELECT string_agg(
            CASE WHEN u = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u)::text END, ', ') FROM unnest(p.polroles) u),
        'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p WHERE p.polrelid = c.oid""",
    """SELECT 'sequence', c.name, concat_ws(' ', s.seqtypid::regtype, 'start', s.seqstart,
        'increment', s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, 'cache', s.seqcache,
        CASE WHEN s.seqcycle THEN 'cycle' END,
        (SELECT 'owned by ' || d.refobjid::regclass || '.' || t.attname
            FROM pg_depend d JOIN pg_attribute t ON t.attrelid = d.refobjid AND t.attnum = d.refobjsubid
            WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
        FROM pg_sequence s WHERE s.seqrelid = c.oid""",
    "SELECT 'owner', c.name, pg_get_userbyid(c.relowner)::text",
    GRANTS.format(
        name="o.name",
        source=f"""(SELECT c.name, c.relacl UNION ALL SELECT c.name || '.' || t.attname, t.attacl FROM pg_attribute t
            WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped AND t.attacl IS NOT NULL AND {_TABLE}
        ) o(name, acl), """,
        # Without an ACL nobody but the owner has rights to a relation.
        acl="o.acl",
        where="a.grantee <> c.relowner",
    ),
    """SELECT 'comment', c.name || coalesce('.' || t.attname, ''), d.description FROM pg_description d
        LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = d.objsubid AND d.objsubid > 0
        WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass""",
    *READING,
)
_PARTS = """
    SELECT c.oid, 'pg_class'::regclass::oid, c.oid FROM relations c
    UNION ALL SELECT c.oid, 'pg_class'::regclass, i.indexrelid FROM relations c JOIN pg_index i ON i.indrelid = c.oid
    UNION ALL SELECT c.oid, d.classid, d.objid
    FROM relations c JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid"""
"""
Whatever a relation consists of depends on it. What else does is looked at too: more is named then, which does no harm.
"""
RELATIONS = Question(
    "darkhost_relations",
    f"""
WITH RECURSIVE {NAMES}, relations AS MATERIALIZED (
    SELECT c.*, s.prefix, s.nspname, s.prefix || c.relname AS name
    FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
    WHERE c.oid = ANY (CAST(:numbers AS oid[])) AND c.relkind NOT IN ('i', 'I') AND c.relpersistence <> 't'
    AND c.relname <> ALL (:exclude) AND s.nspname || '.' || c.relname <> ALL (:exclude)
    AND NOT {extended("pg_class", "c")}
), {mentions(_PARTS)}
SELECT c.oid::text, q.kind, q.name, q.definition
FROM relations c CROSS JOIN LATERAL ({" UNION ALL ".join(_OF_ONE)}) q(kind, name, definition)
UNION ALL SELECT m.belongs::text, '{MENTIONS}', '', string_agg(m.oid::text, ' ')
FROM mentioned m WHERE m.oid <> m.belongs GROUP BY 1""",
    ("exclude", "numbers"),
)
"""
The number of the relation, kind, name and definition of everything that is said of it.

`exclude` names tables, `numbers` is the text of an array. Of what a table consists is listed in its own ways, see
`postgresql_reading`, and what it names, see `postgresql_mentions`. `PLAIN_PATH` goes before.
"""
