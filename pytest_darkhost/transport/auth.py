"""
The key on its way to the wire: which header, which key, and to which origin alone.
"""

from typing import Any
from urllib.parse import urlsplit

from pytest_darkhost.probes import Key
from pytest_darkhost.secrets import REFUSED_KEY, Credential
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.transport import shims
from pytest_darkhost.transport.library import Library

_PORTS = {"http": 80, "https": 443}


def auth_for(library: Library, spec: VenueSpec, credential: Credential | None, key: Key) -> Any | None:
    """Return what adds the key to a request, or `None` for a venue that has none."""
    held = Credential(REFUSED_KEY) if key is Key.REFUSED else credential
    if held is None:
        return None
    header, prefix = spec.key_header
    return shims.key_auth(library, header, prefix, held)


def belongs_to(spec: VenueSpec, url: str) -> bool:
    """Return whether a URL has the scheme, host and port of the spec's base URL. `{port}` stands for any."""
    base = urlsplit(spec.base_url.replace("{port}", "0"))
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return False
    same_port = "{port}" in spec.base_url or port == (base.port or _PORTS.get(base.scheme))
    return (parts.scheme, parts.hostname) == (base.scheme, base.hostname) and same_port
