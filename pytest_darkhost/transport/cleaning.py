"""
What of a URL and of response headers may be kept: no user information, no query of a redirect, no cookies, no ids of
the account. Keys within values are the redactor's matter.
"""

from collections.abc import Container, Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

_TELLING = 12
RawHeaders = Iterable[tuple[bytes, bytes]]


def place_of(url: str) -> str:
    """Return host and port, as they stand in a URL."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port else host


def without_user(url: str) -> str:
    """Return a URL without its user information."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def without_query(url: str) -> str:
    """Return a URL without user information, query and fragment, whatever a server made of it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def account_values(headers: RawHeaders) -> Iterator[str]:
    """
    Yield the values of the headers that may not be kept: bodies may repeat them.

    Short ones and plain words are left out, such as the name of an organisation: they would be found in any text.
    """
    for name, value in _decoded(headers):
        if _is_private(name):
            told = value.partition(";")[0].partition("=")[2] if name.startswith("set-cookie") else value
            if len(told) >= _TELLING and any(map(str.isdigit, told)):
                yield told


def asked_headers(headers: RawHeaders, names: Container[str]) -> tuple[tuple[str, str], ...]:
    """Return the request headers of these names, in lower case. None of them may carry a key."""
    return tuple((name, value) for name, value in _decoded(headers) if name in names)


def kept_headers(headers: RawHeaders) -> Iterator[tuple[str, str]]:
    """Return the headers that may be kept: no cookies, no ids of the account, no query of a redirect."""
    kept = ((name, value) for name, value in _decoded(headers) if not _is_private(name))
    return ((name, without_query(value) if name == "location" else value) for name, value in kept)


def _decoded(headers: RawHeaders) -> Iterator[tuple[str, str]]:
    return ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)


def _is_private(name: str) -> bool:
    return name.startswith("set-cookie") or "organization" in name or "account" in name
