"""
What a person reads at the end: a line for each revision that wrote rows or failed, and why checks were not judged.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_darkhost.verdicts import ReasonCode

if TYPE_CHECKING:
    from pytest_darkhost.migrations.baseline import Accepted

_MOST_LINES = 20
_PLAIN = frozenset({"passed", "not judged"})
_MOST_TABLES = 2
_QUIET = frozenset({ReasonCode.UNDECLARED.value, ReasonCode.DOWNGRADE_REFUSED.value, ReasonCode.NO_SQL.value})
"""Reasons that say something of the revision, not of the run."""
_HEAD = ("revision", "database", "upgrade", "downgrade", "locks", "time", "verdict")
Row = tuple[str, ...]


def summary_lines(seen: Iterable[dict[str, Any]], *, verbose: bool) -> Iterator[str]:
    """
    Yield the lines of a table, then one for each reason for which checks were not judged.

    :param seen: the `darkhost` objects of migration checks.
    :param verbose: every revision has its line; else those that wrote no rows and did not fail are counted.
    """
    data = [each for each in seen if each.get("revision")]
    by_key: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for each in data:
        by_key.setdefault(_key(each), []).append(each)
    several = len({history for history, _, _ in by_key}) > 1
    rows = [_row(key, found, several=several) for key, found in by_key.items()]
    told = [row for row in rows if verbose or row[-1] not in _PLAIN or any(" · " in cell for cell in row)]
    kept = told if verbose else told[:_MOST_LINES]
    if kept:
        yield from _aligned([_HEAD, *kept])
    if len(rows) > len(kept):
        left = Counter(row[-1] for row in rows if row not in kept)
        yield "and " + ", ".join(f"{number} {word}" for word, number in left.items()) + " (all with -v)"
    yield from _unjudged(data)


def unneeded_lines(baseline: "Iterable[Accepted]", seen: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each accepted finding that was not found although its test was run."""
    used = {data.get("accepted") for data in seen.values()}
    for each in baseline:
        if each.finding in seen and each.place not in used:
            yield f"{each.place}: {each.finding} does not fail with {each.says!r} any more. Take the entry out"


def _key(each: dict[str, Any]) -> tuple[str, str, str]:
    return each["history"], each["revision"], each["database"]


def _row(key: tuple[str, str, str], data: list[dict[str, Any]], *, several: bool) -> Row:
    by_check = {each["check"]: each.get("figures") or {} for each in data}
    up, down = by_check.get("upgrade", {}), by_check.get("downgrade", {})
    elapsed = [figures["elapsed_ms"] for figures in (up, down) if "elapsed_ms" in figures]
    time = f"{sum(elapsed):.0f} ms" if elapsed else "-"
    revision = f"{key[0]} {key[1]}" if several else key[1]
    return revision, key[2], _statements(up), _statements(down), _locks(by_check.get("locks", {})), time, _verdict(data)


def _statements(figures: dict[str, Any]) -> str:
    """Return `3 statements · UPDATE models 1`."""
    if "statements" not in figures:
        return "-"
    rows = [f"{name} {'?' if count is None else count}" for name, count in (figures.get("rows") or {}).items()]
    number = figures["statements"]
    more = [f"and {len(rows) - _MOST_TABLES} more"] if len(rows) > _MOST_TABLES else []
    return " · ".join((f"{number} statement{'' if number == 1 else 's'}", *rows[:_MOST_TABLES], *more))


def _locks(figures: dict[str, Any]) -> str:
    """Return the strongest lock that blocks others: `ACCESS EXCLUSIVE models 3 ms`, and how many more there are."""
    blocking = [each for each in figures.get("locks", ()) if each["blocks"]]
    if not blocking:
        return "-"
    first = blocking[0]
    more = f" and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    return f"{first['mode']} {first['relation']} {first['held_ms']:.0f} ms{more}"


def _verdict(data: list[dict[str, Any]]) -> str:
    failed = [each["check"] for each in data if each["verdict"] == "failed" and not each.get("accepted")]
    if failed:
        return f"failed: {', '.join(failed)}"
    accepted = [each["check"] for each in data if each.get("accepted")]
    if accepted:
        return f"accepted: {', '.join(accepted)}"
    return "passed" if any(each["verdict"] == "passed" for each in data) else "not judged"


def _aligned(rows: list[Row]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _unjudged(data: list[dict[str, Any]]) -> Iterator[str]:
    reasons = Counter(
        (each["reason_code"], each["database"], each["actual"])
        for each in data
        if each["verdict"] == "not_judged" and each["reason_code"] not in _QUIET
    )
    for (code, database, reason), number in reasons.items():
        yield f"not judged: {number} on {database}: {code}: {reason}"
