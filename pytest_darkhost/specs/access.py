"""
How a venue is reached: its dialect, its key, its signs of error, the bounds of a request, the start of a managed one.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from pytest_darkhost.specs.fields import (
    Argument,
    EnvironmentName,
    HeaderName,
    Milliseconds,
    Status,
    Strict,
    VenueName,
    listed,
)


class Dialect(StrEnum):
    """The wire format that a venue speaks."""

    OPENAI = "openai"
    """Chat Completions."""
    ANTHROPIC = "anthropic"
    """Messages."""


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
