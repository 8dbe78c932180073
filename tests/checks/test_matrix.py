"""
Faults against checks: each fault is caught by the check that should catch it, and by no other than follows from it.
"""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from checks.factory import (
    ANSWERED,
    CHATS,
    broken,
    changed,
    failed,
    judged,
    make_case,
    make_catalog,
    make_row,
    unjudged,
    unsent,
    with_answer,
    with_exchange,
    with_timeline,
    with_usage,
)
from pytest_darkhost.catalog.rows import ProviderRow
from pytest_darkhost.checks.case import Case, Source
from pytest_darkhost.observations import (
    Answer,
    ErrorKind,
    Mode,
    Observation,
    ProbeError,
    StreamEnd,
    ToolCall,
    Usage,
)
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.verdicts import Failed, NotJudged, Passed

EVERY = tuple(P)
STREAM = (P.STREAM,)
SPOKEN = (*CHATS, P.STREAM)
PACE = {"inter_token_latency", "throughput"}
STREAMED = {"stream_shape", "stream_terminates", "ttft"} | PACE
CHATTED = {"chat_shape", "latency_cold", "latency_warm", "cold_to_warm"}
LATENCIES = {"latency_cold", "latency_warm", "ttft", "cold_to_warm"} | PACE
LIVE = set(judged(make_case()))


def cut(seen: Observation) -> Observation:
    """Cut a stream after its first tokens, before its usage."""
    error = ProbeError(ErrorKind.CUT, "the peer closed the connection", status=200)
    return replace(seen, error=error, stream_end=StreamEnd.CUT, usage=None, usages=(), deltas=seen.deltas[:2])


def empty(seen: Observation) -> Observation:
    """Empty a stream."""
    return Observation(seen.probe, seen.exchange, answer=Answer(), stream_end=StreamEnd.EMPTY)


def error_event(seen: Observation) -> Observation:
    """End a stream in an error event after its tokens."""
    error = ProbeError(ErrorKind.OVERLOADED, "the venue is overloaded", status=200)
    return replace(seen, error=error, stream_end=StreamEnd.ERROR_EVENT, usage=None, usages=())


def slower(seen: Observation) -> Observation:
    """Make all times a hundred times longer."""
    line = seen.timeline
    names = ("dns_ms", "tcp_ms", "tls_ms", "first_token_ms", "first_answer_token_ms", "last_token_ms", "end_ms")
    times = {name: getattr(line, name) * 100 for name in names if getattr(line, name) is not None}
    return replace(seen, timeline=replace(line, **times))


def falling(seen: Observation) -> Observation:
    """Make a stream's usage fall."""
    return replace(seen, usages=(Usage(40, 30, 70), Usage(40, 21, 61)))


def unusable_usage(seen: Observation) -> Observation:
    """Leave a usage that the dialect could not read."""
    fault = "usage.completion_tokens: -4, expected a count"
    return replace(seen, usage=None, usages=(), faults=(fault,))


def no_usage(seen: Observation) -> Observation:
    """Leave the usage out."""
    return replace(seen, usage=None, usages=())


def own_cost(seen: Observation) -> Observation:
    """Let the venue bill twice what it should."""
    return replace(seen, usage=replace(seen.usage, cost_usd=Decimal("0.0000168")))


AS_TEXT = with_answer(tool_calls=(), text='[{"name": "get_weather", "arguments": {"city": "Oslo"}}]')

MATRIX = {
    "usage does not add up": (SPOKEN, with_usage(total_tokens=99), {"usage"}, set()),
    "a negative count": (SPOKEN, unusable_usage, {"usage"}, PACE),
    "no usage": (ANSWERED, no_usage, {"usage"}, PACE | {"cost"}),
    "no usage in streams": (STREAM, no_usage, {"usage"}, PACE),
    "usage falls within a stream": (STREAM, falling, {"usage"}, set()),
    "max_tokens ignored": (CHATS, with_usage(output_tokens=500, total_tokens=540), {"usage", "cost"}, set()),
    "a chat with a wrong role": (
        CHATS,
        lambda seen: replace(seen, faults=("choices[0].message.role: 'user', expected 'assistant'",)),
        {"chat_shape"},
        set(),
    ),
    "a chat without text": (CHATS, with_answer(text=""), {"chat_shape"}, set()),
    "a chat without finish reason": (CHATS, with_answer(finish_reason=None), {"chat_shape"}, set()),
    "the adapter cannot read chats": (
        CHATS,
        lambda seen: replace(seen, adapter_problem="KeyError: 'choices'"),
        {"chat_shape"},
        set(),
    ),
    "a misshapen stream": (
        STREAM,
        lambda seen: replace(seen, faults=("events[0].object: 'text', expected 'chat.completion.chunk'",)),
        {"stream_shape"},
        set(),
    ),
    "all streams cut": (STREAM, cut, {"stream_terminates"}, PACE),
    "an error event after tokens": (STREAM, error_event, {"stream_terminates"}, PACE),
    "no finish reason": (
        STREAM,
        lambda seen: replace(
            seen, stream_end=StreamEnd.NO_FINISH_REASON, answer=replace(seen.answer, finish_reason=None)
        ),
        {"stream_terminates"},
        set(),
    ),
    "empty streams": (STREAM, empty, {"stream_shape", "stream_terminates"}, {"ttft"} | PACE),
    "streams refused": (
        STREAM,
        broken(ErrorKind.SERVER_ERROR, 500),
        STREAMED | {"usage", "model_identity"},
        set(),
    ),
    "everything slow": (EVERY, slower, LATENCIES - {"cold_to_warm"}, set()),
    "a slow first chat": ((P.COLD,), with_timeline(end_ms=9000.0), {"latency_cold", "cold_to_warm"}, set()),
    "another model": (SPOKEN, with_answer(model="openai/gpt-oss-20b"), {"model_identity"}, set()),
    "no model named in streams": (STREAM, with_answer(model=None), {"model_identity"}, set()),
    "two names of one model": (STREAM, with_answer(model="other"), {"model_identity"}, set()),
    "tool call as text": ((P.TOOL_CALL, P.TOOL_CALL_STREAM), AS_TEXT, {"tool_call", "tool_call_stream"}, set()),
    "streamed tool call as text": ((P.TOOL_CALL_STREAM,), AS_TEXT, {"tool_call_stream"}, set()),
    "streamed call with cut arguments": (
        (P.TOOL_CALL_STREAM,),
        with_answer(tool_calls=(ToolCall("get_weather", '{"city": "Os'),)),
        {"tool_call_stream"},
        set(),
    ),
    "a cut tool stream": ((P.TOOL_CALL_STREAM,), cut, {"tool_call_stream"}, set()),
    "the tool never reached the model": (
        (P.TOOL_CALL,),
        with_usage(input_tokens=38, total_tokens=42),
        {"tool_call"},
        set(),
    ),
    "schema ignored": ((P.JSON_SCHEMA,), with_answer(text="Oslo, with 717710 people"), {"json_schema"}, set()),
    "a list without the model": (
        (P.MODEL_LIST,),
        lambda seen: replace(seen, listed_models=("openai/gpt-oss-20b",)),
        {"model_listed"},
        set(),
    ),
    "wrong key accepted": (
        (P.REFUSED_KEY,),
        lambda seen: replace(seen, error=None, answer=Answer("ready"), exchange=replace(seen.exchange, status=200)),
        {"refused_key"},
        set(),
    ),
    "unknown model answered": (
        (P.UNKNOWN_MODEL,),
        lambda seen: replace(seen, error=None, answer=Answer("ready"), exchange=replace(seen.exchange, status=200)),
        {"unknown_model"},
        set(),
    ),
    "another URL on the wire": (
        SPOKEN,
        with_exchange(url="https://api.together.ai/v2/chat"),
        {"base_url_parity"},
        set(),
    ),
    "a wrong figure of its own": (CHATS, own_cost, {"cost"}, set()),
    "chats rate limited": (CHATS, broken(ErrorKind.RATE_LIMITED, 429), set(), CHATTED | {"usage", "model_identity"}),
    "our own loop late": (EVERY, with_exchange(loop_lag_ms=900.0), set(), LATENCIES),
    "an unseen wire": (EVERY, with_exchange(mode=Mode.UNSEEN), set(), LIVE),
    "the spending cap reached": (EVERY, unsent(ErrorKind.COST_CAP), set(), LIVE),
    "the run stopped": (EVERY, unsent(ErrorKind.CANCELLED), set(), LIVE),
    "a dead host": (EVERY, broken(ErrorKind.CONNECTION_REFUSED), LIVE, set()),
    "a proxy's page": (EVERY, broken(ErrorKind.HTML, 200), LIVE - {"base_url_parity"}, set()),
    "a gateway's page": (EVERY, broken(ErrorKind.HTML, 502), LIVE - {"base_url_parity"}, set()),
    "overloaded": (EVERY, broken(ErrorKind.OVERLOADED, 503), LIVE - {"base_url_parity"}, set()),
    "no such route": (EVERY, broken(ErrorKind.NO_SUCH_ROUTE, 404), LIVE, set()),
    "our key refused": (
        EVERY,
        broken(ErrorKind.AUTH_REFUSED, 401, venue_code="invalid_api_key"),
        LIVE - {"base_url_parity", "refused_key"},
        set(),
    ),
    "no model is known": (
        EVERY,
        broken(ErrorKind.NO_SUCH_MODEL, 404, venue_code="model_not_available"),
        LIVE - {"base_url_parity"},
        set(),
    ),
}


def test_a_healthy_venue_passes_every_check() -> None:
    """All live checks of the registry pass where nothing is wrong."""
    verdicts = judged(make_case())

    assert len(verdicts) == 19
    assert all(isinstance(verdict, Passed) for verdict in verdicts.values()), verdicts


def test_catalog_and_spec_that_agree_pass() -> None:
    """The three checks without a call pass where spec and catalog agree."""
    verdicts = judged(make_case(source=Source.CATALOG))

    assert set(verdicts) == {"base_url_parity", "catalog_parity", "venue catalog_parity"}
    assert all(isinstance(verdict, Passed) for verdict in verdicts.values()), verdicts


@pytest.mark.parametrize("fault", MATRIX)
def test_a_fault_is_caught_by_its_checks_and_no_others(fault: str) -> None:
    """The sets of failed and unjudged checks are exactly those of the table."""
    names, change, fails, unread = MATRIX[fault]
    verdicts = judged(changed(make_case(), names, change))

    assert failed(verdicts) == fails
    assert set(unjudged(verdicts)) == unread


def test_one_cut_stream_of_three_fails_one_check() -> None:
    """The other two streams still give all figures."""
    verdicts = judged(changed(make_case(), STREAM, cut, samples=(2,)))

    assert failed(verdicts) == {"stream_terminates"}
    assert unjudged(verdicts) == {}
    assert "1 of 3 calls: stream[2]: the stream was cut" in verdicts["stream_terminates"].actual


def test_one_failed_chat_of_three_is_counted() -> None:
    """A failed call fails what reads it, and is named with its number."""
    verdicts = judged(changed(make_case(), (P.WARM,), broken(ErrorKind.SERVER_ERROR, 500), samples=(2,)))

    assert failed(verdicts) == {"chat_shape", "usage", "model_identity", "latency_warm", "cold_to_warm"}
    assert verdicts["latency_warm"].actual.startswith("1 of 3 calls failed: warm[2]: server_error")
    assert verdicts["latency_warm"].figures["n"] == 2


@pytest.mark.parametrize(
    ("fault", "fails"),
    [
        (ProviderRow("together", "https://api.together.ai/v1"), {"base_url_parity"}),
        (ProviderRow("together-ai", "https://api.together.ai"), {"base_url_parity", "venue catalog_parity"}),
    ],
    ids=["doubled segment", "other slug"],
)
def test_a_wrong_provider_fails_parity_only(fault: ProviderRow, fails: set[str]) -> None:
    """What the providers table says wrong is caught without a call."""
    case = make_case(source=Source.CATALOG, catalog=make_catalog(providers=(fault,)))

    assert failed(judged(case)) == fails


def test_a_wrong_row_fails_catalog_parity_only() -> None:
    """What the models table says wrong is caught by the target's check."""
    case = make_case(source=Source.CATALOG, catalog=make_catalog(make_row(upstream_model="other")))

    assert failed(judged(case)) == {"catalog_parity"}


def _cases() -> list[Case]:
    return [make_case(), *(changed(make_case(), names, change) for names, change, _, _ in MATRIX.values())]


def test_every_verdict_is_one_line_and_fits_the_report() -> None:
    """Texts hold no line break and stay short; figures are JSON without NaN."""
    for case in _cases():
        for verdict in judged(case).values():
            texts = [verdict.reason] if isinstance(verdict, NotJudged) else [verdict.expected, verdict.actual]
            texts += [text for _, text in verdict.context]
            assert all(text and text.isprintable() and len(text) < 700 for text in texts), verdict
            assert len({title for title, _ in verdict.context}) == len(verdict.context)
            json.dumps(dict(verdict.figures), allow_nan=False)


def test_a_failure_says_what_was_expected() -> None:
    """No failed verdict leaves its expectation empty."""
    verdicts = [verdict for case in _cases() for verdict in judged(case).values()]

    assert all(verdict.expected for verdict in verdicts if isinstance(verdict, Failed))
