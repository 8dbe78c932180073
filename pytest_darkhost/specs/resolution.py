"""
Which URL production would call: a base URL, what the adapter appends, and the comparison of two such URLs.

Nothing is collapsed: `/v1/v1` is a real misconfiguration, and stays one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

from pytest_darkhost.specs.models import VenueSpec

DEFAULT_PATHS: Mapping[str, str] = MappingProxyType(
    {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"},
)
_PORT = "{port}"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_COMPLETE = ("/chat/completions", "/messages")


class Sameness(StrEnum):
    """What the comparison of two URLs says."""

    SAME = "same"
    ALIAS = "known alias"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class AdapterPath:
    """What the production adapter appends to the base URL of one venue."""

    path: str
    origin: str
    """`default`, or the line of `darkhost_adapter_paths` that says so."""

    @property
    def models_path(self) -> str:
        """Where the same adapter would list models."""
        stem = next((self.path.removesuffix(end) for end in _COMPLETE if self.path.endswith(end)), None)
        return f"{stem}/models" if stem is not None else "/v1/models"


def adapter_path(spec: VenueSpec, overrides: Mapping[str, str]) -> AdapterPath:
    """Return the path for a venue: its own override, its dialect's, or the dialect's default."""
    for key in (spec.venue, spec.dialect.value):
        if key in overrides:
            return AdapterPath(overrides[key], f"darkhost_adapter_paths: {key} = {overrides[key]}")
    return AdapterPath(DEFAULT_PATHS[spec.dialect.value], "default")


def normalised(url: str) -> str:
    """Return a URL with scheme and host in lower case, without default port and trailing slash (RFC 3986, 6.2)."""
    template = "{port}" in url
    parts = urlsplit(url.strip().replace("{port}", "65535") if template else url.strip())
    try:
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    shown = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme.lower()) else f":{port}"
    if template:
        shown = ":{port}"
    return urlunsplit((parts.scheme.lower(), f"{host}{shown}", parts.path.rstrip("/"), parts.query, ""))


def with_template_port(url: str, base: str) -> str:
    """Return a URL from the wire with `{port}` for its port, where the spec's base URL has it for the same host."""
    parts = urlsplit(url)
    if _PORT not in base or parts.port is None or parts.hostname != urlsplit(base.replace(_PORT, "0")).hostname:
        return url
    host = parts.netloc.rpartition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{host}:{_PORT}"))


def resolved(base: str, path: str) -> str:
    """Return the normalised URL that an adapter which appends `path` calls."""
    return normalised(base.strip().rstrip("/") + path)


def alias_urls(spec: VenueSpec, path: str) -> frozenset[str]:
    """Return the resolved URLs of a venue's aliases."""
    return frozenset(
        normalised(alias) if alias.endswith(_COMPLETE) else resolved(alias, path) for alias in spec.aliases
    )


def sameness(spec: VenueSpec, path: str, other: str) -> Sameness:
    """Return how another URL stands to the one that the spec resolves to."""
    url = normalised(other)
    if url == resolved(spec.base_url, path):
        return Sameness.SAME
    return Sameness.ALIAS if url in alias_urls(spec, path) else Sameness.DIFFERENT
