"""
The console command `darkhost`, also `python -m pytest_darkhost`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.migrations.activations.command import add_command

_OK, _REFUSED, _USAGE = 0, 1, 2
_WIDEST = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command and return its exit code: 0 fine, 1 refused, 2 usage."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return _USAGE
    try:
        return int(parsed.run(parsed))
    except DarkhostError as error:
        sys.stderr.write(f"{error}\n")
        return _REFUSED


def _parser() -> argparse.ArgumentParser:
    from pytest_darkhost import __version__

    parser = argparse.ArgumentParser(prog="darkhost", description="Proves an LLM host before a team lights it.")
    parser.add_argument("--version", action="version", version=f"pytest-darkhost {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="")
    validate = commands.add_parser("validate", help="report all mistakes of venue specs; sends nothing")
    validate.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="spec files, or directories of them")
    validate.set_defaults(run=_validate)
    schema = commands.add_parser("schema", help="print the JSON Schema of a venue spec, for editors")
    schema.set_defaults(run=_schema)
    add_command(commands)
    cassettes = commands.add_parser("cassettes", help="list what cassettes say of themselves: origin, age, run, URL")
    cassettes.add_argument("directory", nargs="?", type=Path, default=Path("cassettes"), metavar="DIR")
    cassettes.add_argument("--specs", type=Path, metavar="DIR", help="to compare with; venue_specs, where there is one")
    cassettes.set_defaults(run=_cassettes)
    return parser


def _validate(parsed: argparse.Namespace) -> int:
    from pytest_darkhost.specs.discovery import find_specs
    from pytest_darkhost.specs.loader import load_venues

    paths = [spec for path in parsed.paths for spec in (find_specs([path]) if path.is_dir() else (path,))]
    venues = load_venues(tuple(paths), Path.cwd())
    for loaded in venues:
        sys.stdout.write(f"{loaded.path}: {loaded.spec.venue}, {len(loaded.spec.models)} models, fine\n")
    return _OK if venues else _REFUSED


def _cassettes(parsed: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from rich.console import Console

    from pytest_darkhost.cassettes.listing import listed, table_of
    from pytest_darkhost.specs.discovery import find_specs
    from pytest_darkhost.specs.loader import load_venues

    for directory, kind in ((parsed.directory, "cassettes"), (parsed.specs, "venue specs")):
        if directory and not directory.is_dir():
            sys.stderr.write(f"{directory}: no directory, expected one that holds {kind}\n")
            return _USAGE
    # A directory that does not exist holds none.
    venues = load_venues(tuple(find_specs([parsed.specs or Path("venue_specs")])), Path.cwd())
    found = listed(parsed.directory)
    if not found:
        sys.stderr.write(f"{parsed.directory}: no cassettes, expected such as {parsed.directory}/VENUE/MODEL.yaml\n")
        return _REFUSED
    # A narrow terminal wraps lines; it must not lose what was recorded and what was composed.
    Console(width=_WIDEST).print(table_of(found, venues, datetime.now(UTC)))
    problems = [each.problem for each in found if each.problem]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return _REFUSED if problems else _OK


def _schema(_parsed: argparse.Namespace) -> int:
    from pytest_darkhost.specs.schema import text

    sys.stdout.write(text())
    return _OK


if __name__ == "__main__":
    sys.exit(main())
