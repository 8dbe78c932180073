"""
What the command line of `darkhost new venue` says, and what is said back.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.outcomes import FINE

if TYPE_CHECKING:
    from pytest_darkhost.commands.new_venue.wanted import Wanted

_EPILOG = """\
Without --model and --from-catalog the venue is asked for its list of models, with the key from the environment: one
GET, which costs nothing. Prices are those of the package genai-prices (pip install 'pytest-darkhost[prices]'), of
litellm's list where that is installed, of the venue's own list and of the catalog. Where they disagree, it is said.
"""


def add_command(new: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `venue` to `darkhost new`."""
    parser = new.add_parser("venue", help="write the spec of a hosted venue; overwrites nothing", epilog=_EPILOG)
    parser.add_argument("name", metavar="NAME", help="the file's stem, and providers.slug in the catalog")
    host = parser.add_argument_group("the host; what is not said is as in the shipped spec of this name")
    host.add_argument("--base-url", metavar="URL", help="what the production adapter appends its path to")
    host.add_argument("--dialect", choices=("openai", "anthropic"), help="the wire format (default: openai)")
    host.add_argument("--credential-env", metavar="VAR", help="the variable of the key (default: NAME_API_KEY)")
    models = parser.add_argument_group("the models")
    which = models.add_mutually_exclusive_group()
    which.add_argument("--model", action="append", default=[], metavar="NAME", help="this one, unasked; repeatable")
    which.add_argument("--match", action="append", default=[], metavar="GLOB", help="listed ones like this; repeatable")
    which.add_argument("--from-catalog", action="store_true", help="all dark rows that the catalog has of this venue")
    models.add_argument("--price", metavar="IN,OUT", help="USD per million tokens, instead of looking prices up")
    models.add_argument("--catalog", metavar="URL", help="the database (default: as pytest would use here)")
    parser.add_argument("--specs", type=Path, metavar="DIR", help="where the file goes (default: venue_specs)")
    parser.add_argument("--dry-run", action="store_true", help="print the file and write none")
    parser.set_defaults(run=new_venue)


def new_venue(parsed: argparse.Namespace) -> int:
    """Write the spec, or print it. Returns the exit code; raises `DarkhostError` before anything is written."""
    from pytest_darkhost.commands.new_venue.writing import written_spec
    from pytest_darkhost.commands.placing import place

    made = written_spec(_wanted(parsed))
    for line in made.remarks:
        sys.stderr.write(f"{line}\n")
    if parsed.dry_run:
        sys.stdout.write(made.drafts[0].text)
        return FINE
    place(made.drafts)
    sys.stdout.write(f"{made.drafts[0].path}: {made.count} model{'' if made.count == 1 else 's'}\n")
    sys.stdout.write("Read it through: comments say what was not known. Then see every call and what it may cost:\n")
    sys.stdout.write(f"  pytest -m live --venue={parsed.name} --darkhost-plan   # sends nothing\n")
    return FINE


def _wanted(parsed: argparse.Namespace) -> "Wanted":
    from pytest_darkhost.commands.new_venue.wanted import Wanted, given_price

    return Wanted(
        name=parsed.name,
        base_url=parsed.base_url,
        dialect=parsed.dialect,
        variable=parsed.credential_env,
        models=tuple(dict.fromkeys(parsed.model)),
        patterns=tuple(parsed.match),
        from_catalog=parsed.from_catalog,
        price=given_price(parsed.price),
        catalog=parsed.catalog,
        directory=parsed.specs,
    )
