"""What the stand-in venue's model says: composed, in no dialect, with token counts that add up."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from support.asked import Asked

_CHAT = ("light", "house")
_STREAM = ("The", " lamp", " of", " the", " light", "house", " turns", " once", " in", " ten", " seconds", ".")
_THOUGHTS = ("One", " word.")
_TOOL_TOKENS = 20
_TOOL_PROMPT_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Prices:
    """What a venue charges, in USD per million tokens."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None

    def cost_usd(self, input_tokens: int, cached_tokens: int, output_tokens: int) -> Decimal:
        """Return the cost of one call; `input_tokens` includes the cached ones."""
        cached_price = self.input if self.cached_input is None else self.cached_input
        fresh = (input_tokens - cached_tokens) * self.input
        return (fresh + cached_tokens * cached_price + output_tokens * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class SaidTool:
    """The one tool call of an answer."""

    name: str
    arguments: str
    """JSON text."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer before a venue gives it its shape."""

    number: int
    """Makes the ids of an answer unique."""
    model: str
    """The name that the venue echoes."""
    pieces: tuple[str, ...]
    """The text, one piece for each token."""
    thoughts: tuple[str, ...]
    """The reasoning, one piece for each token."""
    tool: SaidTool | None
    finish: str
    """`stop`, `length` or `tool_calls`."""
    input_tokens: int
    output_tokens: int
    """Includes reasoning."""
    cached_tokens: int
    """Those of the input that came from the venue's prompt cache."""
    cost_usd: Decimal
    wants_usage: bool
    """Whether usage of a stream was asked for."""

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)

    @property
    def thinking(self) -> str:
        """The whole reasoning."""
        return "".join(self.thoughts)


def example(schema: Mapping[str, Any]) -> Any:
    """Return a value that follows a JSON Schema of objects, arrays and scalars."""
    if schema.get("enum"):
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object":
        return {name: example(part) for name, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
    scalars = {"integer": schema.get("minimum", 6), "number": schema.get("minimum", 1.5), "boolean": True, "null": None}
    return scalars.get(schema.get("type", "string"), "Oslo")


def _pieces(asked: Asked) -> tuple[str, ...]:
    if asked.tool_name:
        return ()
    if asked.json_schema is not None:
        text = json.dumps(example(asked.json_schema))
        return tuple(text[start : start + 8] for start in range(0, len(text), 8))
    return _STREAM if asked.stream else _CHAT


def _input_tokens(asked: Asked) -> int:
    tool = _TOOL_PROMPT_TOKENS if asked.tool_parameters is not None else 0
    return 10 + len(asked.prompt) // 4 + tool


def say(asked: Asked, *, number: int, echoed: str, thinks: bool, prices: Prices, cached_tokens: int = 0) -> Said:
    """Return a healthy answer that keeps to the token ceiling."""
    thoughts = _THOUGHTS[: asked.max_tokens] if thinks else ()
    whole = _pieces(asked)
    pieces = whole[: asked.max_tokens - len(thoughts)]
    tool = SaidTool(asked.tool_name, json.dumps(example(asked.tool_parameters or {}))) if asked.tool_name else None
    output = min(len(thoughts) + (_TOOL_TOKENS if tool else len(pieces)) + 1, asked.max_tokens)
    return Said(
        number=number,
        model=echoed,
        pieces=pieces,
        thoughts=thoughts,
        tool=tool,
        finish="tool_calls" if tool else ("stop" if pieces == whole else "length"),
        input_tokens=_input_tokens(asked),
        output_tokens=output,
        cached_tokens=cached_tokens,
        cost_usd=prices.cost_usd(_input_tokens(asked), cached_tokens, output),
        wants_usage=asked.wants_usage,
    )
