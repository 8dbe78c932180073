"""
What a person reads: the plan before, one table a venue after, one line a failure.
"""

import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pytest_darkhost.plan import Plan
from pytest_darkhost.probes import Probe
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.settings import NO_CATALOG
from pytest_darkhost.suite.tally import Entry, Spent, Tally

_COLUMNS = ("target", "cold", "warm", "TTFT", "tok/s", "cost", "verdict")
_NAMED = 3
_LAST_COLUMN = 60
_WIDEST = 300
_NARROW = 60
_STYLES = {"passed": "green", "failed": "red", "not judged": "yellow"}


def usd(amount: Decimal) -> str:
    """Return an amount with as many digits as smoke calls need."""
    return "$0" if amount == 0 else f"${amount:.6f}" if amount < Decimal("0.01") else f"${amount:.4f}"


def plan_lines(run: Run, plan: Plan) -> Iterator[str]:
    """Yield a line for each venue of the plan: catalog, targets, calls, worst case, cap."""
    for path in run.specs.wanted:
        if path.stem not in {probe.venue for probe in plan.probes}:
            continue
        spec, part = run.specs.load(path).spec, plan.of_venue(path.stem)
        targets = len({probe.model for probe in part.probes if probe.model})
        caps = [cap for cap in (spec.max_cost_usd, run.settings.max_cost_usd) if cap is not None]
        cap = f" (cap {usd(min(caps))})" if caps else ""
        if caps and part.worst_case_usd > min(caps):
            cap += ": calls that might exceed the cap will not be sent"
        calls = f"{_counted(targets, 'target')} · {_counted(len(part.probes), 'call')}"
        yield f"{spec.venue}: {_catalog_words(run)} · {calls} · at most {usd(part.worst_case_usd)}{cap}"


def _catalog_words(run: Run) -> str:
    """Return what the run compares with. A catalog that was not read yet is not read for this line."""
    if run.settings.catalog is None:
        return "reference catalog"
    catalog = run.read_catalog
    if catalog is None:
        return "no catalog" if run.settings.catalog == NO_CATALOG else "catalog not read"
    return f"catalog {catalog.location}" + (f" at {catalog.revision}" if catalog.revision else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_plan(writer: Any, run: Run, plan: Plan) -> None:
    """Print every call with its ceilings and its worst case, per target and in total."""
    table = _table(("call", "upstream model", "input tokens", "output tokens", "at most"))
    for owner, probes in plan.by_owner.items():
        part = Plan(probes)
        name = "/".join(word for word in (owner.venue, owner.model) if word)
        table.add_row(Text(name, "bold"), _counted(len(part.probes), "call"), "", "", usd(part.worst_case_usd))
        for probe in part.probes:
            table.add_row(*_plan_row(probe))
        table.add_row()
    _print(writer, table)
    for line in plan_lines(run, plan):
        writer.line(line)
    writer.line(f"total: {_counted(len(plan.probes), 'call')} · at most {usd(plan.worst_case_usd)} · nothing was sent")


def _plan_row(probe: Probe) -> tuple[str, ...]:
    call = escape(f"  {probe.name}[{probe.sample}]")
    if probe.request is None:
        return call, "-", "-", "-", usd(probe.worst_case_usd)
    ceilings = f"≤ {probe.input_token_ceiling}", f"≤ {probe.output_token_ceiling}"
    return call, escape(probe.request.model), *ceilings, usd(probe.worst_case_usd)


def print_tables(writer: Any, tally: Tally, spent: Spent) -> None:
    """Print one table a venue: cold, warm, TTFT, throughput, cost and verdict of each target."""
    live = [entry for entry in tally.entries.values() if entry.live and entry.data]
    for venue in dict.fromkeys(entry.data["venue"] for entry in live):
        entries = [entry for entry in live if entry.data["venue"] == venue]
        table = _table(_COLUMNS, title=f"{venue} · {usd(spent.by_venue.get(venue, Decimal(0)))}")
        for model in dict.fromkeys(entry.data["model"] for entry in entries):
            table.add_row(*_row(venue, model, [e for e in entries if e.data["model"] == model]))
        _print(writer, table)


def _row(venue: str, model: str | None, entries: list[Entry]) -> tuple[str | Text, ...]:
    figures = {entry.data["check"]: entry.data.get("figures") or {} for entry in entries}
    probes = {probe["probe"]: probe for entry in entries for probe in entry.data.get("probes", ())}
    cost = sum((Decimal(probe["cost_usd"]) for probe in probes.values()), Decimal(0))
    return (
        escape(model or f"({venue} itself)"),
        _milliseconds(figures.get("latency_cold", {})),
        _milliseconds(figures.get("latency_warm", {})),
        _milliseconds(figures.get("ttft", {})),
        _number(figures.get("throughput", {}).get("tokens_per_second_median")),
        usd(cost) if model else "-",
        _verdict(entries),
    )


def _milliseconds(figures: dict[str, Any]) -> str:
    median = figures.get("median_ms")
    if median is None:
        return "-"
    if figures.get("n", 1) == 1:
        return f"{median:.0f} ms (n=1)"
    return f"{median:.0f} [{figures['min_ms']:.0f}, {figures['max_ms']:.0f}] ms (n={figures['n']})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _verdict(entries: list[Entry]) -> Text:
    failed = [entry.data["check"] for entry in entries if entry.data["verdict"] == "failed"]
    left = [e.data["check"] for e in entries if e.data["verdict"] == "not_judged" and not _declared(e)]
    if failed:
        return Text(f"failed: {_shortened(failed)}", _STYLES["failed"])
    if left:
        return Text(f"not judged: {_shortened(left)}", _STYLES["not judged"])
    return Text("passed", _STYLES["passed"])


def _shortened(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _declared(entry: Entry) -> bool:
    return bool(entry.data["reason_code"] == "not_applicable")


def print_failures(writer: Any, tally: Tally) -> None:
    """Print one line a failure, at its line in the spec, and the command that repeats it."""
    for entry in tally.entries.values():
        if entry.outcome not in {"failed", "error"} or not entry.text:
            continue
        first, *rest = entry.text.splitlines()
        writer.line(f"FAILED {first}", red=True)
        for line in rest:
            if line.strip().startswith("again: "):
                writer.line(line)


def print_left(writer: Any, entries: Iterable[Entry]) -> None:
    """Print why checks were not judged, one line each, for reasons that fail the run."""
    for entry in entries:
        writer.line(f"NOT JUDGED {entry.nodeid}: {entry.data['reason_code']}: {entry.data['actual']}", yellow=True)


def _table(columns: tuple[str, ...], title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns[:-1]:
        table.add_column(column, no_wrap=True)
    table.add_column(columns[-1], overflow="fold", max_width=_LAST_COLUMN)
    return table


def _print(writer: Any, table: Table) -> None:
    if writer.fullwidth < _NARROW:
        for line in _stacked(table):
            writer.line(line)
        return
    console = Console(
        file=io.StringIO(),
        width=_WIDEST,
        force_terminal=writer.hasmarkup,
        no_color=not writer.hasmarkup,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        writer.line(line.rstrip())


def _stacked(table: Table) -> Iterator[str]:
    """Yield a table for a narrow terminal: of each row its first cell, and a line for each other with a value."""
    if table.title:
        yield str(table.title)
    headers = [str(column.header) for column in table.columns]
    for cells in zip(*(column.cells for column in table.columns), strict=True):
        first, *rest = (cell.plain if isinstance(cell, Text) else Text.from_markup(str(cell)).plain for cell in cells)
        yield first
        yield from (
            f"  {header}: {text}" for header, text in zip(headers[1:], rest, strict=True) if text not in {"", "-"}
        )
