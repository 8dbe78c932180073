"""
The report of a live run as short as it can be: without what only repeats, and in one spelling, without blanks.

Each number that it holds is one that JSON's writers spell alike, so that who verifies it can see by writing it again
that no key stands twice.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_darkhost.suite.carrier import PROPERTY
from pytest_darkhost.whole_files import replace_file

_SEPARATORS = (",", ":")
STAGES = ("setup", "call", "teardown")
_DIGITS = 4
"""Of a duration in seconds. Writers of JSON differ in how they spell what is smaller, such as 0.00004."""


def shorten(report: dict[str, Any]) -> None:
    """
    Leave out what pytest was collecting where nothing failed, and the keywords of checks, which are parts of their ids.

    A user's own tests keep their keywords: their marks may mean something.
    """
    if "collectors" in report:
        report["collectors"] = [each for each in report["collectors"] if each["outcome"] != "passed"]
        if not report["collectors"]:
            del report["collectors"]
    for test in report.get("tests", ()):
        if "spec" in test.get("metadata", {}).get(PROPERTY, {}):
            test.pop("keywords", None)
        for stage in (test[name] for name in STAGES if name in test):
            stage["duration"] = round(stage["duration"], _DIGITS)


def spelled(report: Any) -> bytes:
    """
    Return a report in its one spelling; in ASCII where a text has no UTF-8, as that of a file name can.
    """
    try:
        return json.dumps(report, ensure_ascii=False, separators=_SEPARATORS).encode()
    except UnicodeEncodeError:
        return json.dumps(report, separators=_SEPARATORS).encode()


def rewrite(path: Path, report: Any) -> None:
    """Put a report in its one spelling in the place of another. Where there is no room for both, the other stays."""
    with suppress(OSError):
        replace_file(path, spelled(report))
