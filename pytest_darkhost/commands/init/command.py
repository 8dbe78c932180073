"""
What the command line of `darkhost init` says, and what is said back.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.outcomes import FINE

if TYPE_CHECKING:
    from pytest_darkhost.commands.init.steps import Step


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `init` to the console command."""
    parser = commands.add_parser("init", help="write what a repository needs for its first run; overwrites nothing")
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this one")
    parser.add_argument(
        "--venue",
        action="append",
        default=[],
        metavar="NAME",
        help="copy the shipped spec of this venue, such as together; a comma list; repeatable (default: local)",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the files and write none")
    parser.set_defaults(run=init)


def init(parsed: argparse.Namespace) -> int:
    """Write the files that are missing. Returns the exit code; raises `UsageError` before anything is written."""
    from pytest_darkhost.commands.init.steps import next_steps, steps_for
    from pytest_darkhost.commands.placing import place

    names = [name.strip() for given in parsed.venue for name in given.split(",") if name.strip()]
    steps = steps_for(parsed.directory, tuple(dict.fromkeys(names)))
    if parsed.dry_run:
        _show(steps)
        return FINE
    place(draft for step in steps if (draft := step.draft))
    for step in steps:
        sys.stdout.write(f"{step.line}\n")
    sys.stdout.write("\n" + "".join(f"{line}\n" for line in next_steps(steps, parsed.directory)))
    return FINE


def _show(steps: "tuple[Step, ...]") -> None:
    for step in steps:
        sys.stdout.write(f"# would be {step.line}\n" if step.draft else f"# {step.line}\n")
        if step.draft:
            sys.stdout.write(step.news.rstrip("\n") + "\n\n")
