"""
What each command that writes an activation takes: the target, its catalog, and what a human accepts.
"""

import argparse
from collections.abc import Sequence

from pytest_darkhost.errors import UsageError
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
    parser.add_argument("--accept", action="append", default=[], metavar="CODE", help="no_audit or behind_head")
    parser.add_argument("--revision", metavar="ID", help="default: the next id")


def check_accepted(codes: Sequence[str]) -> None:
    """
    Return when all codes are such that a human may accept.

    :raises UsageError: one is not.
    """
    from pytest_darkhost.migrations.activations.writing import ACCEPTABLE

    for code in codes:
        if code not in ACCEPTABLE:
            msg = f"--accept {code}: {code!r} cannot be accepted, expected one of {', '.join(ACCEPTABLE)}"
            raise UsageError(msg + hint(code, ACCEPTABLE))
