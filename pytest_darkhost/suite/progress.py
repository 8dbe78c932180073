"""
The line that shows, on a terminal, what is in flight and what was spent while a test waits for its target.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

import pytest

from pytest_darkhost.runner.broker import Broker, Status

_BEAT_S = 0.2
_BAR = 15
_IN_FLIGHT = 3


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
                show(status_line(broker.status()))
                shown = True
            continue
        break
    if show and shown:
        show("")


def status_line(status: Status) -> str:
    """Return `███░░░ 21/29 calls · in flight … · spent $0.0043`."""
    filled = round(_BAR * status.done / max(status.planned, 1))
    flying = ", ".join(status.in_flight[:_IN_FLIGHT])
    more = len(status.in_flight) - _IN_FLIGHT
    flying += f" and {more} more" if more > 0 else ""
    bar = "█" * filled + "░" * (_BAR - filled)
    return f"{bar}  {status.done}/{status.planned} calls · in flight {flying or '-'} · spent ${status.spent_usd:.4f}"


def _writer(config: pytest.Config) -> "Callable[[str], None] | None":
    """Return what writes under the current line of the terminal, or `None` where there is no terminal."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    if reporter is None or not getattr(reporter, "isatty", False) or config.option.verbose < 0:
        return None
    if hasattr(config, "workerinput") or os.environ.get("TERM") == "dumb":
        return None
    writer = config.get_terminal_writer()

    def write(text: str) -> None:
        # Down one line, so that what pytest has written of the current one stays, and back to its column.
        column = writer.width_of_current_line + 1
        encoding = sys.__stdout__.encoding if sys.__stdout__ else "ascii"
        safe = text[: max(writer.fullwidth - 1, 20)].encode(encoding, "replace").decode(encoding)
        codes = f"\n\r\x1b[2K{safe}\x1b[1A\x1b[{column}G"
        if capture is None:
            sys.stdout.write(codes)
            sys.stdout.flush()
            return
        with capture.global_and_fixture_disabled():
            sys.stdout.write(codes)
            sys.stdout.flush()

    return write
