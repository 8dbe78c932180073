"""What makes one venue differ from another for the stand-in: paths, shapes, errors, and what a spec says of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from support.events import Event
from support.said import Prices, Said

_USUAL = Prices(Decimal("0.15"), Decimal("0.60"))
ErrorBody = Callable[[int, str, str], Any]
"""Called with status, code and message; returns the venue's envelope."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One error as a venue reports it."""

    status: int
    body: Any
    """JSON, or text."""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Profile:
    """One venue's dialect, composed from its documents."""

    name: str
    model: str
    """The upstream model that it serves unless told otherwise."""
    chat: Callable[[Said], dict[str, Any]]
    stream: Callable[[Said], tuple[Event, ...]]
    model_list: Callable[[tuple[str, ...], Prices], Any]
    error: ErrorBody
    refused_key: Envelope
    unknown_model: Envelope
    exhausted_credit: Envelope
    rate_limited: Envelope
    signs: Mapping[str, Any]
    """The `errors` of a spec for this venue."""
    refused_key_models: Envelope | None = None
    """Where the model list refuses a key in another shape."""
    no_route: Envelope | None = None
    dialect: str = "openai"
    base_path: str = ""
    """What the base URL has behind the host."""
    adapter_path: str = "/v1/chat/completions"
    echo: Callable[[str], str] = lambda model: model
    """The model's name in answers."""
    resolves_to: tuple[str, ...] = ()
    """What a spec says about `echo`."""
    thinks: bool = False
    cached_tokens: int = 0
    prices: Prices = _USUAL
    capabilities: tuple[str, ...] = ("stream", "tools", "json_schema")
    quirks: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of every answer."""

    @property
    def chat_path(self) -> str:
        """Where chats are answered."""
        return self.base_path + self.adapter_path

    @property
    def models_path(self) -> str:
        """Where models are listed."""
        stem = self.adapter_path.removesuffix("/chat/completions").removesuffix("/messages")
        return f"{self.base_path}{stem}/models"
