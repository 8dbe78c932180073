"""
What of an exchange may be written down: response headers by an allow-list, bodies without ids of the account.

Known keys are out already: the transport takes them out by value before anybody reads an exchange.
"""

import re
from collections.abc import Iterable

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
_ACCOUNT = re.compile(
    rb"(?<![A-Za-z0-9])(?:org|proj|user|acct|account|team|workspace|wrkspc)[-_][A-Za-z0-9]{12,}"
    rb"|(?<=\"organization_id\":\")[^\"]+|(?<=\"account_id\":\")[^\"]+|(?<=\"user_id\":\")[^\"]+"
)
"""Ids as OpenAI, Groq, Anthropic and others write them into the text of errors."""


def kept_headers(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the response headers that may be written, as vcrpy has them."""
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        if name in _HEADERS:
            kept.setdefault(name, []).append(without_accounts(value.encode()).decode())
    return kept


def without_accounts(data: bytes) -> bytes:
    """Return bytes with ids of organisations, projects, users and accounts overwritten, so that lengths stay."""
    return _ACCOUNT.sub(lambda match: b"*" * len(match[0]), data)


def kept_chunks(exchange: Exchange) -> tuple[Chunk, ...]:
    """Return the body's chunks without ids of the account, also where one lies across a boundary."""
    body, start, chunks = without_accounts(exchange.body), 0, []
    for chunk in exchange.chunks:
        chunks.append(Chunk(chunk.at_ns, body[start : start + len(chunk.data)]))
        start += len(chunk.data)
    return tuple(chunks)
