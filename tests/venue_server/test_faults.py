"""Each fault does what its docstring says, seen by a client of the standard library."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_darkhost.secrets import REFUSED_KEY
from support.asked import Kind
from support.faults import Fault
from support.keys import KEY
from support.loop_thread import LoopThread
from support.plain_client import Received, exchange
from support.venue_server import VenueServer

Judge = Callable[[Received], bool]


def ask(thread: LoopThread, name: str, fault: Fault, kind: Kind, **settings: Any) -> Received:
    """Return what a venue with a fault answers to one request."""
    key = REFUSED_KEY if kind is Kind.REFUSED_KEY else KEY
    sent = Kind.CHAT if kind is Kind.REFUSED_KEY else kind
    timeout_s = settings.pop("timeout_s", 5.0)
    with VenueServer(name, fault=fault, thread=thread, **settings) as server:
        return exchange(server, sent, key=key, timeout_s=timeout_s)


def body(received: Received) -> Any:
    """Return the body as JSON."""
    return json.loads(received.body)


def choice(received: Received) -> Any:
    """Return the one choice of an OpenAI chat."""
    return body(received)["choices"][0]


def chunks(received: Received) -> list[Any]:
    """Return the JSON of all events but the terminator."""
    return [json.loads(data) for _, data in received.events if data != "[DONE]"]


def arguments(received: Received) -> str:
    """Return the arguments of an unstreamed call."""
    return str(choice(received)["message"]["tool_calls"][0]["function"]["arguments"])


def status_is(status: int, *words: bytes) -> Judge:
    """Return a judge of status and body."""
    return lambda r: r.response().status == status and all(word in r.body for word in words)


def finishes(received: Received) -> list[Any]:
    """Return the finish reasons of a stream."""
    return [c["choices"][0]["finish_reason"] for c in chunks(received) if c["choices"]]


def length(received: Received) -> str:
    """Return the promised length."""
    return received.data.partition(b"content-length: ")[2].partition(b"\r\n")[0].decode()


def short_by(usage: dict[str, int]) -> int:
    """Return how far the total is below the sum."""
    return usage["prompt_tokens"] + usage["completion_tokens"] - usage["total_tokens"]


def decreasing(received: Received) -> bool:
    """Return whether an earlier usage is above a later one."""
    counts = [chunk["usage"]["completion_tokens"] for chunk in chunks(received) if chunk.get("usage")]
    return counts != sorted(counts)


CHAT: dict[Fault, Judge] = {
    Fault.ACCEPT_AND_CLOSE: lambda r: r.data == b"",
    Fault.NO_ANSWER: lambda r: r == Received(b"", "eof"),
    Fault.RESET_MID_HEADERS: lambda r: r.ended == "reset" or b"\r\n\r\n" not in r.data,
    Fault.ENDLESS_HEADERS: lambda r: r.ended == "limit" and b"\r\n\r\n" not in r.data,
    Fault.MALFORMED_HTTP: lambda r: r.data.startswith(b"220 "),
    Fault.HTTP_1_0: lambda r: r.data.startswith(b"HTTP/1.0 200 OK") and b"content-length" not in r.data,
    Fault.CUT: lambda r: r.ended == "eof" and len(r.data.partition(b"\r\n\r\n")[2]) < int(length(r)),
    Fault.EMPTY_BODY: lambda r: r.body == b"" and r.response().status == 200,
    Fault.HTML_200: status_is(200, b"<html>"),
    Fault.HTML_502: status_is(502, b"502 Bad Gateway"),
    Fault.NOT_JSON: status_is(200, b"OK, here is"),
    Fault.TRUNCATED_JSON: lambda r: r.body.startswith(b"{") and not r.body.endswith(b"}"),
    Fault.ERROR_IN_200: status_is(200, b'"error"'),
    Fault.WRONG_DIALECT: lambda r: body(r)["type"] == "message",
    Fault.WRONG_CONTENT_TYPE: lambda r: r.response().getheader("content-type") == "application/octet-stream",
    Fault.GZIP: lambda r: b"lighthouse" in gzip.decompress(r.body),
    Fault.WRONG_OBJECT: lambda r: body(r)["object"] == "text_completion",
    Fault.NULL_CONTENT: lambda r: choice(r)["message"]["content"] is None,
    Fault.WRONG_ROLE: lambda r: choice(r)["message"]["role"] == "user",
    Fault.OTHER_MODEL: lambda r: body(r)["model"] == "another/model-8b",
    Fault.UNKNOWN_FINISH: lambda r: choice(r)["finish_reason"] == "moon_phase",
    Fault.NO_USAGE: lambda r: "usage" not in body(r),
    Fault.WRONG_USAGE_SUM: lambda r: short_by(body(r)["usage"]) == 7,
    Fault.NEGATIVE_USAGE: lambda r: body(r)["usage"]["completion_tokens"] == -1,
    Fault.CEILING_IGNORED: lambda r: body(r)["usage"]["completion_tokens"] == 500,
    Fault.RATE_LIMITED: lambda r: r.response().getheader("retry-after") == "7" and r.response().status == 429,
    Fault.NO_CREDIT: status_is(429, b"insufficient_quota"),
    Fault.INSUFFICIENT_QUOTA: status_is(429, b"insufficient_quota"),
    Fault.FORBIDDEN: status_is(403),
    Fault.SERVER_ERROR: status_is(500, b'"error"'),
    Fault.UNAVAILABLE: status_is(503),
    Fault.OVERLOADED: status_is(529, b"overloaded_error"),
    Fault.NO_ROUTE_TEXT: status_is(404, b"404 page not found"),
    Fault.NO_ROUTE_HTML: status_is(404, b"<html>"),
    Fault.KEY_ECHOED: status_is(401, KEY.encode()),
    Fault.KEY_ECHOED_MASKED: status_is(401, KEY[:8].encode() + b"****", b"**" + KEY[-4:].encode()),
}
STREAM: dict[Fault, Judge] = {
    Fault.CUT: lambda r: r.ended == "eof" and not r.data.endswith(b"0\r\n\r\n"),
    Fault.CUT_CLEAN: lambda r: r.data.endswith(b"0\r\n\r\n") and b"[DONE]" not in r.body and set(finishes(r)) == {None},
    Fault.NO_FINISH_REASON: lambda r: set(finishes(r)) == {None} and r.body.endswith(b"[DONE]\n\n"),
    Fault.NO_TERMINATOR: lambda r: "stop" in finishes(r) and b"[DONE]" not in r.body,
    Fault.ERROR_EVENT: lambda r: r.events[-1][0] == "error" and b"[DONE]" not in r.body,
    Fault.ERROR_DATA: lambda r: r.events[-1][0] is None and "error" in json.loads(r.events[-1][1]),
    Fault.EMPTY_STREAM: lambda r: r.body == b"" and r.response().status == 200,
    Fault.NULL_CONTENT: lambda r: b'"content":null' in r.body and b"lamp" not in r.body,
    Fault.NO_USAGE: lambda r: b"usage" not in r.body,
    Fault.WRONG_OBJECT: lambda r: {chunk["object"] for chunk in chunks(r)} == {"text_completion"},
    Fault.DECREASING_USAGE: decreasing,
    Fault.WRONG_DIALECT: lambda r: r.events[0][0] == "message_start",
    Fault.CRLF_COMMENTS_BOM: lambda r: r.body.startswith(b"\xef\xbb\xbf: note\r\n") and r.body.endswith(b"\r\n\r\n"),
    Fault.ONE_BYTE_CHUNKS: lambda r: r.data.count(b"\r\n1\r\n") > 1000,
    Fault.GZIP: lambda r: gzip.decompress(r.body).endswith(b"[DONE]\n\n"),
    Fault.HTTP_1_0: lambda r: b"transfer-encoding" not in r.data and r.body.endswith(b"[DONE]\n\n"),
}
OTHERS: dict[tuple[Fault, Kind], Judge] = {
    (Fault.TOOL_AS_TEXT, Kind.TOOL): lambda r: json.loads(choice(r)["message"]["content"])[0]["name"] == "tide_height",
    (Fault.TOOL_AS_TEXT, Kind.TOOL_STREAM): lambda r: b"tool_calls" not in r.body,
    (Fault.BROKEN_ARGUMENTS, Kind.TOOL): lambda r: not arguments(r).endswith("}"),
    (Fault.WRONG_TOOL, Kind.TOOL_STREAM): lambda r: b"a_tool_never_offered" in r.body,
    (Fault.TOOL_IGNORED, Kind.TOOL): lambda r: choice(r)["finish_reason"] == "stop",
    (Fault.STREAM_TOOL_DIFFERS, Kind.TOOL): lambda r: "harbour" in arguments(r),
    (Fault.STREAM_TOOL_DIFFERS, Kind.TOOL_STREAM): lambda r: b"harbour" not in r.body,
    (Fault.SCHEMA_IGNORED, Kind.JSON_SCHEMA): lambda r: not choice(r)["message"]["content"].startswith("{"),
    (Fault.MODEL_NOT_LISTED, Kind.MODELS): lambda r: [m["id"] for m in body(r)["data"]] == ["another/model-8b"],
    (Fault.MODELS_WRONG_SHAPE, Kind.MODELS): lambda r: body(r) == {"count": 1},
    (Fault.REFUSED_KEY_ACCEPTED, Kind.REFUSED_KEY): status_is(200, b"lighthouse"),
    (Fault.SERVER_ERROR, Kind.REFUSED_KEY): status_is(500),
    (Fault.UNKNOWN_MODEL_ANSWERED, Kind.UNKNOWN_MODEL): status_is(200, b"lighthouse", b"not-a-model"),
}


CASES = [
    *((fault, Kind.CHAT, judge) for fault, judge in CHAT.items()),
    *((fault, Kind.STREAM, judge) for fault, judge in STREAM.items()),
    *((fault, kind, judge) for (fault, kind), judge in OTHERS.items()),
]


@pytest.mark.parametrize(("fault", "kind", "judge"), [pytest.param(f, k, j, id=f"{f}-{k}") for f, k, j in CASES])
def test_a_fault_does_what_it_says(thread: LoopThread, fault: Fault, kind: Kind, judge: Judge) -> None:
    """Seen with the fault, and not seen on a healthy venue."""
    on = frozenset({kind}) if fault is not Fault.STREAM_TOOL_DIFFERS else None
    assert judge(ask(thread, "openai", fault, kind, on=on))
    if fault is not Fault.STREAM_TOOL_DIFFERS or kind is Kind.TOOL_STREAM:
        assert not healthy(thread, kind, judge)


def healthy(thread: LoopThread, kind: Kind, judge: Judge) -> bool:
    """Return the judge's opinion of a healthy venue."""
    key, sent = (REFUSED_KEY, Kind.CHAT) if kind is Kind.REFUSED_KEY else (KEY, kind)
    with VenueServer("openai", thread=thread) as server:
        try:
            return judge(exchange(server, sent, key=key))
        except (KeyError, IndexError, ValueError, TypeError, OSError):
            return False


def test_every_fault_is_tested() -> None:
    """Those that need a clock, a second server or another venue are tested below."""
    below = {
        Fault.HANG,
        Fault.SLOW_HEADERS,
        Fault.SLOW_TOKENS,
        Fault.STALL,
        Fault.LATE_TERMINATOR,
        Fault.HUGE_BODY,
        Fault.ENDLESS_BODY,
        Fault.RATE_LIMITED_DATE,
        Fault.REDIRECT,
        Fault.WRONG_COST,
        Fault.FIVE_PER_WRITE,
    }
    assert set(Fault) == below | {fault for fault, _, _ in CASES}
