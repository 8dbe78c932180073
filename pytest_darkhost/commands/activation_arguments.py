"""
What each command that writes an activation takes: the target, its catalog, and what a human accepts.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pytest_darkhost import variables
from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.near import hint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--venue", required=True, metavar="NAME", help="the stem of a spec file")
    parser.add_argument("--model", required=True, metavar="SLUG", help="a model of that spec")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME=NAME",
        help="what the catalog calls otherwise, such as 'models.slug = key'; goes before darkhost_catalog_names in ini",
    )
    parser.add_argument(
        "--catalog", metavar="URL", help=f"default: ${variables.CATALOG_URL}, else darkhost_catalog in ini"
    )
    parser.add_argument(
        "--alembic", type=Path, metavar="INI", help="default: darkhost_alembic in ini, else alembic.ini"
    )
    parser.add_argument("--specs", type=Path, metavar="DIR", help="default: darkhost_specs in ini, else venue_specs")
    parser.add_argument("--accept", action="append", default=[], metavar="CODE", help="no_audit or behind_head")
    parser.add_argument("--revision", metavar="ID", help="default: the next id")


def check_accepted(codes: Sequence[str]) -> None:
    """
    Return when all codes are such that a human may accept.

    :raises ArgumentError: one is not.
    """
    from pytest_darkhost.migrations.activations.writing import ACCEPTABLE

    for code in codes:
        if code not in ACCEPTABLE:
            msg = f"--accept {code}: {code!r} cannot be accepted, expected one of {', '.join(ACCEPTABLE)}"
            raise ArgumentError(msg + hint(code, ACCEPTABLE))
