"""
The four gates, each a pure function of the facts, in the order in which they are gone through.
"""

from collections.abc import Callable

from pytest_darkhost.commands.activate.facts import Existing, Facts, Row
from pytest_darkhost.commands.activate.gate import Gate, Problem
from pytest_darkhost.commands.activate.proof import flaws
from pytest_darkhost.evidence.target_runs import Seen, TargetRun, VenueRun
from pytest_darkhost.evidence.unfit import listed


def keys(facts: Facts) -> Gate:
    """Return whether the key is there and, as far as the newest answers tell, good and paid for. Nothing is sent."""
    if isinstance(facts.key, Problem):
        return _shut("keys", facts.key)
    word = facts.seen.venue if isinstance(facts.seen, Seen) else None
    if word is None:
        said = "whether it is good and has credit, no evidence says: a smoke does"
        return Gate("keys", is_open=True, text=f"{facts.key}; {said}")
    if word.refusals:
        text = f"{facts.key}, and {facts.venue} refused it in {_run(word)}: {listed(word.refusals)}"
        return Gate(
            "keys", is_open=False, text=text, to_do=f"top the account up, or set another key; {facts.smoke.run}"
        )
    return Gate("keys", is_open=True, text=f"{facts.key}; {facts.venue} took it in {_run(word)}")


def path(facts: Facts) -> Gate:
    """Return whether it is recorded which schema path is taken."""
    if isinstance(facts.authorisation, Problem):
        return _shut("path", facts.authorisation)
    return Gate("path", is_open=True, text=str(facts.authorisation))


def evidence(facts: Facts) -> Gate:
    """Return whether the newest run that judged anything of the target is green, young, and of what there is now."""
    if isinstance(facts.row, Row) and facts.row.active:
        text = f"{facts.slug} is lit already in {facts.row.location}, expected a dark row"
        return Gate("evidence", is_open=False, text=text, to_do=f"pytest -m deployed --venue={facts.venue}")
    if isinstance(facts.seen, Problem):
        return _shut("evidence", facts.seen)
    run = facts.seen.target
    if run is None:
        text = f"{facts.evidence}: no run judged {facts.target}, expected a live one"
        return Gate("evidence", is_open=False, text=text, to_do=facts.smoke.run)
    if found := flaws(run, facts):
        text = f"{_run(run)}, the newest of {facts.target}, does not do: {'; '.join(found)}"
        to_do = facts.row.to_do if isinstance(facts.row, Problem) else facts.smoke.run
        return Gate("evidence", is_open=False, text=text, to_do=to_do)
    passed = len(run.outcomes.passed) if run.outcomes else 0
    text = f"{_run(run)}: {passed} checks passed, on this spec, row and version"
    return Gate("evidence", is_open=True, text=text)


def migration(facts: Facts) -> Gate:
    """Return whether the revision is there, or can be written."""
    found = facts.revision
    if isinstance(found, Problem):
        return _shut("migration", found)
    if isinstance(found, Existing):
        text = f"revision {found.revision} activates it already ({found.file}): nothing is written"
        return Gate("migration", is_open=True, text=text)
    ids = " and ".join(draft.revision for draft in found.drafts)
    return Gate("migration", is_open=True, text=f"revision {ids}, on top of {found.since}")


GATES: tuple[Callable[[Facts], Gate], ...] = (keys, path, evidence, migration)


def _run(run: TargetRun | VenueRun) -> str:
    return f"the run of {run.time:%Y-%m-%d} (line {run.line})"


def _shut(name: str, problem: Problem) -> Gate:
    return Gate(name, is_open=False, text=problem.text, to_do=problem.to_do)
