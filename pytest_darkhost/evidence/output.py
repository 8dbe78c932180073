"""
What `darkhost verify` says at the end: the table or JSON of a verified bundle, or why it is refused.
"""

import json
import sys
from collections.abc import Sequence

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.spool import Spool
from pytest_darkhost.evidence.temporary import TEMPORARY
from pytest_darkhost.evidence.unfit import listed
from pytest_darkhost.evidence.verifying import Step
from pytest_darkhost.plain_text import one_line

_UNSEEN = (
    "Without --head nothing was compared with a head that was noted elsewhere: lines that were cut off at the end, "
    "and a chain that was begun anew, cannot be seen"
)
_CUT_OFF = "lines that it signed may have been cut off"


def tell_refused(error: EvidenceError, *, as_json: bool) -> None:
    """Say why a bundle is refused, with line and claim, or what kept it from being verified."""
    if as_json:
        said = {"verified": False, "code": error.code, "line": error.line, "message": str(error)}
        sys.stdout.write(f"{json.dumps(said)}\n")
    word = "NOT VERIFIED" if error.code == TEMPORARY else "REFUSED"
    sys.stderr.write(f"{word} {error}\n")


def tell_verified(last: Step, spool: Spool, heads: Heads, others: Sequence[str], *, as_json: bool) -> None:
    """Say what a verified bundle holds; `others` is what lies beside it, of which nothing is verified."""
    if as_json:
        _write_json(last, spool, heads, others)
        return
    from pytest_darkhost.evidence.listing import show, wide_console  # rich, which JSON does not need

    show(wide_console(), spool)
    chain, counts = last.chain, spool.counts
    runs = f"{_number(counts['run'], 'run')}, {counts['evidence']} of them evidence"
    sys.stdout.write(
        f"\nverified {_number(chain.length, 'line')}: {runs}; {counts['abandoned']} opened and not closed\n"
    )
    if others:
        sys.stdout.write(f"not looked at, for no line speaks of it: {listed([one_line(each) for each in others])}\n")
    noted = tuple(heads.told(chain)) or (_UNSEEN,)
    silent = tuple(f"key {each} is trusted, and has signed nothing: {_CUT_OFF}" for each in last.unmet)
    for text in (f"key {chain.key.keyid} signs from here on", *silent, f"head {chain.head}", *noted):
        sys.stdout.write(f"{text}\n")


def _write_json(last: Step, spool: Spool, heads: Heads, others: Sequence[str]) -> None:
    """Write one object, entry by entry."""
    chain = last.chain
    counts = {name: spool.counts[name] for name in ("run", "evidence", "abandoned", "key")}
    said = {
        "verified": True,
        "head": chain.head,
        "heads": heads.lines,
        "lines": chain.length,
        "keyid": chain.key.keyid,
        "silent_keyids": last.unmet,
        "counts": counts,
        "others": others,
    }
    sys.stdout.write(f'{json.dumps(said)[:-1]}, "entries": [')
    for number, text in enumerate(spool.texts()):
        sys.stdout.write(f"{', ' if number else ''}{text}")
    sys.stdout.write("]}\n")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
