"""
Which versions of rows the catalogs of a PostgreSQL database consist of, which proves that a listing still holds.

A version has a transaction (`xmin`) and a place (`ctid`), and no other version in its catalog ever has both. So where
all that is listed from is made of the same versions, it would be listed as before. Sequences keep their positions
elsewhere, and roles may be seen by their names alone: both are looked at as they are.
"""

from pytest_darkhost.migrations.snapshots.postgresql_asking import Question

FIRST_OWN = 16384
"""The first number of an object that was made after `initdb` (access/transam.h)."""


def version(alias: str, seed: int = 0, more: str = "") -> str:
    """Return an expression: a number for the version of a row and what else there is to it, as text."""
    return f"hashtextextended({alias}.xmin::text || {alias}.ctid::text{more}, {seed})"


def versions(catalog: str, where: str = "true", more: str = "") -> str:
    """Return an expression: one number for all versions of a catalog that fulfil a condition on `x`."""
    return f"(SELECT sum({version('x', 0, more)}) FROM {catalog} x WHERE {where})"


def _own(column: str) -> str:
    return f"x.{column} >= {FIRST_OWN}"


ROLES = "(SELECT sum(hashtextextended(x.oid::text || ' ' || x.rolname, 0)) FROM pg_roles x)"
SCHEMAS = versions("pg_namespace", "x.nspname !~ '^pg_(toast_)?temp_'")
VALID = " || x.indisvalid::text || x.indisready::text"
"""Before PostgreSQL 14 an index was marked as valid or not in place, without a new version."""
_BY_NUMBER = (
    *("pg_class", "pg_attrdef", "pg_constraint", "pg_trigger", "pg_rewrite", "pg_policy", "pg_statistic_ext"),
    *("pg_proc", "pg_type", "pg_enum", "pg_collation", "pg_operator", "pg_opclass", "pg_am", "pg_cast"),
    *("pg_ts_config", "pg_ts_dict", "pg_language"),
)
_BY_COLUMN = {
    "pg_inherits": "inhrelid",
    "pg_partitioned_table": "partrelid",
    "pg_sequence": "seqrelid",
    "pg_aggregate": "aggfnoid::oid",
    "pg_range": "rngtypid",
    "pg_description": "objoid",
}
_WHOLE = ("pg_default_acl", "pg_extension", "pg_event_trigger", "pg_publication", "pg_foreign_server")
_PARTS = (
    ROLES,
    SCHEMAS,
    *(versions(catalog, _own("oid")) for catalog in _BY_NUMBER),
    *(versions(catalog, _own(column)) for catalog, column in _BY_COLUMN.items()),
    *(versions(catalog) for catalog in _WHOLE),
    versions("pg_attribute", f"{_own('attrelid')} AND x.attnum > 0"),
    versions("pg_index", _own("indexrelid"), VALID),
    # One by one: to look for all of them at once, the server would read every comment.
    f"(SELECT sum((SELECT sum({version('x')}) FROM pg_description x WHERE x.objoid = n.oid"
    f" AND x.classoid = 'pg_namespace'::regclass)) FROM pg_namespace n WHERE n.oid < {FIRST_OWN})",
    # Which table a sequence belongs to, and what belongs to an extension.
    versions("pg_depend", f"x.classid = 'pg_class'::regclass AND {_own('objid')}"),
    versions("pg_depend", "x.refclassid = 'pg_extension'::regclass"),
    # As they are listed: a copy of a database has the same catalogs but for these, which all databases share.
    "(SELECT sum(hashtextextended(x.setrole::text || ' ' || x.setconfig::text, 0)) FROM pg_db_role_setting x"
    " WHERE x.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))",
    "(SELECT sum(hashtextextended(x.oid || ' ' || coalesce(pg_sequence_last_value(x.oid)::text, ''), 0))"
    f" FROM pg_class x WHERE x.relkind = 'S' AND {_own('oid')} AND x.relpersistence <> 't')",
)
VERSIONS = Question(
    "darkhost_versions",
    "SELECT concat_ws(' ', current_setting('darkhost.schema')"
    + "".join(f", coalesce({part}, 0)" for part in _PARTS)
    + ")",
    (),
)
"""One text, which is the same as long as the listing would be. `PLAIN_PATH` goes before."""
