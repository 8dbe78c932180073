"""
Heads that were noted elsewhere: digests of lines that must still be there.

A chain that has lost lines at its end is as sound as one that never had them; only who knows a head can tell.
"""

import re
from collections.abc import Iterable, Iterator

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.chain import Chain

_DIGEST = re.compile("[0-9a-f]{64}")


def check_digests(heads: Iterable[str]) -> None:
    """
    Return when all are what a head looks like.

    :raises EvidenceError: `head`.
    """
    for head in heads:
        if not _DIGEST.fullmatch(head):
            msg = f"--head {head!r:.80}: no SHA-256, expected 64 hexadecimal digits in lower case"
            raise EvidenceError("head", msg)


class Heads:
    """The digests that are looked for, and the lines where they were found."""

    def __init__(self, wanted: Iterable[str] = ()) -> None:
        self.lines: dict[str, int | None] = dict.fromkeys(wanted)
        """Line by digest; `None` for one that was not met yet."""

    def meet(self, chain: Chain) -> None:
        """Look at the last line of a chain."""
        if chain.head in self.lines:
            self.lines[chain.head] = chain.length

    def check(self, chain: Chain, place: str) -> None:
        """
        Return when the chain has lines, and all that were looked for.

        :raises EvidenceError: `empty` or `head`.
        """
        if chain.length == 0:
            msg = f"{place}: empty, expected at least one line"
            raise EvidenceError("empty", msg)
        for head in (head for head, line in self.lines.items() if line is None):
            msg = (
                f"{place}: no line has the digest {head}, expected the one that was noted. Its last line is "
                f"{chain.length}, {chain.head}: lines were cut off, or it is another chain"
            )
            raise EvidenceError("head", msg)

    def told(self, chain: Chain) -> Iterator[str]:
        """Yield what is said of each head that was found."""
        for head, line in self.lines.items():
            since = chain.length - (line or 0)
            lines = {0: "no line was", 1: "1 line was"}.get(since, f"{since} lines were")
            yield f"noted {head}: line {line}; {lines} appended since"
