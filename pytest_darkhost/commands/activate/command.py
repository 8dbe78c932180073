"""
What the command line of `darkhost activate` says.
"""

import argparse
import sys
from pathlib import Path

from pytest_darkhost.commands.activation_arguments import add_arguments, check_accepted
from pytest_darkhost.commands.outcomes import FINE, REFUSED, USAGE
from pytest_darkhost.errors import EvidenceError, SpecError, UsageError

_EPILOG = (
    "The gates: keys, path, evidence, migration. Exit codes: 0 all are open, and the revision is there; 1 one is shut; "
    "2 usage. No database is changed, and nothing is sent to a venue."
)


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `activate` to the console command."""
    parser = commands.add_parser(
        "activate",
        help="go through the gates to a lit model, stop at the first that is shut, write its revision behind the last",
        epilog=_EPILOG,
    )
    add_arguments(parser)
    parser.add_argument("--check", action="store_true", help="say of all gates whether they are open; write nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--max-age", type=_days, metavar="DAYS", help="of the evidence (default: ini, else 7)")
    parser.add_argument("--evidence", type=Path, metavar="DIR", help="default: darkhost_evidence in ini")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        type=Path,
        metavar="PUB",
        help="a public key for it (repeatable; default: darkhost_public_key in ini, else that beside darkhost_key)",
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="SHA256",
        help="a head that was noted elsewhere: shows runs that were cut off (repeatable)",
    )
    parser.set_defaults(run=activate)


def activate(parsed: argparse.Namespace) -> int:
    """Go through the gates. Returns the exit code."""
    from pytest_darkhost.commands.activate.asked import asked, typed
    from pytest_darkhost.commands.activate.facts import Row
    from pytest_darkhost.commands.activate.gathering import gather
    from pytest_darkhost.commands.activate.output import tell, tell_json
    from pytest_darkhost.commands.activate.steps import steps
    from pytest_darkhost.commands.activate.walk import looked, walked
    from pytest_darkhost.suite.asking import project_here

    project = project_here()
    try:
        _check_usage(parsed)
        wanted = asked(parsed, project)
    except SpecError:
        raise
    except (UsageError, EvidenceError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    facts = gather(wanted)
    came = looked(facts) if parsed.check else walked(facts)
    location = facts.row.location if isinstance(facts.row, Row) else ""
    commands = steps(facts.revision, facts.venue, typed(parsed, project, wanted, location)) if came.all_open else ()
    if parsed.json:
        tell_json(facts, came, commands)
    else:
        tell(facts, came, commands, check=parsed.check)
    return FINE if came.all_open else REFUSED


def _check_usage(parsed: argparse.Namespace) -> None:
    """Raise for what was typed and cannot be used."""
    from pytest_darkhost.evidence.folder import check_folder
    from pytest_darkhost.evidence.heads import check_digests
    from pytest_darkhost.evidence.keys import load_public

    check_accepted(parsed.accept)
    check_digests(parsed.head)
    for path in parsed.key:
        load_public(path)
    if parsed.evidence and not parsed.evidence.is_dir():
        check_folder(parsed.evidence)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 5 and int(text)):
        msg = f"{text!r:.40} is no number of days, expected such as 7"
        raise argparse.ArgumentTypeError(msg)
    return int(text)
