"""
What no call can have seen, whoever wrote it down: facts of it that contradict each other.

It answers nobody who holds the key and makes up everything alike. It catches what was changed in haste.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import port_of_peer, port_of_url

CODE = "impossible"
CHAT = "chat"
_OPERATIONS = (CHAT, "list_models")
_CERTIFICATE = re.compile("[0-9A-F]{64}")
_CONNECTION = ("dns_ms", "tcp_ms", "tls_ms")
_ANSWER = ("first_byte_ms", "first_token_ms", "first_answer_token_ms", "last_token_ms", "end_ms")
"""
Offsets that do not fall. Two rows: our clock stamps the first, the kernel's may stamp the other; and an answer can
begin before its request has ended.
"""
_READ = (
    *(semconv.HTTP_RESPONSE_STATUS_CODE, semconv.GEN_AI_OPERATION_NAME, "tls_verified", semconv.TLS_SERVER_HASH_SHA256),
    *(semconv.GEN_AI_USAGE_INPUT_TOKENS, semconv.GEN_AI_USAGE_OUTPUT_TOKENS),
    *(*_CONNECTION, *_ANSWER),
)


def faults_of_answer(name: str, record: Mapping[str, Any], longest_ms: float) -> list[str]:
    """Return what cannot be of a live call of this name that was answered, in a run that was open for so long."""
    status, operation, verified, certificate, taken, given, *offsets = map(record.get, _READ)
    found = []
    if type(status) is not int or not 100 <= status < 600:
        found.append(f"the status {status!r:.40}, expected one of HTTP")
    if operation != CHAT:
        found += _of_operation(name, operation)
    if verified is True and not (type(certificate) is str and _CERTIFICATE.fullmatch(certificate)):
        found.append("a certificate was verified, and its digest is not known")
    found += [f"{used!r:.40} tokens, expected a number" for used in (taken, given) if not _is_number(used)]
    found += [
        f"{', '.join(row)} that do not rise from 0 to at most {longest_ms:.0f}, how long the run was open"
        for row, values in ((_CONNECTION, offsets[:3]), (_ANSWER, offsets[3:]))
        if not _is_rising([value for value in values if value is not None], longest_ms)
    ]
    return found


def _of_operation(name: str, operation: Any) -> Iterator[str]:
    if operation not in _OPERATIONS:
        yield f"the operation {operation!r:.40}, expected {' or '.join(_OPERATIONS)}"
    elif name.count("/") > 1:
        yield "a list of models, asked of one model"


def faults_of_ports(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield that a live call went to another port than its URL says. Without a peer, or by a proxy, that is said."""
    peer, url = record.get(semconv.NETWORK_PEER_ADDRESS), record.get(semconv.URL_FULL)
    if type(peer) is type(url) is str and record.get("proxy") is None and _are_apart(url, peer):
        yield f"sent to {url:.200} over {peer:.60}"


def _are_apart(url: str, peer: str) -> bool:
    return url.lower().startswith("https:") and peer != "" and port_of_url(url) != port_of_peer(peer)


def _is_number(tokens: Any) -> bool:
    return tokens is None or (type(tokens) is int and tokens >= 0)


def _is_rising(values: list[Any], most: float) -> bool:
    if not values:
        return True
    try:
        return bool(values[0] >= 0 and values[-1] <= most and values == sorted(values))
    except TypeError:
        return False
