"""
What carries a test's `darkhost` object to the report, under pytest-xdist too: a user property, as JSON text.
"""

import json
from typing import Any

import pytest

PROPERTY = "darkhost"
"""Its name."""


def darkhost_property(report: pytest.TestReport) -> dict[str, Any] | None:
    """Return the `darkhost` object that a report carries: of a test that was run again, the last one."""
    text = next((value for name, value in reversed(report.user_properties) if name == PROPERTY), None)
    return json.loads(text) if isinstance(text, str) else None


def move_property(test: dict[str, Any]) -> None:
    """Move the object of a test of the JSON report under `metadata`, where it is one and no text."""
    properties = test.get("user_properties", [])
    mine = [entry[PROPERTY] for entry in properties if PROPERTY in entry]
    if not mine:
        return
    test.setdefault("metadata", {})[PROPERTY] = json.loads(mine[-1])
    rest = [entry for entry in properties if PROPERTY not in entry]
    if rest:
        test["user_properties"] = rest
    else:
        del test["user_properties"]
