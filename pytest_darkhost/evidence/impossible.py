"""
What no call can have seen, whoever wrote it down: facts of it that contradict each other.

It answers nobody who holds the key and makes up everything alike. It catches what was changed in haste.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import port_of_peer, port_of_url

CODE = "impossible"
CHAT = "chat"
_OPERATIONS = (CHAT, "list_models")
_CERTIFICATE = re.compile("[0-9A-F]{64}")
_READ = itemgetter(
    *(semconv.HTTP_RESPONSE_STATUS_CODE, semconv.GEN_AI_OPERATION_NAME),
    *(semconv.GEN_AI_USAGE_INPUT_TOKENS, semconv.GEN_AI_USAGE_OUTPUT_TOKENS),
    *("first_byte_ms", "first_token_ms", "first_answer_token_ms", "last_token_ms", "end_ms"),
    *("dns_ms", "tcp_ms", "tls_ms"),
)
"""
The offsets do not fall. Two rows: the kernel's clock may stamp the first, ours the other; and an answer can begin
before its request has ended.
"""


def faults_of_answer(name: str, record: Mapping[str, Any], longest_ms: float) -> list[str]:
    """Return what cannot be of a live call of this name that was answered, in a run that was open for so long."""
    status, operation, taken, given, *offsets = _read(record)
    found = []
    if type(status) is not int or not 100 <= status < 600:
        found.append(f"the status {status!r:.40}, expected one of HTTP")
    if operation != CHAT:
        found += _of_operation(name, operation)
    if not (_is_number(taken) and _is_number(given)):
        found.append(f"{taken!r:.40} and {given!r:.40} tokens, expected two numbers")
    if not (_is_rising(offsets[:5], longest_ms) and _is_rising(offsets[5:], longest_ms)):
        found.append(f"times that do not rise from 0 to at most {longest_ms:.0f} ms, how long the run was open")
    return found


def _read(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what is read of a record, `None` for what it has not."""
    try:
        found: tuple[Any, ...] = _READ(record)
    except KeyError:
        found = _READ(defaultdict(lambda: None, record))
    return found


def _of_operation(name: str, operation: Any) -> Iterator[str]:
    if operation not in _OPERATIONS:
        yield f"the operation {operation!r:.40}, expected {' or '.join(_OPERATIONS)}"
    elif name.count("/") > 1:
        yield "a list of models, asked of one model"


def faults_of_connection(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield what cannot be of the connection of a live call. No peer, or a proxy, is another fault."""
    peer, url = record.get(semconv.NETWORK_PEER_ADDRESS), record.get(semconv.URL_FULL)
    if type(peer) is type(url) is str and record.get("proxy") is None and _are_apart(url, peer):
        yield f"sent to {url:.200} over {peer:.60}"
    certificate = record.get(semconv.TLS_SERVER_HASH_SHA256)
    if record.get("tls_verified") is True and not (type(certificate) is str and _CERTIFICATE.fullmatch(certificate)):
        yield "a certificate was verified, and its digest is not known"


def _are_apart(url: str, peer: str) -> bool:
    return url.lower().startswith("https:") and peer != "" and port_of_url(url) != port_of_peer(peer)


def _is_number(tokens: Any) -> bool:
    return tokens is None or (type(tokens) is int and tokens >= 0)


def _is_rising(offsets: Sequence[Any], most: float) -> bool:
    last = 0
    try:
        for each in offsets:
            if each is not None:
                if not each >= last:
                    return False
                last = each
        return bool(last <= most)
    except TypeError:
        return False
