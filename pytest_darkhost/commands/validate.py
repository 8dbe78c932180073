"""
`darkhost validate`: all mistakes of venue specs. Sends nothing.
"""

import argparse
import sys
from pathlib import Path

from pytest_darkhost.commands.outcomes import FINE, REFUSED
from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.near import hint


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `validate` to the console command."""
    parser = commands.add_parser("validate", help="report all mistakes of venue specs; sends nothing")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="spec files, or directories of them")
    parser.set_defaults(run=validate)


def validate(parsed: argparse.Namespace) -> int:
    """Name each sound spec. Returns the exit code; raises `SpecError` with all mistakes."""
    from pytest_darkhost.specs.discovery import find_specs
    from pytest_darkhost.specs.loader import load_venues

    for path in parsed.paths:
        _refuse_absent(path)
    paths = [spec for path in parsed.paths for spec in (find_specs([path]) if path.is_dir() else (path,))]
    venues = load_venues(tuple(paths), Path.cwd())
    for loaded in venues:
        count = len(loaded.spec.models)
        sys.stdout.write(f"{loaded.path}: {loaded.spec.venue}, {count} model{'' if count == 1 else 's'}, fine\n")
    if not venues:
        named = ", ".join(map(str, parsed.paths))
        sys.stderr.write(f"{named}: no spec files, expected such as venue_specs/NAME.yaml. Try: darkhost init\n")
    return FINE if venues else REFUSED


def _refuse_absent(path: Path) -> None:
    if not path.exists():
        beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        to_do = hint(path.name, beside) or ". Try: darkhost init"
        msg = f"{path}: no such file or directory, expected spec files, or directories of them{to_do}"
        raise ArgumentError(msg)
