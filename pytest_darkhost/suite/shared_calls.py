"""
The calls of a report, which many tests read: each is written once. `evidence.shared_calls` puts them back.
"""

from typing import Any

from pytest_darkhost.suite.carrier import PROPERTY

_NAME = "probes"


def share(report: dict[str, Any]) -> None:
    """Put each call of the tests into the run's object, once. One that differs from another of its name stays."""
    calls: dict[str, Any] = {}
    for test in report.get("tests", ()):
        probes = test.get("metadata", {}).get(PROPERTY, {}).get(_NAME, [])
        for index, record in enumerate(probes):
            if calls.setdefault(record["probe"], record) == record:
                probes[index] = record["probe"]
    report["darkhost"][_NAME] = calls
