"""
Whether the model calls the tool that it was given, with arguments of the right shape, unstreamed and streamed alike.
"""

from collections.abc import Mapping
from typing import Any

from pytest_darkhost.checks.availability import Trouble, each, problem, trouble
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.contents import content_faults
from pytest_darkhost.checks.json_schema import json_type, schema_faults
from pytest_darkhost.checks.shape import shape_fault, token_ceiling
from pytest_darkhost.checks.streams import complete, end_words
from pytest_darkhost.checks.structured import parsed
from pytest_darkhost.checks.target import declares, seen
from pytest_darkhost.checks.texts import has_text, short
from pytest_darkhost.observations import Answer, Observation, ToolCall
from pytest_darkhost.probes import ProbeName, Tool
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

_LISTED = 3
Signature = tuple[str, frozenset[str]]
"""Name of a call and keys of its arguments."""


def _expected(tool: Tool) -> str:
    return f"a call of the tool {tool.name!r} with JSON arguments that follow its schema"


def _arguments(call: ToolCall) -> Mapping[str, Any] | None:
    try:
        value = parsed(call.arguments)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _argument_faults(call: ToolCall, tool: Tool) -> str | None:
    try:
        value = parsed(call.arguments)
    except ValueError:
        return f"the arguments are not JSON: {short(call.arguments)!r}"
    if not isinstance(value, dict):
        return f"the arguments are {json_type(value)}, expected an object"
    faults = list(schema_faults(value, tool.parameters, "arguments"))
    faults = faults or list(content_faults(value, tool.parameters, "arguments"))
    return "; ".join(faults[:_LISTED]) or None


def _leaked(text: str, tool: Tool) -> bool:
    """Return whether a text reads like the call that should have been a tool call."""
    marked = any(mark in text for mark in ('"name"', "<tool_call>", "<function", "[TOOL_CALLS]", '"arguments"'))
    return tool.name in text and (marked or text.lstrip().startswith(("{", "[", f"{tool.name}(")))


def _without_call(answer: Answer, tool: Tool) -> str:
    if _leaked(answer.text, tool):
        return f"the call came as text in content: {short(answer.text)!r}"
    said = f"the text was {short(answer.text)!r}" if has_text(answer.text) else "the answer held no text either"
    return f"the tool was not called, finish reason {answer.finish_reason!r}; {said}"


def _id_fault(case: Case, call: ToolCall) -> str | None:
    # Messages API: a tool result names its call by `tool_use_id`, so a call without one cannot be answered.
    return "the call has no id" if case.venue.dialect is Dialect.ANTHROPIC and not call.id else None


def _call_fault(case: Case, answer: Answer, tool: Tool) -> str | None:
    if not answer.tool_calls:
        return _without_call(answer, tool)
    others = sorted({call.name for call in answer.tool_calls if call.name != tool.name})
    if others:
        return f"the call was of {', '.join(short(repr(name), 60) for name in others)}"
    faults = [_argument_faults(call, tool) or _id_fault(case, call) for call in answer.tool_calls]
    many = f"{len(faults)} calls, expected one" if len(faults) > 1 else None
    return next(filter(None, faults), many)


def _unread_tool(observation: Observation, chats: tuple[Observation, ...]) -> str | None:
    """Return why the token counts say that the tool's schema never reached the model."""
    plain = [chat.usage.input_tokens for chat in chats if chat.usage is not None]
    if observation.usage is None or not plain or observation.usage.input_tokens > min(plain):
        return None
    counts = f"{observation.usage.input_tokens} input tokens with the tool, {min(plain)} without"
    return f"the tool never reached the model: {counts}"


def _fault(case: Case, observation: Observation) -> Trouble | None:
    request, answer = observation.probe.request, observation.answer
    if request is None or request.tool is None or answer is None:
        return problem(observation) or Failed("a tool call", "no answer to a request with a tool was read")
    expected = _expected(request.tool)
    found = problem(observation) or shape_fault(observation, expected)
    if found:
        return found
    if request.stream and not complete(observation):
        return Failed(expected, end_words(observation))
    unread = _unread_tool(observation, seen(case, ProbeName.COLD))
    # What a call at the ceiling lacks is unknown, even where its JSON happens to be whole.
    if answer.at_token_ceiling and not unread:
        return token_ceiling(observation, "the whole call")
    texts = [text for text in (_call_fault(case, answer, request.tool), unread) if text]
    return Failed(expected, "; ".join(texts)) if texts else None


def tool_call(case: Case) -> Verdict:
    """
    Return whether the unstreamed answer calls the planned tool once, with arguments that follow its schema and prompt.

    A prompt that counts no more input tokens with the tool than a plain chat fails: the schema was not read.
    """
    calls = seen(case, ProbeName.TOOL_CALL)
    passed = Passed("a call of the planned tool", "called, with arguments that follow its schema")
    return each(calls, lambda call: _fault(case, call), passed, names=(ProbeName.TOOL_CALL,))


def _signatures(observations: tuple[Observation, ...]) -> list[Signature]:
    answers = [observation.answer for observation in observations if observation.answer is not None]
    found = [call for answer in answers for call in answer.tool_calls]
    return [(call.name, frozenset(_arguments(call) or {})) for call in found]


def _shown(signatures: list[Signature]) -> str:
    texts = [short(f"{name}({', '.join(sorted(keys))})", 80) for name, keys in signatures[:_LISTED]]
    return ", ".join(texts) or "no call"


def tool_call_stream(case: Case) -> Verdict:
    """Return whether the streamed answer makes the same call as the unstreamed one: same name, same argument keys."""
    if not declares(case, Capability.STREAM):
        return NotJudged(ReasonCode.NOT_APPLICABLE, "spec declares no 'stream' for this model")
    streamed, plain = seen(case, ProbeName.TOOL_CALL_STREAM), seen(case, ProbeName.TOOL_CALL)
    passed = Passed("the same call as unstreamed", _shown(_signatures(streamed)))
    judged = each(streamed, lambda call: _fault(case, call), passed, names=(ProbeName.TOOL_CALL_STREAM,))
    if not isinstance(judged, Passed):
        return judged
    unread = trouble(plain, problem) if plain else each((), problem, passed, names=(ProbeName.TOOL_CALL,))
    if unread:
        return unread
    same = _signatures(streamed) == _signatures(plain)
    expected = f"the same call as unstreamed: {_shown(_signatures(plain))}"
    return passed if same else Failed(expected, f"streamed: {_shown(_signatures(streamed))}")
