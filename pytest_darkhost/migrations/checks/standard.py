"""
The checks of any revision: it runs with rows in place, is undone without a trace, and gives the same a second time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_darkhost.migrations.checks.comparing import lasting, left_behind
from pytest_darkhost.migrations.checks.wording import MADE_UP, ONE_WAY, differing, raising
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.row_states import row_states
from pytest_darkhost.migrations.statements import Statement
from pytest_darkhost.migrations.steps import Step
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Passed, ReasonCode, Verdict

WARNING = "warning"
"""The title of facts that do not fail a check and should still be seen."""


def upgrade(trip: RoundTrip) -> Verdict:
    """Return whether the revision runs from the one below, with rows in place."""
    return _ran("the upgrade to run", trip.upgrade, trip)


def downgrade(trip: RoundTrip) -> Verdict:
    """Return whether rows and schema are afterwards as they were before the upgrade."""
    verdict = _undone(trip)
    return replace(verdict, figures={**verdict.figures, **row_states(trip)})


def _undone(trip: RoundTrip) -> Verdict:
    expected = "rows and schema as before the upgrade"
    step = trip.downgrade
    if step is None:
        return upgrade_failed(trip)
    if step.raised and step.raised.refused and not trip.is_activation:
        return NotJudged(ReasonCode.DOWNGRADE_REFUSED, f"the downgrade refuses: {step.raised}")
    if step.raised:
        return _ran(expected, step, trip)
    left = left_behind(trip)
    if left:
        return replace(differing(expected, left, trip, _why_left(step, trip)), figures=figures(step))
    return _ran(expected, step, trip)


def upgrade_again(trip: RoundTrip) -> Verdict:
    """Return whether the upgrade runs once more after the downgrade, and gives the same."""
    expected = "a second upgrade to give what the first one gave"
    if trip.downgrade is None:
        return upgrade_failed(trip)
    if trip.again is None:
        return downgrade_failed(trip)
    if trip.again.raised:
        return raising(expected, trip.again, trip)
    parted = lasting(trip)
    return differing(expected, parted, trip, _why_parted(parted)) if parted else Passed(expected, "the same")


def untouched(trip: RoundTrip) -> Verdict:
    """Return whether nothing changed but what is declared."""
    expected = "nothing changed but what is declared"
    declaration = trip.declaration
    if declaration is None or declaration.changes is None:
        return NotJudged(ReasonCode.UNDECLARED, "neither the revision nor a spec declares what it may change")
    if trip.upgrade.raised:
        return upgrade_failed(trip)
    from pytest_darkhost.migrations.undeclared import undeclared

    found = undeclared(trip.changed, declaration)
    if found:
        failed = differing(expected, found, trip)
        return Failed(expected, failed.actual, (*failed.context, ("declared in", declaration.place)))
    return Passed(expected, f"{len(trip.changed)} differences, all declared in {declaration.place}")


def upgrade_failed(trip: RoundTrip) -> NotJudged:
    """Return the verdict of what needs an upgrade that ran."""
    return NotJudged(ReasonCode.UPGRADE_FAILED, f"the upgrade did not run: {trip.upgrade.raised}")


def downgrade_failed(trip: RoundTrip) -> NotJudged:
    """Return the verdict of what needs a downgrade that ran, and a copy of the database."""
    if trip.lighting is not None and trip.lighting.uncopied:
        return NotJudged(ReasonCode.NO_COPY, trip.lighting.uncopied)
    said = trip.downgrade.raised if trip.downgrade else trip.upgrade.raised
    return NotJudged(ReasonCode.DOWNGRADE_FAILED, f"the downgrade did not run: {said}")


def _why_left(step: Step, trip: RoundTrip) -> str | None:
    return None if step.statements or trip.is_activation else ONE_WAY


def _why_parted(parted: Iterable[Difference]) -> str | None:
    made_up = all(each.kind == "row" and each.column for each in parted)
    return MADE_UP if made_up else None


def _ran(expected: str, step: Step, trip: RoundTrip) -> Verdict:
    """Return whether a run ended well, and each statement that should change rows touched some."""
    if step.raised:
        return replace(raising(expected, step, trip), figures=figures(step))
    empty = [each for each in step.data if each.touched_nothing]
    if empty and (trip.is_activation or trip.strict_rows):
        facts = (*_placed(empty, trip), ("database", trip.database))
        return Failed("each UPDATE and DELETE to touch a row", _untouching(empty[0]), facts, figures(step))
    warnings = tuple((WARNING, f"{_untouching(each)} ({_at(each, trip)})") for each in empty)
    return Passed(expected, f"{len(step.statements)} statements", warnings, figures(step))


def figures(step: Step) -> dict[str, JSON]:
    """Return what is reported of a run in numbers."""
    rows: dict[str, JSON] = {}
    for each in step.data:
        name = f"{each.verb} {each.table}".strip()
        known = rows.get(name, 0)
        rows[name] = None if each.rows is None or not isinstance(known, int) else known + each.rows
    return {"statements": len(step.statements), "rows": rows, "elapsed_ms": round(step.elapsed_ms, 3)}


def _untouching(each: Statement) -> str:
    return f"{each.verb} {each.table} touched no row".replace("  ", " ")


def _placed(statements: list[Statement], trip: RoundTrip) -> Iterator[tuple[str, str]]:
    for each in statements:
        yield "at", f"{_at(each, trip)}: {each.text}"


def _at(each: Statement, trip: RoundTrip) -> str:
    return f"{trip.revision.shown}:{each.line}" if each.line else trip.revision.shown
