"""
What a venue spec may say. The JSON Schema for editors is generated from these models.

Nothing here reads files (`loader`) or knows what a production adapter appends to a base URL (`resolution`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from pytest_darkhost.specs.access import Auth, Ceilings, Dialect, ErrorSigns, Serve
from pytest_darkhost.specs.changes import Activation
from pytest_darkhost.specs.fields import (
    BaseUrl,
    EnvironmentName,
    HeaderName,
    HeaderValue,
    PlainText,
    Slug,
    Strict,
    Usd,
    VenueName,
    listed,
)
from pytest_darkhost.specs.target_settings import TargetSettings


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
