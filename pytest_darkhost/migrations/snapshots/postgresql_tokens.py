"""
What proves that the listing of a PostgreSQL database would be as before: the versions of the rows of its catalogs.

A version has a transaction (`xmin`) and a place (`ctid`), and no other version in its catalog ever has both. So what is
told from the same versions is told again. There is one token for each relation, for the rows in which its number
stands, and one each for two kinds of things that belong to no relation: `NAMED`, which any definition may name, and
`OTHERS`. What a definition says besides is the names of other relations, see `postgresql_mentions`.

Roles may be seen by their names alone, and settings belong to the server, not to a copy of the database: both are
looked at as they are. The positions of sequences have no versions, and are told each time.
"""

from typing import NamedTuple

from pytest_darkhost.migrations.snapshots.postgresql_asking import Question
from pytest_darkhost.migrations.snapshots.postgresql_names import FIRST_OWN

NAMED = "0"
"""Stands for the number of a relation: roles, schemas, types, functions, operators and the like."""
OTHERS = "1"
"""The same of all else that belongs to no relation."""


class _Rows(NamedTuple):
    """Which rows of a catalog, called `x`, are looked at."""

    catalog: str
    where: str
    belongs: str
    """The number of a relation, or what stands for it."""
    more: str = "0"
    """A number for what else there is to a row than its version."""


def _from(column: str, also: str = "true") -> str:
    return f"x.{column} >= {FIRST_OWN} AND {also}"


_OF_RELATIONS = (
    # A composite type goes with the types.
    _Rows("relations", "true", f"CASE x.relkind WHEN 'c' THEN {NAMED} ELSE x.oid END"),
    # Nothing is told of those of indexes and sequences.
    _Rows(
        "relations c, pg_attribute",
        _from("attrelid", "x.attrelid = c.oid AND c.relkind NOT IN ('i', 'I', 'S')")
        + " AND x.attnum > 0 AND NOT x.attisdropped",
        "x.attrelid",
    ),
    # Before PostgreSQL 14 an index was marked as valid or not in place, without a new version.
    _Rows("pg_index", _from("indexrelid"), "x.indrelid", "x.indisvalid::integer + 2 * x.indisready::integer"),
    _Rows("pg_attrdef", _from("adrelid"), "x.adrelid"),
    # That of a domain belongs to no relation.
    _Rows("pg_constraint", _from("oid"), f"coalesce(nullif(x.conrelid, 0), {OTHERS})"),
    _Rows("pg_trigger", _from("tgrelid", "NOT x.tgisinternal"), "x.tgrelid"),
    _Rows("pg_rewrite", _from("ev_class"), "x.ev_class"),
    _Rows("pg_policy", _from("polrelid"), "x.polrelid"),
    _Rows("pg_inherits", _from("inhrelid"), "x.inhrelid"),
    _Rows("pg_partitioned_table", _from("partrelid"), "x.partrelid"),
    _Rows("pg_sequence", _from("seqrelid"), "x.seqrelid"),
    # Which column a sequence belongs to.
    _Rows("pg_sequence s, pg_depend", "x.classid = 'pg_class'::regclass AND x.objid = s.seqrelid", "x.objid"),
)
_NAMED = ("pg_enum", "pg_proc", "pg_operator", "pg_opclass", "pg_collation", "pg_am", "pg_ts_config", "pg_ts_dict")
_OTHERS = ("pg_statistic_ext", "pg_cast", "pg_language")
_WHOLE = ("pg_default_acl", "pg_extension", "pg_event_trigger", "pg_publication", "pg_foreign_server")
_SURE_NAMES = ", ".join(
    f"'{catalog}'::regclass"
    for catalog in ("pg_class", "pg_constraint", "pg_trigger", "pg_rewrite", "pg_policy", "pg_type", *_NAMED, *_OTHERS)
)
_OF_NONE = (
    *(_Rows(catalog, _from("oid"), NAMED) for catalog in _NAMED),
    # Not those that come and go with each table: its row type, and arrays, which are called after their elements.
    _Rows(
        "pg_type",
        _from("oid", "x.typtype <> 'c'")
        + " AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = x.typelem AND e.typarray = x.oid)",
        NAMED,
    ),
    _Rows("pg_namespace", "x.nspname !~ '^pg_(toast_)?temp_'", NAMED),
    _Rows("pg_depend", "x.refclassid = 'pg_extension'::regclass", NAMED),
    *(_Rows(catalog, _from("oid"), OTHERS) for catalog in _OTHERS),
    *(_Rows(catalog, "true", OTHERS) for catalog in _WHOLE),
    _Rows("pg_range", _from("rngtypid"), OTHERS),
    _Rows("pg_aggregate", _from("aggfnoid"), OTHERS),
    # A comment, and what it is about, as it is called: of the rarest things no versions are looked at.
    _Rows(
        "pg_description",
        _from("objoid"),
        f"CASE x.classoid WHEN 'pg_class'::regclass THEN x.objoid ELSE {OTHERS} END",
        f"CASE WHEN x.classoid IN ({_SURE_NAMES}) THEN 0 ELSE coalesce(hashtextextended(("
        "SELECT i.identity FROM pg_identify_object(x.classoid, x.objoid, x.objsubid) i), 0) & 4294967295, 0) END",
    ),
    _Rows(
        "pg_description",
        "x.classoid = 'pg_namespace'::regclass"
        f" AND x.objoid IN (SELECT n.oid FROM pg_namespace n WHERE n.oid < {FIRST_OWN})",
        OTHERS,
    ),
)
_VERSIONS = (
    # Each catalog counts in its own way: two of them may have the same version.
    f"SELECT ({belongs})::oid, x.xmin, x.ctid, ({number}::bigint << 33) + {more} FROM {catalog} x WHERE {where}"
    for number, (catalog, where, belongs, more) in enumerate((*_OF_RELATIONS, *_OF_NONE))
)
_AS_IT_IS = "'0'::xid, '(0,0)'::tid, hashtextextended({}, 0)"
_UNVERSIONED = (
    f"SELECT {NAMED}::oid, {_AS_IT_IS.format('x.oid || chr(32) || x.rolname')} FROM pg_roles x",
    f"SELECT {NAMED}::oid, {_AS_IT_IS.format('''current_setting('darkhost.schema')''')}",
    f"SELECT {OTHERS}::oid, {_AS_IT_IS.format('x.setrole || chr(32) || x.setconfig::text')} FROM pg_db_role_setting x"
    " WHERE x.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())",
)
TOKENS = Question(
    "darkhost_tokens",
    f"""
WITH relations AS MATERIALIZED (
    SELECT c.oid, c.xmin, c.ctid, c.relkind FROM pg_class c
    WHERE c.oid >= {FIRST_OWN} AND c.relkind <> 't' AND c.relnamespace <> 'pg_toast'::regnamespace
) SELECT string_agg(t.belongs || ' ' || t.token, E'\\n'), (
    SELECT string_agg(s.seqrelid || ' ' || coalesce(pg_sequence_last_value(s.seqrelid)::text, 'unused'), E'\\n')
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't' AND c.oid >= {FIRST_OWN})
FROM (
    SELECT x.belongs, sum(hashtextextended(x.xmin::text || x.ctid::text, x.more)) AS token
    FROM ({" UNION ALL ".join((*_VERSIONS, *_UNVERSIONED))}) x(belongs, xmin, ctid, more) GROUP BY 1) t""",
    (),
)
"""
Two texts: a line for each relation, `NAMED` and `OTHERS`, with its token; and one for each sequence, with its position.

`PLAIN_PATH` goes before.
"""
