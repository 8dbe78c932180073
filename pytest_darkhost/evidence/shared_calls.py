"""
The calls of a report: each stands once in the run's object, under its name, and in a test stands the name of each that
it read. Here names become what they stand for.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from pytest_darkhost.evidence.items import said_of
from pytest_darkhost.evidence.shape import Shape

_NAME = "probes"
"""Of the object of all calls in the run's object, and of the list of those that a test read in the test's."""
Record: TypeAlias = Mapping[str, Any]


class SharedCalls:
    """The calls of one report, by name."""

    def __init__(self, report: Record, place: str, line: int | None = None) -> None:
        """
        Read them from the run's object, if it has any.

        :raises EvidenceError: `report`, when a call has two names.
        """
        self._shape = Shape(report, place, "report", line)
        run = report.get("darkhost")
        self._by_name = run.get(_NAME, {}) if type(run) is dict else {}
        _check(self._by_name, self._shape)

    def read_by(self, said: Record) -> tuple[Record, ...]:
        """
        Return the records of the calls that a test read which says this of itself.

        :raises EvidenceError: `report`, when it names a call that is not there.
        """
        probes = said.get(_NAME)
        if type(probes) is not list:
            return ()
        try:
            return tuple(map(self._by_name.__getitem__, probes))
        except (KeyError, TypeError):
            return tuple([each for each in self._each(probes) if type(each) is dict])

    def put_into(self, said: Record) -> None:
        """Put records in the place of the names. Raises what `read_by` does."""
        probes = said.get(_NAME)
        if type(probes) is list:
            probes[:] = self._each(probes)

    def _each(self, probes: list[Any]) -> list[Any]:
        """Return what names stand for; a record that stands in a test itself stays as it is."""
        try:
            return [self._by_name[each] if type(each) is str else each for each in probes]
        except KeyError as error:
            self._shape.refuse(f"a test names the call {error.args[0]!r:.200}", "one that is there")


def spread(report: Record, place: str) -> None:
    """
    Put each call into the tests of a report that name it, for who shows it. Idempotent.

    :raises EvidenceError: `report`, when a test names a call that is not there, or a call has two names.
    """
    calls, tests = SharedCalls(report, place), report.get("tests")
    for test in tests if type(tests) is list else ():
        calls.put_into(said_of(test))


def _check(calls: Any, shape: Shape) -> None:
    if type(calls) is not dict:
        shape.refuse(f"`{_NAME}` is no object", "one of all calls by name")
    for name, record in calls.items():
        if type(record) is not dict or record.get("probe") != name:
            shape.refuse(f"the call {name!r:.200} is not that of its name", "each under its own")
