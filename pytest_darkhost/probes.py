"""
What is asked of a target: the request of a probe in words that no dialect owns, and the planned probe.

Nothing here knows HTTP or JSON bodies (`dialects`), sends anything (`transport`) or counts money (`plan`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_darkhost.specs.models import ModelSpec, VenueSpec


class ProbeName(StrEnum):
    """The probes that the package brings. A team's own have other names."""

    MODEL_LIST = "model_list"
    REFUSED_KEY = "refused_key"
    COLD = "cold"
    WARM = "warm"
    STREAM = "stream"
    TOOL_CALL = "tool_call"
    TOOL_CALL_STREAM = "tool_call_stream"
    JSON_SCHEMA = "json_schema"
    UNKNOWN_MODEL = "unknown_model"


class Key(StrEnum):
    """Which key a probe is sent with."""

    VENUE = "venue"
    """The venue's own, from the environment."""
    REFUSED = "refused"
    """A fixed constant that no venue accepts, never derived from the real key."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One function that the model may call."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema of the arguments, an object."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One chat request before a dialect puts it on the wire."""

    model: str
    """The name that the venue knows the model by (`upstream_model`)."""
    prompt: str
    """The single user message. Its first line carries the run's nonce."""
    max_tokens: int
    """The ceiling of generated tokens."""
    stream: bool = False
    tool: Tool | None = None
    json_schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer must follow."""
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the spec's `extra_body`, merged into the body as they are."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One planned request. Sent once, however many checks read what it saw."""

    name: str
    """A `ProbeName`, or the name of a team's own probe."""
    venue: str
    model: str | None
    """Catalog slug; `None` for a probe of the venue itself."""
    sample: int = 1
    """1-based among the samples of this name."""
    request: ChatRequest | None = None
    """`None` asks for the list of models."""
    key: Key = Key.VENUE
    fresh_connection: bool = False
    """Opens a connection of its own, so that set-up is part of what is measured."""
    input_token_ceiling: int = 0
    output_token_ceiling: int = 0
    worst_case_usd: Decimal = Decimal(0)
    """Both ceilings at the spec's prices."""

    @property
    def id(self) -> str:
        """`venue/model/name[sample]`, unique within a plan."""
        owner = self.venue if self.model is None else f"{self.venue}/{self.model}"
        return f"{owner}/{self.name}[{self.sample}]"


@dataclass(frozen=True, slots=True)
class ProbeTemplate:
    """How a probe of one name is planned for a target. A team's own come from `pytest_darkhost_probes`."""

    name: str
    request: "Callable[[VenueSpec, ModelSpec, str], ChatRequest]"
    """Called with the venue, the model and the sample's nonce."""
    samples: "Callable[[ModelSpec], int]" = lambda _model: 1
    """How many are sent; 0 sends none."""
    fresh_connection: bool = False
    key: Key = Key.VENUE
