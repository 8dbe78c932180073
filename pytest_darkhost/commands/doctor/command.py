"""
What the command line of `darkhost doctor` says, and what is said back.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.outcomes import FINE, REFUSED

if TYPE_CHECKING:
    from pytest_darkhost.commands.doctor.finding import Finding

_SCHEMA_VERSION = 1
_OLD_DAYS = 90


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `doctor` to the console command."""
    parser = commands.add_parser(
        "doctor",
        help="say what is here for a run, what is missing, and what to do; sends nothing to a venue",
        epilog="Exit codes: 0 nothing is wrong, 1 something is, 2 usage.",
    )
    parser.add_argument(
        "--max-age",
        type=_days,
        default=_OLD_DAYS,
        metavar="DAYS",
        help=f"of cassettes and prices (default {_OLD_DAYS})",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=doctor)


def doctor(parsed: argparse.Namespace) -> int:
    """Print what was found. Returns the exit code: 1 where something is wrong."""
    from pytest_darkhost.commands.doctor.examination import examine
    from pytest_darkhost.commands.doctor.finding import State

    findings = examine(max_age_days=parsed.max_age)
    (_print_json if parsed.json else _print)(findings)
    return REFUSED if any(each.state is State.WRONG for each in findings) else FINE


def _days(text: str) -> int:
    if not text.isdecimal():
        msg = f"{text!r} is no number of days, expected such as {_OLD_DAYS}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _print_json(findings: "tuple[Finding, ...]") -> None:
    from pytest_darkhost import __version__

    found = [
        {"area": each.area, "state": each.state.value, "text": each.text, "to_do": each.to_do or None}
        for each in findings
    ]
    whole = {"doctor": _SCHEMA_VERSION, "version": __version__, "directory": str(Path.cwd()), "findings": found}
    sys.stdout.write(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")


def _print(findings: "tuple[Finding, ...]") -> None:
    from rich.console import Console
    from rich.text import Text

    from pytest_darkhost.commands.doctor.finding import State

    styles = {State.FINE: "green", State.NOTE: "yellow", State.WRONG: "red"}
    width = max(len(each.area) for each in findings)
    console = Console(soft_wrap=True, highlight=False)
    for each in findings:
        console.print(Text(f"{each.state:<6}", styles[each.state]) + Text(f"{each.area:<{width}}  {each.text}"))
        if each.to_do:
            console.print(Text(f"{'':<6}{'':<{width}}  to do: {each.to_do}"))
    counts = {state: sum(each.state is state for each in findings) for state in State}
    console.print(Text(", ".join(f"{count} {state}" for state, count in counts.items())))
