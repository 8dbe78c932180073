"""
The part of a listing of a PostgreSQL database that tells which relations are named, by number.

A definition names what `pg_depend` says its object depends on, and what that depends on by its own definition: a view
names the columns of a table that a function returns. A relation ends the way: of it no more is told than its own names.
"""

from collections.abc import Iterable

from pytest_darkhost.migrations.snapshots.postgresql_names import FIRST_OWN

MENTIONS = "mentions"
"""The kind under which it is listed, its definition being the numbers."""
ANY = "*"
"""Stands for the number of any relation, in what is named."""
_UNKNOWN = ("regclass[]", "regtype[]")
"""The types of constants that name relations of which `pg_depend` knows nothing."""


# One by one: whatever the server thinks, there are few.
_NEXT = f"""CROSS JOIN LATERAL (SELECT d.refclassid, d.refobjid FROM pg_depend d
        WHERE d.classid = r.catalog AND d.objid = r.oid AND d.refobjid >= {FIRST_OWN} OFFSET 0) d"""


def mentions(parts: str) -> str:
    """
    Return common table expressions, of which `mentioned` has the columns `belongs` and `oid`.

    :param parts: a query for the catalog and number of each object that has a definition, and what it `belongs` to.
    """
    return f"""parts(belongs, catalog, oid) AS MATERIALIZED ({parts}
), reached(belongs, catalog, oid) AS (
    SELECT r.belongs, d.refclassid, d.refobjid FROM parts r {_NEXT}
    UNION SELECT r.belongs, d.refclassid, d.refobjid FROM reached r {_NEXT} WHERE r.catalog <> 'pg_class'::regclass
), mentioned AS (
    SELECT r.belongs, CASE r.catalog WHEN 'pg_class'::regclass THEN r.oid
        ELSE (SELECT y.typrelid FROM pg_type y WHERE y.oid = r.oid) END AS oid
    FROM reached r WHERE r.catalog IN ('pg_class'::regclass, 'pg_type'::regclass)
    UNION ALL SELECT p.belongs, p.oid FROM parts p WHERE p.catalog = 'pg_class'::regclass
)"""


def named(numbers: str, texts: Iterable[str]) -> frozenset[str]:
    """Return what is named in the definitions, of which it is listed that they name these."""
    unknown = any(each in text for text in texts for each in _UNKNOWN)
    return frozenset(numbers.split()) | ({ANY} if unknown else frozenset())
