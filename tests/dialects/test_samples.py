"""Every composed sample is read as its shape says."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from dialects.builders import CHAT, META, MODELS, SAMPLES, STREAM, sample_exchange, venue
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import ErrorKind, Observation, StreamEnd, ToolCall, Usage

ARGUMENTS = '{"harbour":"Bodo","hour":6}'
SPACED = '{"harbour": "Bodo", "hour": 6}'


@dataclass(frozen=True)
class Said:
    """What a sample says; the text is `lighthouse` where no tool is called."""

    usage: Usage | None
    finish: str = "stop"
    reasoning: str = ""
    call: ToolCall | None = None
    text: str | None = None


def called(usage: Usage | None, call_id: str | None, finish: str = "tool_calls", **changes: str) -> Said:
    """Return what a sample with a tool call says."""
    arguments = changes.pop("arguments", ARGUMENTS)
    return Said(
        usage, finish, call=ToolCall("tide_height", arguments, call_id), text=changes.pop("text", ""), **changes
    )


GROQ = Usage(78, 16, 94, 8)
GROQ_TOOL = Usage(151, 34, 185, 11)
TOGETHER = Usage(75, 19, 94, 0)
TOGETHER_TOOL = Usage(150, 37, 187, 0)
FIREWORKS = Usage(14, 17, 31, None, 0)
FIREWORKS_TOOL = Usage(160, 24, 184, None, 0)
DEEPINFRA = Usage(42, 3, 45, cost_usd=Decimal("0.00000516"))
NOVITA = Usage(43, 3, 46)
ANTHROPIC = Usage(17, 5, None, None, 0)
ANTHROPIC_TOOL = Usage(690, 58, None, None, 0)
OPENAI = Usage(25, 3, 28, 0, 0)
OPENAI_TOOL = Usage(61, 20, 81, 0, 0)
GEMINI = Usage(35, 12, 109)
MISTRAL = Usage(12, 3, 15)
MISTRAL_TOOL = Usage(88, 20, 108)
XAI = Usage(165, 2, 292, 125, 156, Decimal("0.0000731"))
ONE_WORD = "One word was asked for."
HAS_ANSWER = "The tool has the answer."

ANSWERS = {
    ("groq", "chat_completion.json"): Said(GROQ, reasoning=ONE_WORD),
    ("groq", "tool_call.json"): called(GROQ_TOOL, "fc_00000000-0000-4000-8000-000000000002", reasoning=HAS_ANSWER),
    ("deepinfra", "chat_completion.json"): Said(DEEPINFRA),
    ("deepinfra", "tool_call.json"): called(
        Usage(171, 21, 192, cost_usd=Decimal("0.00002382")), "call_composed00000000000002"
    ),
    ("together", "chat_completion.json"): Said(TOGETHER, reasoning=ONE_WORD),
    ("together", "tool_call.json"): called(
        TOGETHER_TOOL, "call_0000000000000000000000c2", arguments=SPACED, reasoning=HAS_ANSWER
    ),
    ("fireworks", "chat_completion.json"): Said(FIREWORKS, reasoning=ONE_WORD),
    ("fireworks", "chat_completion_perf_metrics.json"): Said(Usage(14, 3, 17, None, 0)),
    ("fireworks", "tool_call.json"): called(FIREWORKS_TOOL, "call_composed00000000000003"),
    ("novita", "chat_completion.json"): Said(NOVITA),
    ("novita", "tool_call.json"): called(Usage(170, 21, 191), "call_composed000000000002"),
    ("anthropic", "chat_completion.json"): Said(ANTHROPIC, "end_turn"),
    ("anthropic", "tool_call.json"): called(
        ANTHROPIC_TOOL, "toolu_composed00000000000002", "tool_use", text="Looking up the tide table."
    ),
    ("openai", "chat_completion.json"): Said(OPENAI),
    ("openai", "tool_call.json"): called(OPENAI_TOOL, "call_composed00000000000101"),
    ("gemini", "chat_completion.json"): Said(GEMINI),
    ("gemini", "tool_call.json"): called(GEMINI, ""),
    ("mistral", "chat_completion.json"): Said(MISTRAL),
    ("mistral", "chat_thinking.json"): Said(Usage(12, 11, 23), reasoning=ONE_WORD),
    ("mistral", "tool_call.json"): called(MISTRAL_TOOL, "cmp0sed01"),
    ("xai", "chat_completion.json"): Said(XAI),
    ("xai", "tool_call.json"): called(XAI, "call_00000401", ""),
}
STREAMS = {
    ("groq", "stream.sse"): Said(GROQ, reasoning="One word."),
    ("groq", "stream_tool.sse"): called(GROQ_TOOL, "fc_00000000-0000-4000-8000-000000000004"),
    ("deepinfra", "stream.sse"): Said(DEEPINFRA),
    ("together", "stream.sse"): Said(TOGETHER, reasoning="One word."),
    ("together", "stream_tool.sse"): called(TOGETHER_TOOL, "call_0000000000000000000000c6", arguments=SPACED),
    ("fireworks", "stream.sse"): Said(FIREWORKS, reasoning="One word."),
    ("fireworks", "stream_tool.sse"): called(FIREWORKS_TOOL, "call_composed00000000000006"),
    ("novita", "stream.sse"): Said(NOVITA),
    ("anthropic", "stream.sse"): Said(ANTHROPIC, "end_turn"),
    ("anthropic", "stream_tool.sse"): called(
        ANTHROPIC_TOOL, "toolu_composed00000000000008", "tool_use", arguments=SPACED
    ),
    ("anthropic", "openai_compat_stream_tool.sse"): called(None, "toolu_composed00000000000010", text="Looking it up."),
    ("openai", "stream.sse"): Said(OPENAI),
    ("openai", "stream_tool.sse"): called(OPENAI_TOOL, "call_composed00000000000101"),
    ("gemini", "stream.sse"): Said(GEMINI),
    ("gemini", "stream_tool.sse"): called(GEMINI, "", "stop"),
    ("mistral", "stream.sse"): Said(MISTRAL),
    ("mistral", "stream_tool.sse"): called(MISTRAL_TOOL, "cmp0sed01"),
    ("xai", "stream.sse"): Said(XAI),
    ("xai", "stream_tool.sse"): called(XAI, "call_00000401", ""),
}
ERROR_STREAMS = {
    ("groq", "stream_error_in_200.sse"): (ErrorKind.BAD_REQUEST, "tool_use_failed"),
    ("anthropic", "stream_error_in_200.sse"): (ErrorKind.OVERLOADED, "overloaded_error"),
}
LISTS = {
    ("groq", "models.json"): "openai/gpt-oss-120b",
    ("deepinfra", "models.json"): "openai/gpt-oss-120b",
    ("deepinfra", "models_catalog.json"): "openai/gpt-oss-120b",
    ("together", "models.json"): "openai/gpt-oss-120b",
    ("fireworks", "models.json"): "accounts/fireworks/models/deepseek-v4p1-flash",
    ("fireworks", "models_management.json"): "accounts/fireworks/models/deepseek-v4p1-flash",
    ("novita", "models.json"): "meta-llama/llama-3.3-70b-instruct",
    ("anthropic", "models.json"): "claude-haiku-4-5",
    ("openai", "models.json"): "gpt-4o-mini",
    ("gemini", "models.json"): "gemini-3.8-flash",
    ("mistral", "models.json"): "mistral-small-latest",
    ("xai", "models.json"): "grok-4.5",
}
ERRORS = {
    # file: kind, the venue's code, request id, seconds until retry
    ("groq", "error_401.json"): (ErrorKind.AUTH_REFUSED, "invalid_api_key", "req_01composed000000000000003", None),
    ("groq", "error_404_model.json"): (ErrorKind.NO_SUCH_MODEL, "model_not_found", None, None),
    ("groq", "error_429.json"): (ErrorKind.RATE_LIMITED, "rate_limit_exceeded", None, 1.0),
    ("deepinfra", "error_401.json"): (ErrorKind.AUTH_REFUSED, "invalid_request_error", None, None),
    ("deepinfra", "error_403_detail.json"): (ErrorKind.AUTH_REFUSED, None, None, None),
    ("deepinfra", "error_422_detail.json"): (ErrorKind.BAD_REQUEST, None, None, None),
    ("deepinfra", "error_429.json"): (ErrorKind.RATE_LIMITED, "engine_overloaded", None, None),
    ("together", "error_401.json"): (
        ErrorKind.AUTH_REFUSED,
        "invalid_api_key",
        "omComp3-2kaaaa-0000000000000000",
        None,
    ),
    ("together", "error_401_models.json"): (ErrorKind.AUTH_REFUSED, None, None, None),
    ("together", "error_404_model.json"): (
        ErrorKind.NO_SUCH_MODEL,
        "model_not_available",
        "omComp5-2kaaaa-0000000000000000",
        None,
    ),
    ("together", "error_429.json"): (
        ErrorKind.RATE_LIMITED,
        "dynamic_request_limited",
        "omComp4-2kaaaa-0000000000000000",
        1.0,
    ),
    ("fireworks", "error_400_extra_field.json"): (ErrorKind.BAD_REQUEST, "invalid_request_error", None, None),
    ("fireworks", "error_401.json"): (ErrorKind.AUTH_REFUSED, "UNAUTHORIZED", None, None),
    ("fireworks", "error_404_model.json"): (
        ErrorKind.NO_SUCH_MODEL,
        "NOT_FOUND",
        "chatcmpl-composed000000004",
        None,
    ),
    ("fireworks", "error_429.json"): (ErrorKind.RATE_LIMITED, "rate_limit_exceeded", "composed-00000005", 2.0),
    ("novita", "error_400_feature.json"): (ErrorKind.BAD_REQUEST, "INVALID_REQUEST_BODY", "0" * 31 + "1", None),
    ("novita", "error_401.json"): (ErrorKind.AUTH_REFUSED, "FAILED_TO_AUTH", "0" * 31 + "1", None),
    ("novita", "error_403_balance.json"): (ErrorKind.NO_CREDIT, "NOT_ENOUGH_BALANCE", None, None),
    ("novita", "error_404_model.json"): (ErrorKind.NO_SUCH_MODEL, "MODEL_NOT_FOUND", "0" * 31 + "1", None),
    ("novita", "error_404_route.txt"): (ErrorKind.NO_SUCH_ROUTE, None, None, None),
    ("novita", "error_429.json"): (ErrorKind.RATE_LIMITED, "RATE_LIMIT_EXCEEDED", "0" * 31 + "1", None),
    ("novita", "error_500.json"): (ErrorKind.SERVER_ERROR, "server_error", "0" * 31 + "1", None),
    ("anthropic", "error_401.json"): (
        ErrorKind.AUTH_REFUSED,
        "authentication_error",
        "req_composed0000000000000003",
        None,
    ),
    ("anthropic", "error_404_model.json"): (
        ErrorKind.NO_SUCH_MODEL,
        "not_found_error",
        "req_composed0000000000000004",
        None,
    ),
    ("anthropic", "error_429.json"): (
        ErrorKind.RATE_LIMITED,
        "rate_limit_error",
        "req_composed0000000000000005",
        12.0,
    ),
    ("anthropic", "error_529.json"): (ErrorKind.OVERLOADED, "overloaded_error", "req_composed0000000000000006", None),
    ("openai", "error_401.json"): (ErrorKind.AUTH_REFUSED, "invalid_api_key", "req_composed0000000000000102", None),
    ("openai", "error_404_model.json"): (
        ErrorKind.NO_SUCH_MODEL,
        "model_not_found",
        "req_composed0000000000000103",
        None,
    ),
    ("openai", "error_429_quota.json"): (
        ErrorKind.NO_CREDIT,
        "insufficient_quota",
        "req_composed0000000000000104",
        None,
    ),
    ("gemini", "error_400_key.json"): (ErrorKind.AUTH_REFUSED, "INVALID_ARGUMENT", None, None),
    ("gemini", "error_404_model.json"): (ErrorKind.NO_SUCH_MODEL, "NOT_FOUND", None, None),
    ("gemini", "error_429.json"): (ErrorKind.RATE_LIMITED, "RESOURCE_EXHAUSTED", None, 20.0),
    ("mistral", "error_400_model.json"): (ErrorKind.NO_SUCH_MODEL, "1500", "composed-00000000-0303", None),
    ("mistral", "error_401.json"): (ErrorKind.AUTH_REFUSED, None, "composed-00000000-0302", None),
    ("mistral", "error_422.json"): (ErrorKind.BAD_REQUEST, None, None, None),
    ("mistral", "error_429.json"): (ErrorKind.RATE_LIMITED, "1300", None, None),
    ("xai", "error_400_key.json"): (ErrorKind.AUTH_REFUSED, "invalid-argument", "composed-0405", None),
    ("xai", "error_404_model.json"): (ErrorKind.NO_SUCH_MODEL, "not-found", "composed-0406", None),
}
DIALECTS = {("anthropic", "openai_compat_stream_tool.sse"): "openai"}


def read_sample(place: tuple[str, str]) -> Observation:
    """Return what is read of a sample by the spec of its venue."""
    name, file = place
    probe = MODELS if place in LISTS else STREAM if file.endswith(".sse") else CHAT
    return read(venue(name, DIALECTS.get(place)), probe, sample_exchange(name, file))


def names(table: object) -> list[str]:
    """Return test ids for a table of samples."""
    return ["/".join(place) for place in table]  # type: ignore[attr-defined]


def test_every_sample_is_expected_somewhere() -> None:
    """Each file under `samples` has a meta entry and stands in one of the tables here."""
    files = {(path.parent.name, path.name) for path in SAMPLES.glob("*/*")}
    assert files == {(name, file) for name, group in META.items() for file in group}
    assert files == {place for table in (ANSWERS, STREAMS, ERROR_STREAMS, LISTS, ERRORS) for place in table}


@pytest.mark.parametrize(("place", "said"), {**ANSWERS, **STREAMS}.items(), ids=names({**ANSWERS, **STREAMS}))
def test_a_good_sample_is_read_without_a_fault(place: tuple[str, str], said: Said) -> None:
    """A documented answer, streamed or not, gives its text, reasoning, call and usage, and no fault."""
    seen = read_sample(place)
    assert seen.error is None
    assert seen.faults == ()
    assert seen.answer is not None
    assert seen.answer.text == ("lighthouse" if said.text is None else said.text)
    assert seen.answer.reasoning == said.reasoning
    assert seen.answer.finish_reason == said.finish
    assert seen.answer.tool_calls == (() if said.call is None else (said.call,))
    assert seen.usage == said.usage
    assert seen.answer.model
    assert seen.answer.id


@pytest.mark.parametrize("place", STREAMS, ids=names(STREAMS))
def test_a_good_stream_is_complete(place: tuple[str, str]) -> None:
    """A documented stream ends complete and brings its text in deltas that hold nothing else."""
    seen = read_sample(place)
    assert seen.answer is not None
    assert seen.stream_end is StreamEnd.COMPLETE
    assert "".join(delta.text for delta in seen.deltas) == seen.answer.text
    assert "".join(delta.reasoning for delta in seen.deltas) == seen.answer.reasoning
    assert any(delta.tool for delta in seen.deltas) == bool(seen.answer.tool_calls)
    assert all(delta.text or delta.reasoning or delta.tool for delta in seen.deltas)


@pytest.mark.parametrize("place", ANSWERS, ids=names(ANSWERS))
def test_a_whole_answer_is_no_stream(place: tuple[str, str]) -> None:
    """An answer that was not streamed has neither deltas nor a stream end, and one usage."""
    seen = read_sample(place)
    assert (seen.stream_end, seen.deltas) == (None, ())
    assert seen.usages == (seen.usage,)


@pytest.mark.parametrize(("place", "expected"), ERROR_STREAMS.items(), ids=names(ERROR_STREAMS))
def test_an_error_event_ends_a_stream(place: tuple[str, str], expected: tuple[ErrorKind, str]) -> None:
    """An error event inside a 200 stream becomes an error of its own kind."""
    seen = read_sample(place)
    assert seen.stream_end is StreamEnd.ERROR_EVENT
    assert seen.error is not None
    assert (seen.error.kind, seen.error.venue_code) == expected
    assert seen.error.status == 200
    assert seen.deltas == ()


@pytest.mark.parametrize(("place", "name"), LISTS.items(), ids=names(LISTS))
def test_a_list_of_models_is_read(place: tuple[str, str], name: str) -> None:
    """Each venue's list of models gives their names."""
    seen = read_sample(place)
    assert (seen.error, seen.faults) == (None, ())
    assert seen.listed_models is not None
    assert name in seen.listed_models


@pytest.mark.parametrize(("place", "expected"), ERRORS.items(), ids=names(ERRORS))
def test_an_error_body_is_classified(
    place: tuple[str, str], expected: tuple[ErrorKind, str | None, str | None, float | None]
) -> None:
    """Each venue's error bodies give their kind, code, request id and time to retry."""
    error = read_sample(place).error
    assert error is not None
    assert (error.kind, error.venue_code, error.request_id, error.retry_after_s) == expected
    assert error.status == META[place[0]][place[1]]["status"]
    assert error.venue_message


def test_cumulative_usages_are_kept_in_order() -> None:
    """Novita's usage on every chunk is cumulative: all are kept, the last one counts."""
    seen = read_sample(("novita", "stream.sse"))
    assert [usage.output_tokens for usage in seen.usages] == [0, 1, 2, 3, 3]
    assert seen.usage == seen.usages[-1]


def test_usage_of_an_anthropic_stream_is_laid_over_that_of_its_start() -> None:
    """`message_start` brings the input, `message_delta` the final output."""
    seen = read_sample(("anthropic", "stream.sse"))
    assert [(usage.input_tokens, usage.output_tokens) for usage in seen.usages] == [(17, 1), (17, 5)]


def test_groq_repeats_its_usage_once() -> None:
    """Usage that stands twice in one chunk is one usage."""
    assert read_sample(("groq", "stream.sse")).usages == (GROQ,)
