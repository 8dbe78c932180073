"""
What no run can have seen, whoever wrote it down: facts of a run, a test or a call that contradict each other.

It answers nobody who holds the key and makes up everything alike. It catches what was changed in haste.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import port_of_peer, port_of_url
from pytest_darkhost.evidence.items import Item
from pytest_darkhost.plain_text import one_line

CODE = "impossible"
CHAT = "chat"
_OPERATIONS = (CHAT, "list_models")
_NO_OUTCOMES = ("total", "collected", "deselected")
"""Of pytest-json-report's summary: all else in it is a number of tests by outcome."""
_USAGE = (semconv.GEN_AI_USAGE_INPUT_TOKENS, semconv.GEN_AI_USAGE_OUTPUT_TOKENS)
_CERTIFICATE = re.compile("[0-9A-F]{64}")
_ROWS = (
    ("dns_ms", "tcp_ms", "tls_ms"),
    ("first_byte_ms", "first_token_ms", "first_answer_token_ms", "last_token_ms", "end_ms"),
)
"""
Offsets that do not fall. Two rows: our clock stamps the first, the kernel's may stamp the other; and an answer can
begin before its request has ended.
"""


def faults_of_answer(name: str, record: Mapping[str, Any], longest_ms: float) -> Iterator[str]:
    """Yield what cannot be of a live call of this name that was answered, in a run that was open for so long."""
    yield from _of_exchange(name, record)
    yield from _of_connection(record)
    for used in _USAGE:
        if not _is_number(tokens := record.get(used)):
            yield f"{tokens!r:.40} for `{used}`, expected a number of tokens"
    for row in _ROWS:
        if not _is_rising([value for name in row if (value := record.get(name)) is not None], longest_ms):
            yield f"{', '.join(row)} that do not rise from 0 to at most {longest_ms:.0f}, how long the run was open"


def _of_exchange(name: str, record: Mapping[str, Any]) -> Iterator[str]:
    status, operation = record.get(semconv.HTTP_RESPONSE_STATUS_CODE), record.get(semconv.GEN_AI_OPERATION_NAME)
    if type(status) is not int or not 100 <= status < 600:
        yield f"the status {status!r:.40}, expected one of HTTP"
    if operation not in _OPERATIONS:
        yield f"the operation {operation!r:.40}, expected {' or '.join(_OPERATIONS)}"
    elif operation != CHAT and name.count("/") > 1:
        yield "a list of models, asked of one model"


def _of_connection(record: Mapping[str, Any]) -> Iterator[str]:
    certificate = record.get(semconv.TLS_SERVER_HASH_SHA256)
    if record.get("tls_verified") is True and not (type(certificate) is str and _CERTIFICATE.fullmatch(certificate)):
        yield "a certificate was verified, and its digest is not known"
    # What has no peer, a proxy's or no TLS is at fault by that.
    peer, url = record.get(semconv.NETWORK_PEER_ADDRESS), record.get(semconv.URL_FULL)
    if record.get("proxy") is None and _are_apart(url, peer):
        yield f"sent to {url:.200} over {peer:.60}"


def _is_number(tokens: Any) -> bool:
    return tokens is None or (type(tokens) is int and tokens >= 0)


def _are_apart(url: Any, peer: Any) -> bool:
    if type(url) is not str or not url.lower().startswith("https:") or type(peer) is not str or not peer:
        return False
    return port_of_url(url) != port_of_peer(peer)


def _is_rising(values: list[Any], most: float) -> bool:
    try:
        return not values or (values[0] >= 0 and values[-1] <= most and values == sorted(values))
    except TypeError:
        return False


def faults_of_figures(report: Mapping[str, Any], exit_status: Any) -> Iterator[str]:
    """Yield figures for a reader in a hurry that are not those of a report's tests."""
    summary = report.get("summary")
    told = (
        {name: count for name, count in summary.items() if name not in _NO_OUTCOMES} if type(summary) is dict else None
    )
    counted = Counter([str(test.get("outcome")) for test in report["tests"]])
    if told != counted:
        yield f"`summary` has {one_line(str(told))}, expected {one_line(str(dict(counted)))}, as there are"
    if report.get("exitcode") != exit_status:
        yield f"`exitcode` is {report.get('exitcode')!r:.40}, and `exit_status` {exit_status}"


def faults_of_specs(specs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what cannot be of the specs of one run: a venue has one, which has its name."""
    known: set[str] = set()
    for venue, name in [(str(spec.get("venue")), str(spec.get("name"))) for spec in specs]:
        if venue in known:
            yield f"several specs of venue {venue:.60}"
        elif not _is_named(name, venue, ""):
            yield f"the spec {name:.120} of venue {venue:.60}"
        known.add(venue)


def _is_named(name: str, venue: Any, rest: str) -> bool:
    """Return whether a name begins with the file of a venue's spec, in any directory, and ends so."""
    return f"/{name}".endswith((f"/{venue}.yaml{rest}", f"/{venue}.yml{rest}"))


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
    if type(venue) is not str or venue not in venues or not _is_named(item.node_id, venue, f"{rest}::{check}[live]"):
        yield f"says that it is {check!r:.60} of {owner!r:.120}"
    for call in calls:
        if call.rpartition("/")[0] != owner:
            yield f"stands on {call:.120}, a call of another target"
