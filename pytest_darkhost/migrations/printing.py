"""
Whether an activation that claims to be guarded refuses, in words, to be printed as SQL that nobody could rely on.
"""

from collections.abc import Iterator, Sequence

from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.lighting import Guard
from pytest_darkhost.migrations.steps import Raised

_ELSEWHERE = "mysql://nobody@nowhere.invalid/nothing"
"""A kind of database for which no activation is written here. It is never connected to."""
_CUT = 12


def refused_as_sql(copy: Ground, revision: Revision, script: str, end: Sequence[str]) -> Guard:
    """
    Return what was tried, and what went through.

    :param script: the SQL of the upgrade for this database.
    :param end: the end of the audit chain as it was named by `-x`; empty where the server finds it.
    """
    tried: list[str] = []
    for x in _malformed(script, end):
        tried.append(f"-x {x}, as SQL")
        if not isinstance(copy.printed(revision, (x,)), Raised):
            return Guard(tuple(tried), there=True, unguarded=tried[-1])
    printed = copy.printed(revision, tuple(end), url=_ELSEWHERE)
    if isinstance(printed, Raised) and printed.line is not None:
        tried.append("SQL for MySQL")
        if not printed.refused:
            return Guard(tuple(tried), there=True, unguarded=f"{tried[-1]}, as far as {printed}")
    return Guard(tuple(tried), there=True)


def _malformed(script: str, end: Sequence[str]) -> Iterator[str]:
    """Yield ends of the chain that are none, if the revision reads it by `-x` at all."""
    for each in end:
        name, _, place = each.partition("=")
        seq, _, last = place.partition(":")
        if last in script:
            yield f"{name}={seq}:{last[:_CUT]}"
            yield f"{name}=x:{last}"
