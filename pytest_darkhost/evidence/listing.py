"""
What a verified bundle holds, as text: one table, then of each run what it did not judge and why it is no evidence.

All of it may come from a stranger: nothing in it is markup, and no control character reaches the terminal.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pytest_darkhost.evidence.spool import Spool
from pytest_darkhost.plain_text import one_line

_COLUMNS = (
    "line",
    "time",
    "commit",
    "venue",
    "mode",
    "planned",
    "passed",
    "warned",
    "failed",
    "n/a",
    "not run",
    "result",
)
_COUNTS = ("planned", "passed", "warned", "failed", "not_applicable", "not_run")
_SHOWN_ID = 12
_ROWS = 200
"""That are laid out at once, so that a long bundle needs no more memory than a short one."""
_WIDEST = 300
_GAP = 2
"""Blanks between two columns, at most."""
_NO_EVIDENCE = "NO EVIDENCE"


def show(console: Console, spool: Spool) -> None:
    """Print the table and the reasons."""
    widths = [len(name) for name in _COLUMNS]
    for entry in spool:
        widths = [max(pair) for pair in zip(widths, map(cell_len, _cells(entry)), strict=True)]
    console.width = max(console.width, sum(widths) + _GAP * len(widths))  # else rich leaves out the last columns
    entries, first = iter(spool), True
    while rows := tuple(islice(entries, _ROWS)):
        console.print(_table(rows, widths, header=first))
        first = False
    for entry in spool:
        for line in _reasons(entry):
            console.print(Text(line), soft_wrap=True)


class _Console(Console):
    """One that leaves it to us what an output means that nobody reads: by itself it exits with 1."""

    def on_broken_pipe(self) -> None:
        """Raise the error on."""
        raise BrokenPipeError


def wide_console() -> Console:
    """Return a console on which no row is wrapped: a narrow terminal must not lose what is no evidence."""
    return _Console(width=_WIDEST, highlight=False)


def _table(rows: Iterable[Mapping[str, Any]], widths: Iterable[int], *, header: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=header)
    for name, width in zip(_COLUMNS, widths, strict=True):
        table.add_column(name, no_wrap=True, min_width=width)
    for row in rows:
        table.add_row(*map(Text, _cells(row)), style="bold red" if row["unfit"] or row["what"] == "abandoned" else None)
    return table


def _cells(entry: Mapping[str, Any]) -> tuple[str, ...]:
    counts = entry["counts"] or {}
    told = (
        str(entry["line"]),
        entry["time"],
        entry["commit"][:_SHOWN_ID],
        ", ".join(entry["venues"]),
        ", ".join(entry["modes"]),
        *(str(counts.get(name, "")) for name in _COUNTS),
        _conclusion(entry),
    )
    return tuple(map(one_line, told))


def _conclusion(entry: Mapping[str, Any]) -> str:
    if entry["what"] == "key":
        return f"key changed to {entry['result'][:_SHOWN_ID]}"
    if entry["what"] == "abandoned":
        return f"{_NO_EVIDENCE}: opened, not closed"
    if entry["unfit"]:
        return f"{_NO_EVIDENCE}: {', '.join(each['code'] for each in entry['unfit'])} ({entry['result']})"
    return str(entry["result"])


def _reasons(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a run did not judge, and why it is no evidence."""
    if not entry["unfit"] and not entry["not_judged"]:
        return
    yield f"\nline {entry['line']}, run {one_line(entry['run_id'])}"
    for each in entry["unfit"]:
        yield f"  {_NO_EVIDENCE.lower()}, {one_line(each['code'])}: {one_line(each['what'], 1000)}"
    for each in entry["not_judged"]:
        yield f"  not judged, {one_line(each['code'])}: {one_line(each['node_id'])}: {one_line(each['why'])}"
