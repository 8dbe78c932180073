"""
The `darkhost` objects of tests that no check's verdict gives one: a team's own, and items that ended early.
"""

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.suite.items import CheckItem
from pytest_darkhost.suite.record import PROPERTY, as_text, own_test_record, record
from pytest_darkhost.suite.run import RUN
from pytest_darkhost.suite.sources import target_of
from pytest_darkhost.verdicts import Failed, NotJudged, ReasonCode

SKIPPED = "skipped"
"""Reason code of what a mark, a fixture or a test skipped."""

_NO_CASSETTE = f"{ReasonCode.NO_CASSETTE}: "


def note_unjudged(item: CheckItem, call: pytest.CallInfo[None]) -> None:
    """Give an item that ended before it had a verdict its `darkhost` object: it must not look as if it had passed."""
    if call.excinfo is None or any(name == PROPERTY for name, _ in item.user_properties):
        return
    said = next(iter(call.excinfo.exconly(tryshort=True).splitlines()), "")
    skipped = call.excinfo.errisinstance(pytest.skip.Exception)
    verdict = NotJudged(SKIPPED, str(call.excinfo.value)) if skipped else Failed("a verdict", f"it broke: {said}")
    item.user_properties.append((PROPERTY, as_text(record(item, verdict), item.run_state.redactor)))


def lacks_cassette(call: pytest.CallInfo[None]) -> bool:
    """Return whether a test ended because there was no cassette to replay."""
    if call.excinfo is None or not call.excinfo.errisinstance(pytest.skip.Exception):
        return False
    return str(call.excinfo.value).startswith(_NO_CASSETTE)


def note_own_test(item: pytest.Item, call: pytest.CallInfo[None], source: Source) -> None:
    """Give a team's own test that read observations its `darkhost` object."""
    from pytest_darkhost.observations import Observations

    seen = getattr(item, "funcargs", {}).get("darkhost_observations", Observations({}))
    if not isinstance(seen, Observations):
        return
    data = own_test_record(item, seen, target_of(item), source=source, passed=call.excinfo is None)
    if call.excinfo and call.excinfo.errisinstance(pytest.skip.Exception):
        code = ReasonCode.NO_CASSETTE.value if lacks_cassette(call) else SKIPPED
        data |= {"verdict": "not_judged", "reason_code": code, "actual": str(call.excinfo.value)}
    item.user_properties.append((PROPERTY, as_text(data, item.config.stash[RUN].redactor)))
