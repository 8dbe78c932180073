"""
What a session is going to do, by its options alone: run tests, send requests, write cassettes.
"""

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite.run import Run

_NO_RUN = (
    "collectonly",
    "setuponly",
    "setupplan",
    "showfixtures",
    "show_fixtures_per_test",
    "markers",
    "cacheshow",
)
"""Options with which pytest runs no test."""


def runs_tests(run: Run) -> bool:
    """Return whether this session runs tests, and does not only list them."""
    option = run.config.option
    return not run.settings.plan_only and not any(getattr(option, name, 0) for name in _NO_RUN)


def sends(run: Run) -> bool:
    """Return whether this session may send anything: it runs tests, and live ones were asked for."""
    return run.live and runs_tests(run)


def records(run: Run) -> bool:
    """Return whether this session writes cassettes."""
    return sends(run) and run.settings.record


def require_live(run: Run) -> None:
    """Refuse options that mean nothing without live items."""
    for flag, given, verb in (
        ("--darkhost-plan", run.settings.plan_only, "plan"),
        ("--darkhost-record", run.settings.record, "record"),
        ("--darkhost-evidence", run.config.option.darkhost_evidence, "prove anything"),
    ):
        if given and not run.live:
            msg = f"{flag}: no live items selected, expected a live run to {verb}. Add -m live"
            raise UsageError(msg)
    _refuse_half_of_evidence(run)


def _refuse_half_of_evidence(run: Run) -> None:
    """Refuse options of evidence that contradict others or that nothing would come of. An ini file may name any."""
    option = run.config.option
    if option.darkhost_evidence and run.settings.plan_only:
        msg = "--darkhost-evidence: --darkhost-plan sends nothing, expected a run that does. Remove one of them"
        raise UsageError(msg)
    for flag, given in (
        ("--darkhost-key", option.darkhost_key),
        ("--darkhost-evidence-record", option.darkhost_evidence_record),
    ):
        if given and not run.settings.evidence:
            msg = f"{flag}: no folder named, expected one for the evidence. Add --darkhost-evidence=evidence"
            raise UsageError(msg)
