"""
The line that shows, on a terminal, what is in flight and what was spent while a test waits for its target.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import nullcontext
from typing import Any

import pytest

from pytest_darkhost.runner.broker import Broker, Status

_BEAT_S = 0.2
_BAR = 15
_NAMED = 3
_OF_CI = ("CI", "BUILD_NUMBER")
"""As pytest has it: a log that is kept, even where it is written through a terminal."""


def waiting(config: pytest.Config, broker: Broker, future: "Future[Any] | None") -> None:
    """Wait for a future; on a terminal, keep a status line under the current one meanwhile."""
    if future is None:
        return
    show = _writer(config)
    shown = False
    while True:
        try:
            future.exception(timeout=_BEAT_S)
        except FutureTimeoutError:
            if show:
                show(broker.status())
                shown = True
            continue
        break
    if show and shown:
        show(None)


def status_line(status: Status, columns: int) -> str:
    """Return the longest form that fits, such as `█░░  21/29 calls · groq 5/9 · in flight … · spent $0.0043 of $1`."""
    forms = [*_forms(status)]
    return next((form for form in forms if len(form) <= columns), forms[-1][:columns])


def _forms(status: Status) -> Iterator[str]:
    """Yield the line in ever shorter forms; what was spent is in all of them."""
    done, planned = sum(status.done.values()), sum(status.planned.values())
    filled = round(_BAR * done / max(planned, 1))
    bar = "█" * filled + "░" * (_BAR - filled)
    calls = f"{done}/{planned} calls"
    cap = "" if status.cap_usd is None else f" of ${status.cap_usd:f}"
    spent = f"spent ${status.spent_usd:.4f}{cap}"
    venues = _venues(status)
    for named in (_NAMED, 1):
        yield " · ".join((f"{bar}  {calls}", *venues, f"in flight {_few(status.in_flight, named)}", spent))
    yield " · ".join((f"{bar}  {calls}", f"in flight {_few(status.in_flight, 1)}", spent))
    yield f"{bar}  {calls} · {spent}"
    yield f"{calls} · {spent}"


def _venues(status: Status) -> tuple[str, ...]:
    """Return how far each venue is that has calls left, where there are several."""
    if len(status.planned) < 2:
        return ()
    left = [
        f"{venue} {status.done.get(venue, 0)}/{calls}"
        for venue, calls in status.planned.items()
        if status.done.get(venue, 0) < calls
    ]
    return (_few(left, _NAMED),) if left else ()


def _few(names: "tuple[str, ...] | list[str]", count: int) -> str:
    more = len(names) - count
    return (", ".join(names[:count]) or "-") + (f" and {more} more" if more > 0 else "")


def _writer(config: pytest.Config) -> "Callable[[Status | None], None] | None":
    """Return what writes under the current line of the terminal, or `None` where there is none to be drawn on."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not getattr(reporter, "isatty", False) or config.option.verbose < 0:
        return None
    if hasattr(config, "workerinput") or os.environ.get("TERM") == "dumb" or any(map(os.environ.get, _OF_CI)):
        return None
    capture = config.pluginmanager.get_plugin("capturemanager")
    writer = config.get_terminal_writer()

    def write(status: Status | None) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            # Asked now: while output is captured, nobody knows how wide the terminal is, and it may have changed.
            columns = max(shutil.get_terminal_size().columns - 1, 1)
            encoding = sys.__stdout__.encoding if sys.__stdout__ else "ascii"
            text = status_line(status, columns).encode(encoding, "replace").decode(encoding) if status else ""
            # Down one line, so that what pytest has written of the current one stays, and back to its column.
            sys.stdout.write(f"\n\r\x1b[2K{text}\x1b[1A\x1b[{writer.width_of_current_line + 1}G")
            sys.stdout.flush()

    return write
