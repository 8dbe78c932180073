"""
When each phase of a probe ended, in milliseconds: what the wire stamped, and the tokens that a dialect found in it.
"""

from collections.abc import Sequence

from pytest_darkhost.dialects.assembly import NS_PER_MS
from pytest_darkhost.observations import Delta, Marks, Timeline


def timeline(marks: Marks, deltas: Sequence[Delta]) -> Timeline:
    """
    Return offsets since the request was issued. Without deltas, as in a whole answer, no token has a time.

    Blanks are no first token: a venue could send one at once and begin to generate later.
    """
    answering = [delta for delta in deltas if delta.text.strip() or delta.tool]
    generated = [delta for delta in deltas if delta.text.strip() or delta.reasoning.strip() or delta.tool]
    return Timeline(
        dns_ms=_ms(marks.dns_ns),
        tcp_ms=_ms(marks.tcp_ns),
        tls_ms=_ms(marks.tls_ns),
        request_sent_ms=_ms(marks.request_sent_ns),
        first_byte_ms=_ms(marks.first_byte_ns),
        first_token_ms=generated[0].at_ms if generated else None,
        first_answer_token_ms=answering[0].at_ms if answering else None,
        last_token_ms=deltas[-1].at_ms if deltas else None,
        end_ms=_ms(marks.end_ns),
    )


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / NS_PER_MS
