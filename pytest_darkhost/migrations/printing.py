"""
An activation as SQL, as `alembic upgrade --sql` and `alembic downgrade --sql` print it: what that does without Alembic,
and whether it refuses, in words, to be printed where nobody could rely on it.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from pytest_darkhost.catalog.audit import NO_ENTRY
from pytest_darkhost.catalog.names import bare_name, schema_of
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.entries import unreadable
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.lighting import Guard, Offline
from pytest_darkhost.migrations.noting import chain_of, count, newest
from pytest_darkhost.migrations.scripts import execute_script
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, Raised

_ELSEWHERE = "mssql://nobody@nowhere.invalid/nothing"
"""A kind of database for which no activation is written here. It is never connected to."""
_CUT = 12


def as_sql(copy: Ground, revision: Revision, direction: Direction, wanted: Snapshot) -> tuple[str, Offline]:
    """
    Return the SQL of one way, and what it does. Empty where there is none.

    :param wanted: what Alembic made of the database that way.
    """
    script = copy.printed(revision, tuple(end_of_chain(copy)), direction=direction)
    if isinstance(script, Raised):
        return "", Offline(unprinted=str(script))
    before = count(copy)
    problem = execute_script(copy.engine, script)
    if problem:
        return script, Offline(raised=problem)
    parted = essential(differences(wanted, copy.snapshot()))
    return script, Offline(entries=newest(copy, count(copy) - before), chain=chain_of(copy), parted=parted)


def end_of_chain(ground: Ground) -> Iterator[str]:
    """Yield what a written activation wants to know by `-x` where a database computes no hash."""
    names = ground.itinerary.names.audit
    with ground.connected() as connection:
        if connection.dialect.name == "sqlite" and not unreadable(connection, names):
            table = sa.table(bare_name(names), sa.column(names.seq), sa.column(names.hash), schema=schema_of(names))
            query = sa.select(*table.c).order_by(table.c[names.seq].desc()).limit(1)
            seq, last = connection.execute(query).first() or (0, NO_ENTRY)
            yield f"audit={seq}:{last}"


def refused_as_sql(copy: Ground, revision: Revision, script: str, end: Sequence[str]) -> Guard:
    """
    Return what was tried, and what went through.

    :param script: the SQL of the upgrade for this database.
    :param end: the end of the audit chain as it was named by `-x`; empty where the server finds it.
    """
    tried: list[str] = []
    for x in _malformed(script, end):
        tried.append(f"-x {x}, as SQL")
        printed = copy.printed(revision, (x,))
        if not isinstance(printed, Raised):
            return Guard(tuple(tried), there=True, unguarded=tried[-1])
        if not _in_words(printed):
            return Guard(tuple(tried), there=True, unguarded=f"{tried[-1]}, as far as {printed}")
    printed = copy.printed(revision, tuple(end), url=_ELSEWHERE)
    if isinstance(printed, Raised) and printed.line is not None:
        tried.append("SQL for SQL Server")
        if not _in_words(printed):
            return Guard(tuple(tried), there=True, unguarded=f"{tried[-1]}, as far as {printed}")
    return Guard(tuple(tried), there=True)


def _in_words(raised: Raised) -> bool:
    return raised.refused or raised.deliberate


def _malformed(script: str, end: Sequence[str]) -> Iterator[str]:
    """Yield ends of the chain that are none, if the revision reads it by `-x` at all."""
    for each in end:
        name, _, place = each.partition("=")
        seq, _, last = place.partition(":")
        if last in script:
            yield f"{name}={seq}:{last[:_CUT]}"
            yield f"{name}=x:{last}"
