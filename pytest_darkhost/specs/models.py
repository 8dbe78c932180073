"""
What a venue spec may say. The JSON Schema for editors is generated from these models.

Nothing here reads files (`loader`) or knows what a production adapter appends to a base URL (`resolution`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from pytest_darkhost.specs.changes import Activation
from pytest_darkhost.specs.fields import (
    Argument,
    BaseUrl,
    EnvironmentName,
    HeaderName,
    HeaderValue,
    Milliseconds,
    PlainText,
    Slug,
    Status,
    Strict,
    Usd,
    VenueName,
    listed,
)


class Dialect(StrEnum):
    """The wire format that a venue speaks."""

    OPENAI = "openai"
    """Chat Completions."""
    ANTHROPIC = "anthropic"
    """Messages."""


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


class Auth(Strict):
    """How the key is sent."""

    scheme: Literal["bearer", "header"]
    """`bearer`: `Authorization: Bearer KEY`. `header`: the key alone in the header of the given name."""
    name: HeaderName | None = None
    """The header's name for the scheme `header`, such as `x-api-key`."""

    @model_validator(mode="after")
    def _name_goes_with_header(self) -> Self:
        if (self.scheme == "header") != (self.name is not None):
            has = "without a name" if self.name is None else "with a name"
            msg = f"scheme {self.scheme!r} {has}, expected a name with 'header' and none with 'bearer'"
            raise ValueError(msg)
        return self


class ErrorSign(Strict):
    """How a venue reports one kind of error: any of the statuses, and the code or words if given."""

    status: Annotated[
        tuple[Status, ...],
        Field(min_length=1),
        BeforeValidator(listed, json_schema_input_type=Status | tuple[Status, ...]),
    ]
    """The HTTP statuses that it may have."""
    code: Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])] = ()
    """Any of these as the envelope's code, type, reason or status; empty: any."""
    message_contains: str | None = None
    """Words within the venue's message, in any case; needed only where status and code are ambiguous."""


class ErrorSigns(Strict):
    """What the three errors that the checks provoke or must tell apart look like at this venue."""

    refused_key: ErrorSign
    """The key is wrong. The check `refused_key` provokes it."""
    unknown_model: ErrorSign
    """The model does not exist there. The check `unknown_model` provokes it."""
    exhausted_credit: ErrorSign | None = None
    """The account is empty, where the venue's documents say how that looks; told apart from a limit of rate."""


class Price(Strict):
    """Prices in USD per million tokens, with their source."""

    in_per_mtok_usd: Usd
    """Price of a million tokens of input."""
    out_per_mtok_usd: Usd
    """Price of a million tokens of output, reasoning included."""
    cached_in_per_mtok_usd: Usd | None = None
    """Price of input read from the venue's prompt cache; `None`: as `in_per_mtok_usd`."""
    source: PlainText
    """Where the price was read: a URL, or words that lead there."""
    as_of: date
    """The day on which it was read."""


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


class ModelSpec(TargetSettings):
    """One catalog row on this venue."""

    slug: Slug
    """`models.slug` in the catalog, unique there over all providers."""
    upstream_model: PlainText
    """The name that the venue knows the model by."""
    brand: PlainText
    """Who made the model."""
    price: Price
    """What the venue bills; the catalog's prices are compared with it."""
    q_prior: Annotated[float, Field(ge=0, le=1)] | None = None
    """Prior quality. Absent until somebody has measured it: a prior is never made up."""
    m_allowed: bool | None = None
    """The verdict of the enrolment gate; absent gates out, as false does."""
    logical_slug: Slug | None = None
    """What the model is called over all venues: `models.logical_slug` on path C, its row of `models` on path B."""
    activation: Activation | None = None
    """The Alembic revision that lights this model, where the revision does not declare itself."""
    resolves_to: tuple[str, ...] = ()
    """Names that the venue may echo instead of `upstream_model`; `*` matches any run of characters."""

    @property
    def streams_are_warm(self) -> bool:
        """Whether the streams are the warm chats, too, because the spec plans no others."""
        return self.samples is not None and self.samples.warm == 0


class Serve(Strict):
    """How a managed venue is started. `{port}`, `{key}` and `{python}` are filled in."""

    id: VenueName
    """Venues with one id share a process."""
    command: Annotated[tuple[Argument, ...], Field(min_length=1)]
    """What is started, as a list of arguments; no shell reads it."""
    prepare: tuple[Argument, ...] = ()
    """Run once before the first start, with its output shown: fetch what the command needs."""
    environment: dict[EnvironmentName, Argument] = {}
    """Added to the environment of both commands."""
    ready_path: Annotated[str, Field(pattern=r"^/")] = "/health"
    """Answers 200 once the server can be probed."""
    ready_timeout_ms: Milliseconds = 60_000
    """How long the server may take until it answers there."""


class Ceilings(Strict):
    """Bounds of one request."""

    connect_timeout_ms: Milliseconds = 10_000
    """The longest that name resolution and TCP may take together, and TLS after them."""
    first_byte_timeout_ms: Milliseconds = 60_000
    """The longest wait for the first byte of an answer, and the longest silence inside a body."""
    total_timeout_ms: Milliseconds = 120_000
    """The longest that a request may take as a whole."""
    body_bytes: Annotated[int, Field(ge=1, le=1_000_000_000)] = 8_000_000
    """The largest body that is read; what is larger is the error `too_large`."""
    rate_limit_wait_ms: Milliseconds = 30_000
    """The longest wait before a request because the venue asked for it, by `Retry-After` or a used-up limit's reset."""


class VenueSpec(Strict):
    """One venue: a host that serves models."""

    venue: VenueName
    """Equal to the file's stem, and to `providers.slug` in the catalog."""
    dialect: Dialect
    """The wire format: Chat Completions or Messages."""
    base_url: BaseUrl
    """What the production adapter appends its path to. `{port}` stands for the port of a managed venue."""
    aliases: tuple[BaseUrl, ...] = ()
    """Other base URLs of the same venue; one that ends in `/chat/completions` or `/messages` is a complete URL."""
    credential_env: Annotated[
        tuple[EnvironmentName, ...],
        BeforeValidator(listed, json_schema_input_type=EnvironmentName | tuple[EnvironmentName, ...]),
    ] = ()
    """Environment variables that may hold the key; the first that is set is used. Empty only for a managed venue."""
    auth: Auth | None = None
    """Default: `bearer` for openai, the header `x-api-key` for anthropic."""
    headers: dict[HeaderName, HeaderValue] = {}
    """Sent with every request. Never a key."""
    max_cost_usd: Usd | None = None
    """The spending cap of one run on this venue."""
    errors: ErrorSigns
    """How this venue says what is wrong."""
    ceilings: Ceilings = Ceilings()
    """Bounds of one request, in time and size."""
    defaults: TargetSettings = TargetSettings()
    """Settings of all models that do not set their own."""
    models: Annotated[tuple[ModelSpec, ...], Field(min_length=1)]
    """The catalog rows to prove on this venue."""
    serve: Serve | None = None
    """How the plugin starts the venue itself, on loopback; with it, the venue is *managed*, and free."""

    @property
    def key_header(self) -> tuple[str, str]:
        """The header that carries the key, in lower case, and what stands before it there."""
        dialects = {Dialect.OPENAI: Auth(scheme="bearer"), Dialect.ANTHROPIC: Auth(scheme="header", name="x-api-key")}
        auth = self.auth or dialects[self.dialect]
        return ("authorization", "Bearer ") if auth.scheme == "bearer" else ((auth.name or "x-api-key").lower(), "")

    @property
    def managed(self) -> bool:
        """Whether the plugin starts this venue itself."""
        return self.serve is not None

    @property
    def lane(self) -> str:
        """Probes of one lane are sent one after the other: the venue, or the process that venues share."""
        return f"serve:{self.serve.id}" if self.serve else self.venue

    @property
    def targets(self) -> "tuple[Target, ...]":
        """The (venue, model) pairs, in file order."""
        return tuple(Target(self, model) for model in self.models)


@dataclass(frozen=True)
class Target:
    """A (venue, model) pair with the venue's defaults applied."""

    venue: VenueSpec
    model: ModelSpec

    @property
    def id(self) -> str:
        """`venue/slug`."""
        return f"{self.venue.venue}/{self.model.slug}"
