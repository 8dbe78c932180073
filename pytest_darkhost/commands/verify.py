"""
`darkhost verify`: what an evidence folder claims, computed again. Needs neither venue, database nor network.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.outcomes import FINE, REFUSED, USAGE
from pytest_darkhost.commands.rounds import rare_rounds
from pytest_darkhost.errors import EvidenceError

if TYPE_CHECKING:
    from pytest_darkhost.evidence.chain import Chain
    from pytest_darkhost.evidence.heads import Heads
    from pytest_darkhost.evidence.keys import PublicKey
    from pytest_darkhost.evidence.spool import Spool


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify` to the console command."""
    parser = commands.add_parser("verify", help="compute again what an evidence folder claims; needs no network")
    parser.add_argument("folder", type=Path, metavar="EVIDENCE", help="the folder that holds bundle.intoto.jsonl")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        type=Path,
        metavar="PUB",
        help="a public key that you were given another way than the folder (repeatable)",
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="SHA256",
        help="a head that was noted elsewhere, of any line: shows lines that were cut off (repeatable)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.set_defaults(run=verify)


def verify(parsed: argparse.Namespace) -> int:
    """Verify a folder. Returns the exit code: 0 verified, 1 refused, 2 usage, or no room on a disk."""
    from pytest_darkhost.evidence.heads import Heads
    from pytest_darkhost.evidence.keys import load_public
    from pytest_darkhost.evidence.output import tell_refused, tell_verified
    from pytest_darkhost.evidence.spool import Spool
    from pytest_darkhost.evidence.temporary import TEMPORARY

    try:
        trusted = [load_public(path) for path in parsed.key]
        _check_usage(parsed)
    except EvidenceError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    try:
        with closing(Spool()) as spool:
            heads = Heads(parsed.head)
            chain = _verified(parsed.folder, trusted, heads, spool)
            return _shown(lambda: tell_verified(chain, spool, heads, as_json=parsed.json))
    except EvidenceError as error:
        tell_refused(error, as_json=parsed.json)
        return USAGE if error.code == TEMPORARY else REFUSED


def _shown(tell: Callable[[], None]) -> int:
    """Show what was verified. A disk that is full under the output says nothing against the bundle."""
    try:
        tell()
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        what = f"cannot be written ({error.strerror}), expected room for it"
        sys.stderr.write(f"the output: {what}. The folder was verified, and nothing of it refused\n")
        return USAGE
    return FINE


def _verified(folder: Path, trusted: "list[PublicKey]", heads: "Heads", spool: "Spool") -> "Chain":
    from pytest_darkhost.evidence.verifying import verified

    with rare_rounds():
        for step in verified(folder, trusted, heads):
            for entry in step.entries:
                spool.add(entry)
    return step.chain


def _check_usage(parsed: argparse.Namespace) -> None:
    from pytest_darkhost.evidence.heads import check_digests

    if not parsed.folder.is_dir():
        msg = f"{parsed.folder}: no directory, expected an evidence folder, which holds bundle.intoto.jsonl"
        raise EvidenceError("folder", msg)
    check_digests(parsed.head)
