"""
What of an exchange may be written down: response headers by an allow-list, bodies without ids of the account.

Known keys are out already: the transport takes them out by value before anybody reads an exchange.
"""

import re
from collections.abc import Iterable
from operator import attrgetter

from pytest_darkhost.observations import Chunk, Exchange

_HEADERS = frozenset(
    {
        "content-type",
        "date",
        "location",
        "retry-after",
        "retry-after-ms",
        "x-request-id",
        "request-id",
        "x-trace-id",
        "mistral-correlation-id",
        "openai-processing-ms",
        "openai-version",
        "x-inference-provider",
        "fireworks-server-time-to-first-token",
        "fireworks-server-processing-time",
        "fireworks-prompt-tokens",
        "fireworks-cached-prompt-tokens",
    }
)
_ID = (
    rb"(?<![A-Za-z0-9])(?:org|proj|user|acct|account|team|workspace|wrkspc)[-_]"
    # Words have no digits, and are no mixture of cases as long as an id.
    rb"(?:(?=[A-Za-z]*[0-9]|[A-Za-z]{0,40}[a-z][A-Z][A-Za-z]{0,40}[a-z][A-Z])[A-Za-z0-9]{12,}"
    rb"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
_MEMBER = (
    rb'(?P<name>"(?:organization|organisation|org|account|user|project|team|workspace|tenant|customer)(?:_id|Id)"\s*:\s*")'
    rb'(?P<value>(?:[^"\\]|\\.)+)'
)
_ACCOUNT = re.compile(rb"%s|%s" % (_MEMBER, _ID))
"""Ids as OpenAI, Groq, Anthropic and others write them into the text of errors, and members of JSON named for one."""


def kept_headers(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the response headers that may be written, as vcrpy has them."""
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        if name in _HEADERS:
            kept.setdefault(name, []).append(without_accounts_in(value))
    return kept


def without_accounts(data: bytes) -> bytes:
    """Return bytes with ids of organisations, projects, users and accounts overwritten, so that lengths stay."""
    return _ACCOUNT.sub(_overwritten, data)


def without_accounts_in(text: str) -> str:
    """Return a text without them."""
    return without_accounts(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _overwritten(match: re.Match[bytes]) -> bytes:
    kept: bytes = match["name"] or b""
    return kept + b"*" * (len(match[0]) - len(kept))


def kept_chunks(exchange: Exchange) -> tuple[Chunk, ...]:
    """Return the body's chunks without ids of the account, also where one lies across a boundary."""
    body, start, chunks = without_accounts(exchange.body), 0, []
    for chunk in filter(attrgetter("data"), exchange.chunks):
        chunks.append(Chunk(chunk.at_ns, body[start : start + len(chunk.data)]))
        start += len(chunk.data)
    return tuple(chunks)
