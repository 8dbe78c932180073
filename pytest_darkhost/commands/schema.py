"""
`darkhost schema`: the JSON Schema of a venue spec, for editors.
"""

import argparse
import sys

from pytest_darkhost.commands.outcomes import FINE


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `schema` to the console command."""
    parser = commands.add_parser("schema", help="print the JSON Schema of a venue spec, for editors")
    parser.set_defaults(run=schema)


def schema(_parsed: argparse.Namespace) -> int:
    """Print the schema. Returns the exit code."""
    from pytest_darkhost.specs.schema import text

    sys.stdout.write(text())
    return FINE
