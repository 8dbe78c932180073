"""
The calls of a report: each stands once in the run's object, under its name, and in a test stands the name of each that
it read. Here names become what they stand for.
"""

from typing import Any

from pytest_darkhost.evidence.items import said_of
from pytest_darkhost.evidence.shape import Shape

_NAME = "probes"
"""Of the object of all calls in the run's object, and of the list of those that a test read in the test's."""


def spread(report: dict[str, Any], place: str, line: int | None = None) -> None:
    """
    Put each call into the tests that name it. A record that stands in a test itself stays as it is.

    :raises EvidenceError: `report`, when a test names a call that is not there, or a call has two names.
    """
    shape = Shape(report, place, "report", line)
    run = report.get("darkhost")
    calls = run.get(_NAME, {}) if type(run) is dict else {}
    _check(calls, shape)
    tests = report.get("tests")
    for test in tests if type(tests) is list else ():
        probes = said_of(test).get(_NAME)
        if type(probes) is list:
            try:
                probes[:] = [calls[each] if type(each) is str else each for each in probes]
            except KeyError as error:
                shape.refuse(f"a test names the call {error.args[0]!r:.200}", "one that is there")


def _check(calls: Any, shape: Shape) -> None:
    if type(calls) is not dict:
        shape.refuse(f"`{_NAME}` is no object", "one of all calls by name")
    for name, record in calls.items():
        if type(record) is not dict or record.get("probe") != name:
            shape.refuse(f"the call {name!r:.200} is not that of its name", "each under its own")
