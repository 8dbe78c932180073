"""
`darkhost cassettes`: what cassettes say of themselves.
"""

import argparse
import sys
from pathlib import Path

from pytest_darkhost.commands.outcomes import FINE, REFUSED
from pytest_darkhost.errors import ArgumentError

_WIDEST = 300


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `cassettes` to the console command."""
    parser = commands.add_parser("cassettes", help="list what cassettes say of themselves: origin, age, run, URL")
    parser.add_argument(
        "directory", nargs="?", type=Path, default=Path("cassettes"), metavar="DIR", help="default: cassettes"
    )
    parser.add_argument(
        "--specs", type=Path, metavar="DIR", help="to compare with (default: venue_specs, where there is one)"
    )
    parser.set_defaults(run=cassettes)


def cassettes(parsed: argparse.Namespace) -> int:
    """Print a line for each cassette. Returns the exit code: 1 where one cannot be read, or there is none."""
    from datetime import UTC, datetime

    from rich.console import Console

    from pytest_darkhost.cassettes.listing import listed, table_of
    from pytest_darkhost.specs.discovery import find_specs
    from pytest_darkhost.specs.loader import load_venues

    for directory, kind in ((parsed.directory, "cassettes"), (parsed.specs, "venue specs")):
        if directory and not directory.is_dir():
            msg = f"{directory}: no directory, expected one that holds {kind}"
            raise ArgumentError(msg)
    # A directory that does not exist holds none.
    venues = load_venues(tuple(find_specs([parsed.specs or Path("venue_specs")])), Path.cwd())
    found = listed(parsed.directory)
    if not found:
        sys.stderr.write(f"{parsed.directory}: no cassettes, expected such as {parsed.directory}/VENUE/MODEL.yaml\n")
        return REFUSED
    # A narrow terminal wraps lines; it must not lose what was recorded and what was composed.
    Console(width=_WIDEST).print(table_of(found, venues, datetime.now(UTC)))
    problems = [each.problem for each in found if each.problem]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return REFUSED if problems else FINE
