"""
`darkhost key`: makes the key that signs evidence, and records its change in the chain.
"""

import argparse
import os
import sys
from pathlib import Path

from pytest_darkhost import variables
from pytest_darkhost.commands.outcomes import FINE, typed


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `key` to the console command."""
    kinds = commands.add_parser("key", help="make the key that signs evidence, or change it").add_subparsers(
        title="what to do", metavar="ACTION", required=True
    )
    new = kinds.add_parser("new", help="make a key, and the public one beside it; overwrites nothing")
    new.add_argument("path", nargs="?", type=Path, default=Path("darkhost.pem"), help="default: darkhost.pem")
    new.set_defaults(run=new_key)
    rotate = kinds.add_parser("rotate", help="record in the chain that later lines are signed by another key")
    rotate.add_argument("folder", type=Path, metavar="EVIDENCE", help="the folder that holds bundle.intoto.jsonl")
    rotate.add_argument("--key", required=True, type=Path, metavar="OLD", help="the private key until now")
    rotate.add_argument("--new", required=True, type=Path, metavar="NEW", help="the private key from now on")
    rotate.set_defaults(run=rotate_key)


def new_key(parsed: argparse.Namespace) -> int:
    """Make a key. Returns the exit code."""
    from pytest_darkhost.evidence.keys import load_public, write_new

    passphrase = os.environ.get(variables.KEY_PASSPHRASE)
    public = write_new(parsed.path, passphrase)
    guarded = "protected by the passphrase" if passphrase else f"not protected: ${variables.KEY_PASSPHRASE} is not set"
    sys.stdout.write(
        f"{parsed.path}: the private key, {guarded}. Keep it where only the runs that sign can read it\n"
        f"{public}: the public key {load_public(public).keyid}. Give it to the auditor, not in the evidence folder\n"
    )
    return FINE


def rotate_key(parsed: argparse.Namespace) -> int:
    """Append a change of keys. Returns the exit code."""
    from pytest_darkhost.evidence.bundle import Bundle
    from pytest_darkhost.evidence.folder import check_folder
    from pytest_darkhost.evidence.keys import load_signer

    passphrase = os.environ.get(variables.KEY_PASSPHRASE)
    with typed():
        old = load_signer(parsed.key, passphrase)
        new = load_signer(parsed.new, os.environ.get(variables.NEW_KEY_PASSPHRASE) or passphrase)
        check_folder(parsed.folder)
    with Bundle.open(parsed.folder, old) as bundle:
        head = bundle.rotate(new)
    sys.stdout.write(f"{parsed.folder}: signed by {new.public.keyid} from now on\nhead {head}\n")
    return FINE
