"""
`darkhost new`: the commands that write a file for a human to review.
"""

import argparse

from pytest_darkhost.commands.new_activation import add_command as add_activation
from pytest_darkhost.commands.new_venue.command import add_command as add_venue


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `new` with what it can write to the console command."""
    new = commands.add_parser("new", help="write a file for a human to review").add_subparsers(
        title="what to write", metavar="FILE", required=True
    )
    add_venue(new)
    add_activation(new)
