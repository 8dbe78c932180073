"""
What may be set of a target: capabilities, budgets, samples, token ceilings, and how it departs from its dialect.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from pytest_darkhost.specs.fields import Milliseconds, Strict


class Capability(StrEnum):
    """What a model is expected to do. A check of a capability that is not declared is `not_applicable`."""

    STREAM = "stream"
    """Answers are streamed as server-sent events."""
    TOOLS = "tools"
    """The model calls functions that a request describes."""
    JSON_SCHEMA = "json_schema"
    """Answers follow a JSON schema that a request names."""
    REASONING = "reasoning"
    """The model thinks before it answers, which takes tokens and time of its own."""


FEWEST_FOR_INTERVAL = 6
"""Samples for a two-sided 95 % interval of the median: 1 - 2 / 2**n reaches 0.95."""
FEWEST_FOR_P95 = 59
"""Samples for a two-sided 95 % interval of the 95th percentile: 1 - 0.95**n - 0.05**n reaches 0.95."""


class LatencyBudget(Strict):
    """Upper bounds in milliseconds, but for `tokens_per_second_min`. A figure without a budget is `no_budget`."""

    cold_ms: Milliseconds | None = None
    """The first chat, connection set-up included."""
    warm_ms: Milliseconds | None = None
    """Median of the chats on the open connection: of the streams, to their end, where `samples.warm` is 0."""
    ttft_ms: Milliseconds | None = None
    """Median time to first token of any kind, connection set-up excluded."""
    ttft_p95_ms: Milliseconds | None = None
    """95th percentile of the same. Its interval needs `samples.stream` of at least 59."""
    inter_token_latency_ms: Milliseconds | None = None
    """Median over the streams of (last token - first token) / (output tokens - 1)."""
    tokens_per_second_min: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """Lower bound of the median decode throughput."""
    cold_to_warm_ratio_max: Annotated[float, Field(ge=1, le=10_000)] | None = None
    """Upper bound of cold latency over median warm latency."""


class Samples(Strict):
    """How many calls are made for a figure."""

    warm: Annotated[int, Field(ge=0, le=100)] | None = None
    """Unstreamed chats on the open connection. 0: the streams are the warm chats, too. Left out: 0 where the model
    streams, else 6."""
    stream: Annotated[int, Field(ge=1, le=100)] = FEWEST_FOR_INTERVAL
    """Streamed chats."""


class TokenCeilings(Strict):
    """`max_tokens` of each kind of call. Reasoning counts, so reasoning models need more."""

    chat: Annotated[int, Field(ge=1, le=100_000)] = 32
    """Of unstreamed chats. The cold one may write as much as a stream, where the streams are the warm chats."""
    stream: Annotated[int, Field(ge=2, le=100_000)] = 96
    """Of a streamed chat; throughput and inter-token latency need some tokens."""
    tool: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Of a tool call, streamed or not."""
    json_schema: Annotated[int, Field(ge=1, le=100_000)] = 128
    """Of an answer that follows a JSON schema."""
    input_overhead: Annotated[int, Field(ge=0, le=100_000)] = 512
    """Input tokens that the venue's chat template may add; part of the worst-case cost."""


class Quirks(Strict):
    """Known departures of a target from the dialect that requests and checks must respect."""

    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the field of a request is called that holds the token ceiling."""
    temperature: bool = True
    """`false`: the model refuses a temperature, so none is sent. Otherwise 0 is sent."""
    forced_tool_choice: bool = True
    """`false`: the model refuses to be forced to call a tool, so the choice is left to it."""
    stream_usage_option: bool = True
    """`false`: `stream_options.include_usage` is refused, so it is not sent."""
    stream_usage: bool = True
    """`false`: streams carry no usage."""
    unknown_model: Literal["refused", "answered"] = "refused"
    """`answered`: the venue answers any model name."""
    refused_key: Literal["refused", "answered"] = "refused"
    """`answered`: a server on this machine accepts any key. A matter of the venue: set in `defaults` only."""
    model_list: Literal["served", "absent"] = "served"
    """`absent`: the venue has no list of its models. A matter of the venue: set in `defaults` only."""
    usage_total_is_sum: bool = True
    """`false`: the total exceeds input + output, because output leaves reasoning out."""


class TargetSettings(Strict):
    """What a venue's `defaults` and each model may set; a model's own value wins, key by key."""

    capabilities: tuple[Capability, ...] | None = None
    """What the model is expected to do; a check of what is not declared is `not_applicable`."""
    latency_budget: LatencyBudget | None = None
    """What each figure of time may be."""
    samples: Samples | None = None
    """How many calls are made for a figure; each costs money."""
    token_ceilings: TokenCeilings | None = None
    """The most tokens that each kind of call may bring, and so the worst-case cost."""
    quirks: Quirks | None = None
    """Known departures from the dialect."""
    extra_body: dict[str, Any] | None = None
    """Fields added to each chat request as they are, such as `reasoning_effort`."""
