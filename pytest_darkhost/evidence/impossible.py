"""
What no run can have seen, whoever wrote it down: facts of a run, a test or a call that contradict each other.

It answers nobody who holds the key and makes up everything alike. It catches what was changed in haste.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import port_of_peer, port_of_url
from pytest_darkhost.evidence.items import Item

CODE = "impossible"
CHAT = "chat"
_OPERATIONS = (CHAT, "list_models")
_CERTIFICATE = re.compile("[0-9A-F]{64}")
_ROWS = (
    ("dns_ms", "tcp_ms", "tls_ms"),
    ("first_byte_ms", "first_token_ms", "first_answer_token_ms", "last_token_ms", "end_ms"),
)
"""
Offsets that do not fall. Two rows: our clock stamps the first, the kernel's may stamp the other; and an answer can
begin before its request has ended.
"""


def faults_of_answer(record: Mapping[str, Any], longest_ms: float) -> Iterator[str]:
    """Yield what cannot be of a live call that was answered, in a run that was open for so long."""
    status, operation = record.get(semconv.HTTP_RESPONSE_STATUS_CODE), record.get(semconv.GEN_AI_OPERATION_NAME)
    if type(status) is not int or not 100 <= status < 600:
        yield f"the status {status!r:.40}, expected one of HTTP"
    if operation not in _OPERATIONS:
        yield f"the operation {operation!r:.40}, expected {' or '.join(_OPERATIONS)}"
    certificate = record.get(semconv.TLS_SERVER_HASH_SHA256)
    if record.get("tls_verified") is True and not (type(certificate) is str and _CERTIFICATE.fullmatch(certificate)):
        yield "a certificate was verified, and its digest is not known"
    # What has no peer, a proxy's or no TLS is at fault by that.
    peer, url = record.get(semconv.NETWORK_PEER_ADDRESS), record.get(semconv.URL_FULL)
    if record.get("proxy") is None and _are_apart(url, peer):
        yield f"sent to {url:.200} over {peer:.60}"
    for row in _ROWS:
        if not _is_rising([value for name in row if (value := record.get(name)) is not None], longest_ms):
            yield f"{', '.join(row)} that do not rise from 0 to at most {longest_ms:.0f}, how long the run was open"


def _are_apart(url: Any, peer: Any) -> bool:
    if type(url) is not str or not url.lower().startswith("https:") or type(peer) is not str or not peer:
        return False
    return port_of_url(url) != port_of_peer(peer)


def _is_rising(values: list[Any], most: float) -> bool:
    try:
        return not values or (values[0] >= 0 and values[-1] <= most and values == sorted(values))
    except TypeError:
        return False


def faults_of_test(item: Item, calls: Iterable[str], venues: Collection[str]) -> Iterator[str]:
    """
    Yield what cannot be of a planned test that says something of itself.

    :param calls: the names of those that it read.
    :param venues: those of the run.
    """
    if not item.said:
        return
    venue, model, check = (item.said.get(name) for name in ("venue", "model", "check"))
    owner, rest = (venue, "") if model is None else (f"{venue}/{model}", f"::{model}")
    tails = tuple([f"/{venue}.{suffix}{rest}::{check}[live]" for suffix in ("yaml", "yml")])
    if type(venue) is not str or venue not in venues or not f"/{item.node_id}".endswith(tails):
        yield f"says that it is {check!r:.60} of {owner!r:.120}"
    for call in calls:
        if call.rpartition("/")[0] != owner:
            yield f"stands on {call:.120}, a call of another target"
