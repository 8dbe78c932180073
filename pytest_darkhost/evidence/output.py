"""
What `darkhost verify` says at the end: the table or JSON of a verified bundle, or why it is refused.
"""

import json
import sys

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.chain import Chain
from pytest_darkhost.evidence.listing import show, wide_console
from pytest_darkhost.evidence.spool import Spool

_UNSEEN = (
    "Without --head, runs that were cut off at the end cannot be seen: compare the head with the one noted elsewhere"
)


def tell_refused(error: EvidenceError, *, as_json: bool) -> None:
    """Say why a bundle is refused: which line, which claim."""
    if as_json:
        said = {"verified": False, "code": error.code, "line": error.line, "message": str(error)}
        sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stderr.write(f"REFUSED {error}\n")


def tell_verified(chain: Chain, spool: Spool, head: str | None, *, as_json: bool) -> None:
    """Say what a verified bundle holds."""
    if as_json:
        _write_json(chain, spool, head)
        return
    show(wide_console(), spool)
    counts = spool.counts
    sys.stdout.write(
        f"\nverified {chain.length} lines: {counts['run']} runs, {counts['evidence']} of them evidence; "
        f"{counts['abandoned']} opened and not closed\nhead {chain.head}\n"
    )
    if head is None:
        sys.stdout.write(f"{_UNSEEN}\n")


def _write_json(chain: Chain, spool: Spool, head: str | None) -> None:
    """Write one object, entry by entry."""
    counts = {name: spool.counts[name] for name in ("run", "evidence", "abandoned", "key")}
    said = {
        "verified": True,
        "head": chain.head,
        "head_compared": head is not None,
        "lines": chain.length,
        "keyid": chain.key.keyid,
        "counts": counts,
    }
    sys.stdout.write(f'{json.dumps(said)[:-1]}, "entries": [')
    for number, entry in enumerate(spool):
        sys.stdout.write(f"{', ' if number else ''}{json.dumps(entry)}")
    sys.stdout.write("]}\n")
