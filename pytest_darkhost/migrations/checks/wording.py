"""
Differences and failed runs in words, and the verdicts that are made of them.
"""

import re
from collections.abc import Iterator, Sequence

from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.steps import Raised, Step
from pytest_darkhost.verdicts import Failed

_MOST_LISTED = 10
_MOST_SHOWN = 120
_MOST_LED_IN = 30
_NO_TABLE = re.compile(r"no such table|nosuchtable|undefinedtable|\(1146,", re.IGNORECASE)
"""SQLite; SQLAlchemy, which looks before a batch; drivers of PostgreSQL; drivers of MySQL and MariaDB."""
_NO_EXTENSION = re.compile(r'extension "[^"]+" is not available')
_BOUND_BY_SERVER = re.compile(r"\$\d\b|prepared statement")
_LOCKED = "database is locked"
MADE_UP = "the revision makes these values up each time? 'volatile' in what it declares leaves them out"
_SAYS_SO = "NotImplementedError says so, and is not judged"
ONE_WAY = f"it does nothing on purpose? {_SAYS_SO}"
_REFUSES = f"it refuses on purpose? {_SAYS_SO}"
_ELSEWHERE = "the embedded server has few extensions: --darkhost-database=URL names a server that has it"
_ANOTHER_DRIVER = (
    "psycopg 3 has the server fill in parameters. Production has another driver? sqlalchemy.url in the ini names it, "
    "or --darkhost-database=postgresql+psycopg2"
)
_CONNECTION_OF_ITS_OWN = (
    "the revision writes by a connection of its own, such as op.get_bind().engine, while that of the migration is in a "
    "transaction. Let it write by op.get_bind() or op.execute(): docs/migrations.md, 'Limits'"
)
_BEGINS_WITH_TABLES = (
    "the history begins with tables that something else makes: docs/migrations.md, 'What is there before'"
)


def shown(each: Difference) -> str:
    """Return a difference in words: table, row key, column, before and after; or the object of the schema."""
    if each.kind == "row":
        row = f"{each.name} {each.key}" if each.key else each.name
        if each.column is None:
            return f"{row}: row {each.change}"
        return f"{row}: {each.column}: {_both(each)}"
    if each.change != "changed":
        return f"{each.kind} {each.name}: {each.change}"
    return f"{each.kind} {each.name}: {_both(each)}"


def differing(expected: str, differences: Sequence[Difference], trip: RoundTrip, perhaps: str | None = None) -> Failed:
    """
    Return the verdict on differences that should not be there. There is at least one.

    :param perhaps: what may be behind it, and what to do then.
    """
    first, *rest = differences
    more = len(rest)
    listed = tuple(("and", shown(each)) for each in rest[:_MOST_LISTED])
    left_out = (("and", f"{more - _MOST_LISTED} more"),) if more > _MOST_LISTED else ()
    counted = f" ({len(differences)} differences)" if more else ""
    hint = (("perhaps", perhaps),) if perhaps else ()
    return Failed(expected, f"{shown(first)}{counted}", (*listed, *left_out, *hint, ("database", trip.database)))


def raising(expected: str, step: Step, trip: RoundTrip) -> Failed:
    """Return the verdict on a run that raised."""
    raised = step.raised
    return Failed(expected, f"it raised {raised}", tuple(_circumstances(step, raised, trip)))


def _circumstances(step: Step, raised: Raised | None, trip: RoundTrip) -> Iterator[tuple[str, str]]:
    if raised and raised.line:
        yield "at", f"{trip.revision.shown}:{raised.line}"
    own = [each.text for each in step.statements if not each.incidental]
    if own:
        yield "after", own[-1]
    if step.output.strip():
        yield "printed", _value(step.output.strip()[-_MOST_SHOWN * 4 :], _MOST_SHOWN * 4)
    if raised:
        yield from (("perhaps", each) for each in _perhaps(step, raised, trip))
    if step is trip.upgrade:
        yield from (("waited for", str(holder)) for holder in trip.holders)
    yield "database", trip.database


def _perhaps(step: Step, raised: Raised, trip: RoundTrip) -> Iterator[str]:
    """Yield what is often behind such an error, and what to do then."""
    if step is trip.upgrade and _NO_TABLE.search(str(raised)):
        yield _BEGINS_WITH_TABLES
    if _NO_EXTENSION.search(raised.text):
        yield _ELSEWHERE
    if trip.database == "sqlite" and _LOCKED in raised.text:
        yield _CONNECTION_OF_ITS_OWN
    if trip.database == "postgresql" and _BOUND_BY_SERVER.search(raised.text):
        yield _ANOTHER_DRIVER
    if step is trip.downgrade and raised.deliberate and not (step.statements or trip.is_activation):
        yield _REFUSES


def _both(each: Difference) -> str:
    """Return both values; of long ones what they begin with alike is left out, so that it is seen where they part."""
    before, after = _text(each.before), _text(each.after)
    parting = (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    alike = next(parting, 0) - _MOST_LED_IN
    if max(len(before), len(after)) > _MOST_SHOWN and alike > 0:
        before, after = f"…{before[alike:]}", f"…{after[alike:]}"
    return f"before {_cut(before)}, after {_cut(after)}"


def _value(value: object, most: int = _MOST_SHOWN) -> str:
    return _cut(_text(value), most)


def _text(value: object) -> str:
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)


def _cut(text: str, most: int = _MOST_SHOWN) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
