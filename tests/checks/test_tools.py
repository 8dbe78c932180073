"""
Tool calls and structured output: what is accepted, what is named.
"""

from dataclasses import replace

import pytest

from checks.factory import broken, changed, judged, make_case, make_model, with_answer, with_usage
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.json_schema import schema_faults
from pytest_darkhost.observations import ErrorKind, Observations, StreamEnd, ToolCall
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.verdicts import Failed, Passed

OSLO = ToolCall("get_weather", '{"city": "Oslo"}', "call_1")
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "enum": ["Oslo", "Bergen"]},
        "days": {"type": "integer"},
        "hours": {"type": "array", "items": {"type": "number"}},
        "note": {"type": ["string", "null"]},
    },
    "required": ["city"],
    "additionalProperties": False,
}


def calling(*calls: ToolCall, stream: bool = False, **more: object) -> Case:
    """Return a case in which the tool probe is answered with these calls."""
    name = P.TOOL_CALL_STREAM if stream else P.TOOL_CALL
    return changed(make_case(), (name,), with_answer(tool_calls=calls, **more))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"city": "Oslo"}, None),
        ({"city": "Oslo", "days": 3.0, "hours": [1, 2.5], "note": None}, None),
        ([], "$: an array, expected object"),
        (None, "$: a null, expected object"),
        ({}, "$.city: missing, expected a value"),
        ({"city": 3}, "$.city: a number, expected string"),
        ({"city": "Rome"}, "$.city: 'Rome', expected one of ['Oslo', 'Bergen']"),
        ({"city": "Oslo", "days": 2.5}, "$.days: a number, expected integer"),
        ({"city": "Oslo", "days": True}, "$.days: a boolean, expected integer"),
        ({"city": "Oslo", "days": float("inf")}, "$.days: a number, expected integer"),
        ({"city": "Oslo", "days": float("nan")}, "$.days: a number, expected integer"),
        ({"city": "Oslo", "hours": [1, "2"]}, "$.hours[1]: a string, expected number"),
        ({"city": "Oslo", "note": 1}, "$.note: a number, expected ['string', 'null']"),
        ({"city": "Oslo", "days": 10**400}, None),
        ({"city": "Oslo", "more": 1}, "$.more: not in the schema, expected no such key"),
    ],
    ids=str,
)
def test_the_subset_of_json_schema(value: object, fault: str | None) -> None:
    """Each keyword that the plan's schemas use is held."""
    assert next(schema_faults(value, SCHEMA), None) == fault


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (ToolCall("get_wether", '{"city": "Oslo"}'), "the call was of 'get_wether'"),
        (ToolCall("get_weather", '{"city": "Os'), 'the arguments are not JSON: \'{"city": "Os\''),
        (ToolCall("get_weather", ""), "the arguments are not JSON"),
        (ToolCall("get_weather", '["Oslo"]'), "the arguments are an array, expected an object"),
        (ToolCall("get_weather", "{}"), "arguments.city: missing"),
        (ToolCall("get_weather", '{"city": 3}'), "arguments.city: a number, expected string"),
        (ToolCall("get_weather", "[" * 100_000), "the arguments are not JSON"),
        (ToolCall("get_weather", '{"city": ""}'), "arguments.city: an empty text, expected a value"),
        (ToolCall("get_weather", '{"city": "\u200b "}'), "arguments.city: an empty text, expected a value"),
        (ToolCall("get_weather", '{"city": "Paris"}'), "arguments.city: 'Paris', expected a text that matches"),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_a_wrong_call_is_named(call: ToolCall, words: str, stream: bool) -> None:
    """Name, JSON, required keys and types of the arguments are held in both modes."""
    verdict = judged(calling(call, stream=stream))["tool_call_stream" if stream else "tool_call"]

    assert isinstance(verdict, Failed)
    assert words in verdict.actual


def test_every_call_of_several_is_held() -> None:
    """A second call with cut arguments is found."""
    calls = (ToolCall("get_weather", '{"city": "Oslo"}'), ToolCall("get_weather", '{"ci'))

    assert isinstance(judged(calling(*calls))["tool_call"], Failed)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_one_call_is_expected_and_no_more(stream: bool) -> None:
    """Equal calls are counted, each for itself."""
    verdict = judged(calling(*[OSLO] * 50, stream=stream))["tool_call_stream" if stream else "tool_call"]

    assert isinstance(verdict, Failed)
    assert "50 calls, expected one" in verdict.actual


def test_a_whole_call_at_our_ceiling_is_not_judged() -> None:
    """JSON that happens to be whole does not show what the ceiling cut off."""
    assert judged(calling(OSLO, finish_reason="length"))["tool_call"].code == "token_ceiling"


@pytest.mark.parametrize(("dialect", "kind"), [(Dialect.ANTHROPIC, Failed), (Dialect.OPENAI, Passed)])
def test_a_call_needs_an_id_where_its_result_names_it(dialect: Dialect, kind: type) -> None:
    """In the Messages API a call without an id cannot be answered."""
    case = calling(replace(OSLO, id=None))
    verdict = judged(replace(case, venue=case.venue.model_copy(update={"dialect": dialect})))["tool_call"]

    assert type(verdict) is kind
    assert kind is Passed or "the call has no id" in verdict.actual


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "get_weather", "arguments": {"city": "Oslo"}}',
        'Sure.\n<tool_call>\n{"name": "get_weather"}\n</tool_call>',
        "<function=get_weather>{}</function>",
        'get_weather(city="Oslo")',
    ],
)
def test_a_call_that_leaked_into_the_text_is_named(text: str) -> None:
    """The usual forms of a call as text are told apart from an answer without a call."""
    assert "the call came as text in content" in judged(calling(text=text))["tool_call"].actual


def test_an_answer_instead_of_a_call_is_named() -> None:
    """An invented answer is shown with its finish reason."""
    verdict = judged(calling(text="It is 7 degrees; get_weather was not needed.", finish_reason="stop"))["tool_call"]

    assert verdict.actual.startswith("the tool was not called, finish reason 'stop'; the text was 'It is 7")


@pytest.mark.parametrize("name", [P.TOOL_CALL, P.TOOL_CALL_STREAM, P.JSON_SCHEMA])
def test_an_answer_that_nobody_read_is_no_pass(name: P) -> None:
    """A call without an error and without an answer fails."""
    verdict = judged(changed(make_case(), (name,), lambda seen: replace(seen, answer=None)))[name]

    assert isinstance(verdict, Failed)


def test_a_call_cut_by_our_ceiling_is_not_judged() -> None:
    """The venue is not blamed for our own ceiling."""
    verdict = judged(calling(ToolCall("get_weather", '{"ci'), finish_reason="length"))["tool_call"]

    assert verdict.code == "token_ceiling"


@pytest.mark.parametrize(("tokens", "kind"), [(41, Passed), (40, Failed), (12, Failed)])
def test_a_tool_costs_input_tokens(tokens: int, kind: type) -> None:
    """The plain chat had 40 input tokens: with the tool there must be more."""
    case = changed(make_case(), (P.TOOL_CALL,), with_usage(input_tokens=tokens))

    assert type(judged(case)["tool_call"]) is kind


def test_without_a_plain_chat_tokens_are_not_compared() -> None:
    """Where the chat failed or told no usage, the call alone is judged."""
    cheap = changed(make_case(), (P.TOOL_CALL,), with_usage(input_tokens=1))

    assert isinstance(judged(changed(cheap, (P.COLD,), broken(ErrorKind.CUT)))["tool_call"], Passed)


def test_streamed_and_unstreamed_values_may_differ() -> None:
    """The city in other words is the same call."""
    call = ToolCall("get_weather", '{"city": "OSLO, Norway"}')

    assert isinstance(judged(calling(call, stream=True))["tool_call_stream"], Passed)


def test_streamed_and_unstreamed_keys_may_not_differ() -> None:
    """Other keys are another call: both are shown."""
    open_schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

    def opened(seen):
        request = seen.probe.request
        tool = replace(request.tool, parameters=open_schema)
        return replace(seen, probe=replace(seen.probe, request=replace(request, tool=tool)))

    case = changed(
        calling(ToolCall("get_weather", '{"city": "Oslo", "unit": "C"}'), stream=True),
        P.TOOL_CALL_STREAM.split(),
        opened,
    )
    verdict = judged(case)["tool_call_stream"]

    assert verdict.expected == "the same call as unstreamed: get_weather(city)"
    assert verdict.actual == "streamed: get_weather(city, unit)"


def test_without_the_unstreamed_call_the_streamed_one_has_no_pair() -> None:
    """A failed unstreamed call fails both; one that was not made leaves the other unjudged."""
    case = make_case()
    groups = {name: seen for name, seen in case.observations.by_probe.items() if name != P.TOOL_CALL}

    assert isinstance(judged(changed(case, (P.TOOL_CALL,), broken(ErrorKind.CUT)))["tool_call_stream"], Failed)
    assert judged(replace(case, observations=Observations(groups)))["tool_call_stream"].code == "too_few_samples"


def test_a_cut_tool_stream_is_named_even_if_the_call_looks_whole() -> None:
    """Arguments that parse may still lack what was cut."""
    case = changed(make_case(), (P.TOOL_CALL_STREAM,), lambda seen: replace(seen, stream_end=StreamEnd.CUT))

    assert "the stream was cut" in judged(case)["tool_call_stream"].actual


def test_without_streams_there_is_no_streamed_call() -> None:
    """A model that declares tools and no streams is not asked for a streamed call."""
    verdicts = judged(make_case(make_model(capabilities=(Capability.TOOLS,))))

    assert isinstance(verdicts["tool_call"], Passed)
    assert verdicts["tool_call_stream"].code == "not_applicable"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"capital": "Oslo"}', "$.population: missing"),
        ('{"capital": "Oslo", "population": "many"}', "$.population: a string, expected integer"),
        ('{"capital": "Oslo", "population": 1, "x": 2}', "$.x: not in the schema"),
        ('```json\n{"capital": "Oslo", "population": 1}\n```', "not JSON in a Markdown fence"),
        ('{"capital": "", "population": 1}', "$.capital: an empty text, expected a value"),
        ('{"capital": "-", "population": 1}', "$.capital: '-', expected a text that matches"),
        ('{"capital": "Oslo", "population": -5}', "$.population: -5, expected at least 1"),
        ('{"capital": "Oslo", "population": 1} Done.', "the text is not JSON"),
        ("[" * 100_000, "the text is not JSON"),
    ],
    ids=lambda value: value[:30],
)
def test_structured_output_must_follow_the_schema(text: str, words: str) -> None:
    """Text around the JSON, fences and departures from the schema are named."""
    verdict = judged(changed(make_case(), (P.JSON_SCHEMA,), with_answer(text=text)))["json_schema"]

    assert isinstance(verdict, Failed)
    assert words in verdict.actual


@pytest.mark.parametrize("text", ['{"capital": "Os', ""])
def test_json_cut_by_our_ceiling_is_not_judged(text: str) -> None:
    """The venue is not blamed for our own ceiling."""
    case = changed(make_case(), (P.JSON_SCHEMA,), with_answer(text=text, finish_reason="length"))

    assert judged(case)["json_schema"].code == "token_ceiling"
