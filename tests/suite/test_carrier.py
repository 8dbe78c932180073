"""What a report carries of a test's `darkhost` object."""

import json
from types import SimpleNamespace

from pytest_darkhost.suite.carrier import PROPERTY, darkhost_property


def report(*verdicts):
    """Return as much of a report as is read; one property for each time that the test was run."""
    return SimpleNamespace(user_properties=[(PROPERTY, json.dumps({"verdict": verdict})) for verdict in verdicts])


def test_of_a_test_that_was_run_again_the_last_verdict_counts():
    """As in the JSON report: a test of one's own that passed the second time is no failure, and is told as rerun."""
    assert darkhost_property(report("failed", "passed")) == {"verdict": "passed"}
    assert darkhost_property(report("passed")) == {"verdict": "passed"}
    assert darkhost_property(report()) is None
