"""
What a model said and what it counted, in no dialect.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class StreamEnd(StrEnum):
    """How a stream ended. Only `COMPLETE` is good."""

    COMPLETE = "complete"
    """A finish reason and the dialect's own terminator arrived."""
    CUT = "cut"
    """The bytes stopped: no terminator, with or without an error of the connection."""
    NO_FINISH_REASON = "no_finish_reason"
    """The terminator arrived, a finish reason did not."""
    ERROR_EVENT = "error_event"
    """The venue sent an error inside the stream."""
    EMPTY = "empty"
    """Not one event arrived."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the venue reported them."""

    input_tokens: int
    """Includes cached tokens in both dialects: the reader adds Anthropic's separate counts."""
    output_tokens: int
    total_tokens: int | None = None
    """`None` where the dialect has none."""
    reasoning_tokens: int | None = None
    cached_input_tokens: int | None = None
    cost_usd: Decimal | None = None
    """The venue's own figure, where it gives one."""

    @property
    def billed_output_tokens(self) -> int:
        """`max(output, total - input)`: some venues leave reasoning out of the output count only."""
        if self.total_tokens is None:
            return self.output_tokens
        return max(self.output_tokens, self.total_tokens - self.input_tokens)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that the model asked for."""

    name: str
    arguments: str
    """The JSON text as it came, or re-serialised where the dialect sends an object."""
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """One event of a stream that carried something generated."""

    at_ms: float
    text: str = ""
    reasoning: str = ""
    tool: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, in no dialect."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    """As the venue spells it."""
    model: str | None = None
    """The model that the venue says it was."""
    id: str | None = None

    @property
    def at_token_ceiling(self) -> bool:
        """Whether generation ended because of `max_tokens`."""
        return self.finish_reason in {"length", "max_tokens", "model_length"}
