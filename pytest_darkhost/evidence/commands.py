"""
`darkhost verify` and `darkhost key`: what the command line says, and what is said back.
"""

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.errors import EvidenceError

if TYPE_CHECKING:
    from pytest_darkhost.evidence.chain import Chain
    from pytest_darkhost.evidence.heads import Heads
    from pytest_darkhost.evidence.keys import PublicKey
    from pytest_darkhost.evidence.spool import Spool

_OK, _REFUSED, _USAGE = 0, 1, 2
_NEW_PASSPHRASE = "DARKHOST_NEW_KEY_PASSPHRASE"  # noqa: S105  the name of the variable
_HEAD_DIGITS = 64


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify` and `key` to the console command."""
    verify = commands.add_parser("verify", help="compute again what an evidence folder claims; needs no network")
    verify.add_argument("folder", type=Path, metavar="EVIDENCE", help="the folder that holds bundle.intoto.jsonl")
    verify.add_argument(
        "--key",
        action="append",
        required=True,
        type=Path,
        metavar="PUB",
        help="a public key that you were given another way than the folder (repeatable)",
    )
    verify.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="SHA256",
        help="a head that was noted elsewhere, of any line: shows lines that were cut off (repeatable)",
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    verify.set_defaults(run=run_verify)
    kinds = commands.add_parser("key", help="make the key that signs evidence, or change it").add_subparsers(
        title="what to do", metavar="", required=True
    )
    new = kinds.add_parser("new", help="make a key, and the public one beside it; overwrites nothing")
    new.add_argument("path", nargs="?", type=Path, default=Path("darkhost.pem"), help="default: darkhost.pem")
    new.set_defaults(run=run_new)
    rotate = kinds.add_parser("rotate", help="record in the chain that later lines are signed by another key")
    rotate.add_argument("folder", type=Path, metavar="EVIDENCE", help="the folder that holds bundle.intoto.jsonl")
    rotate.add_argument("--key", required=True, type=Path, metavar="OLD", help="the private key until now")
    rotate.add_argument("--new", required=True, type=Path, metavar="NEW", help="the private key from now on")
    rotate.set_defaults(run=run_rotate)


def run_verify(parsed: argparse.Namespace) -> int:
    """Verify a folder. Returns the exit code: 0 verified, 1 refused, 2 usage."""
    from pytest_darkhost.evidence.heads import Heads
    from pytest_darkhost.evidence.keys import load_public
    from pytest_darkhost.evidence.output import tell_refused, tell_verified
    from pytest_darkhost.evidence.spool import Spool

    try:
        trusted = [load_public(path) for path in parsed.key]
        _check_usage(parsed)
    except EvidenceError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE
    with closing(Spool()) as spool:
        heads = Heads(parsed.head)
        try:
            chain = _verified(parsed.folder, trusted, heads, spool)
        except EvidenceError as error:
            tell_refused(error, as_json=parsed.json)
            return _REFUSED
        tell_verified(chain, spool, heads, as_json=parsed.json)
    return _OK


def run_new(parsed: argparse.Namespace) -> int:
    """Make a key. Returns the exit code."""
    from pytest_darkhost.evidence.keys import PASSPHRASE, load_public, write_new

    passphrase = os.environ.get(PASSPHRASE)
    public = write_new(parsed.path, passphrase)
    guarded = "protected by the passphrase" if passphrase else f"not protected: ${PASSPHRASE} is not set"
    sys.stdout.write(
        f"{parsed.path}: the private key, {guarded}. Keep it where only the runs that sign can read it\n"
        f"{public}: the public key {load_public(public).keyid}. Give it to the auditor, not in the evidence folder\n"
    )
    return _OK


def run_rotate(parsed: argparse.Namespace) -> int:
    """Append a change of keys. Returns the exit code."""
    from pytest_darkhost.evidence.bundle import Bundle
    from pytest_darkhost.evidence.folder import check_folder
    from pytest_darkhost.evidence.keys import PASSPHRASE, load_signer

    passphrase = os.environ.get(PASSPHRASE)
    old = load_signer(parsed.key, passphrase)
    new = load_signer(parsed.new, os.environ.get(_NEW_PASSPHRASE) or passphrase)
    check_folder(parsed.folder)
    with Bundle.open(parsed.folder, old) as bundle:
        head = bundle.rotate(new)
    sys.stdout.write(f"{parsed.folder}: signed by {new.public.keyid} from now on\nhead {head}\n")
    return _OK


def _verified(folder: Path, trusted: "list[PublicKey]", heads: "Heads", spool: "Spool") -> "Chain":
    from pytest_darkhost.evidence.folder import BUNDLE, check_folder
    from pytest_darkhost.evidence.identities import Identities
    from pytest_darkhost.evidence.verifying import walk

    check_folder(folder)
    with closing(Identities()) as identities:
        for step in walk(folder, trusted, identities):
            heads.meet(step.chain)
            for entry in step.entries:
                spool.add(entry)
    heads.check(step.chain, str(folder / BUNDLE))
    return step.chain


def _check_usage(parsed: argparse.Namespace) -> None:
    if not parsed.folder.is_dir():
        msg = f"{parsed.folder}: no directory, expected an evidence folder, which holds bundle.intoto.jsonl"
        raise EvidenceError("folder", msg)
    for head in parsed.head:
        if not _is_digest(head):
            msg = f"--head {head!r:.80}: no SHA-256, expected {_HEAD_DIGITS} hexadecimal digits in lower case"
            raise EvidenceError("head", msg)


def _is_digest(text: str) -> bool:
    return len(text) == _HEAD_DIGITS and set(text) <= set("0123456789abcdef")
