"""
`darkhost verify`: what an evidence folder claims, computed again. Needs neither venue, database nor network.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.outcomes import FINE, REFUSED, USAGE
from pytest_darkhost.commands.rounds import rare_rounds
from pytest_darkhost.commands.surroundings import forget_output
from pytest_darkhost.errors import EvidenceError

if TYPE_CHECKING:
    from pytest_darkhost.evidence.heads import Heads
    from pytest_darkhost.evidence.keys import PublicKey
    from pytest_darkhost.evidence.spool import Spool
    from pytest_darkhost.evidence.verifying import Step


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
    """Verify a folder. Returns the exit code: 0 verified, 1 refused, 2 usage, or what says nothing of it."""
    from pytest_darkhost.evidence.folder import others
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
        with _told_apart(), closing(Spool()) as spool:
            heads = Heads(parsed.head)
            last = _verified(parsed.folder, trusted, heads, spool)
            beside = others(parsed.folder)
            return _shown(lambda: tell_verified(last, spool, heads, beside, as_json=parsed.json))
    except EvidenceError as error:
        tell_refused(error, as_json=parsed.json)
        return USAGE if error.code == TEMPORARY else REFUSED
    except KeyboardInterrupt:
        sys.stderr.write("interrupted, and nothing is said of the folder\n")
        return USAGE


@contextmanager
def _told_apart() -> Iterator[None]:
    """Make a refusal of a folder that cannot be read, and none of a machine that is too small for it."""
    from pytest_darkhost.evidence.temporary import TEMPORARY

    try:
        yield
    except OSError as error:
        msg = f"{error.filename or 'a file'}: cannot be read ({error.strerror}), expected a folder that can"
        raise EvidenceError("folder", msg) from None
    except MemoryError:
        msg = "memory: none is left, expected room for the largest report. Verify on a larger machine"
        raise EvidenceError(TEMPORARY, msg) from None


def _shown(tell: Callable[[], None]) -> int:
    """Show what was verified. An output that is full, or that nobody reads any more, says nothing of the bundle."""
    try:
        tell()
        sys.stdout.flush()
    except BrokenPipeError:
        forget_output()
        return USAGE
    except OSError as error:
        what = f"cannot be written ({error.strerror}), expected room for it"
        sys.stderr.write(f"the output: {what}. The folder was verified, and nothing of it refused\n")
        return USAGE
    return FINE


def _verified(folder: Path, trusted: "list[PublicKey]", heads: "Heads", spool: "Spool") -> "Step":
    from pytest_darkhost.evidence.verifying import Step, verified

    with rare_rounds():
        for step in verified(folder, trusted, heads):
            for entry in step.entries:
                spool.add(entry)
            chain, unmet = step.chain, step.unmet
            del step  # memory for one report is enough
    return Step(chain, (), unmet=unmet)


def _check_usage(parsed: argparse.Namespace) -> None:
    from pytest_darkhost.evidence.heads import check_digests

    if not parsed.folder.is_dir():
        msg = f"{parsed.folder}: no directory, expected an evidence folder, which holds bundle.intoto.jsonl"
        raise EvidenceError("folder", msg)
    check_digests(parsed.head)
    for path in (path for path in parsed.key if path.resolve().is_relative_to(parsed.folder.resolve())):
        msg = (
            f"{path}: lies in the evidence folder, expected a key that you were given another way: "
            "whoever makes a folder can put a key into it"
        )
        raise EvidenceError("key", msg)
