"""
Parts that venues of the Chat Completions dialect share. Composed; each venue's own module says what it adds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from support.said import Said, SaidTool

CREATED = 1795500000
"""Seconds since the epoch in every answer: a fixed time."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One delta of a stream."""

    delta: Json
    finish: str | None = None
    tokens: int = 0
    """Tokens generated so far."""


def tool_call(tool: SaidTool, call_id: str, **extras: Any) -> Json:
    """Return an unstreamed tool call."""
    return {"id": call_id, **extras, "type": "function", "function": {"name": tool.name, "arguments": tool.arguments}}


def message(said: Said, *, content: Json, reasoning: str | None = None, calls: list[Json] | None = None) -> Json:
    """
    Return the message of a chat. `content` is used instead of the text where a tool is called: `{"content": None}`,
    or `{}` for a venue that leaves the key out.
    """
    parts: Json = {"role": "assistant", **(content if said.tool else {"content": said.text})}
    if reasoning and said.thoughts:
        parts[reasoning] = said.thinking
    if said.tool and calls is not None:
        parts["tool_calls"] = calls
    return parts


def usage(said: Said) -> Json:
    """Return the three counts that all venues of the dialect report."""
    total = said.input_tokens + said.output_tokens
    return {"prompt_tokens": said.input_tokens, "completion_tokens": said.output_tokens, "total_tokens": total}


def completion(said: Said, answer_id: str, parts: Json, *, choice: Json | None = None) -> Json:
    """Return a chat body with one choice, without usage."""
    whole = {"index": 0, "message": parts, "finish_reason": said.finish, **(choice or {})}
    return {
        "id": answer_id,
        "object": "chat.completion",
        "created": CREATED,
        "model": said.model,
        "choices": [whole],
    }


def chunk(said: Said, answer_id: str, step: Step | None, *, choice: Json | None = None) -> Json:
    """Return one chunk of a stream, without usage. Without a step it has no choices."""
    choices = (
        [] if step is None else [{"index": 0, "delta": step.delta, "finish_reason": step.finish, **(choice or {})}]
    )
    return {
        "id": answer_id,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": said.model,
        "choices": choices,
    }


def whole_call(said: Said, call_id: str, **extras: Any) -> list[list[Json]]:
    """Return the tool call as one delta."""
    return [[tool_call(said.tool, call_id, **extras)]] if said.tool else []


def call_in_parts(said: Said, call_id: str, *, index: int = 0, later: Json | None = None) -> list[list[Json]]:
    """Return the tool call as a first delta with name and empty arguments, and two with the arguments."""
    if said.tool is None:
        return []
    arguments, middle = said.tool.arguments, len(said.tool.arguments) // 2
    first = {**tool_call(SaidTool(said.tool.name, ""), call_id), "index": index}
    parts = [arguments[:middle], arguments[middle:]]
    rest = [{**(later or {}), "index": index, "function": {"arguments": part}} for part in parts]
    return [[first], *([delta] for delta in rest)]


def steps(
    said: Said,
    *,
    first: Json | None,
    reasoning: Callable[[str], Json] | None = None,
    calls: list[list[Json]] | None = None,
) -> Iterator[Step]:
    """Return the deltas of a stream: the role (unless `first` is `None`), reasoning, text or call, and the finish."""
    tokens = 0 if reasoning else len(said.thoughts)
    if first is not None:
        yield Step(first, tokens=tokens)
    for piece in said.thoughts if reasoning else ():
        tokens += 1
        yield Step(reasoning(piece) if reasoning else {}, tokens=tokens)
    for piece in said.pieces:
        tokens += 1
        yield Step({"content": piece}, tokens=tokens)
    for deltas in calls or []:
        yield Step({"tool_calls": deltas}, tokens=tokens)
    yield Step({}, said.finish, tokens=said.output_tokens)


def object_list(models: tuple[str, ...], owner: str) -> Json:
    """Return a list of models in OpenAI's form."""
    entries = [{"id": model, "object": "model", "created": CREATED, "owned_by": owner} for model in models]
    return {"object": "list", "data": entries}


def openai_error(status: int, code: str, text: str) -> Json:
    """Return OpenAI's envelope."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": text, "type": kind, "param": None, "code": code}}
