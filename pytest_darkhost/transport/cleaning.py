"""
What of a URL and of response headers may be kept: no user information, no query of a redirect, no cookies, no ids of
the account. Keys within values are the redactor's matter.
"""

from collections.abc import Container, Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

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


def asked_headers(headers: RawHeaders, names: Container[str]) -> tuple[tuple[str, str], ...]:
    """Return the request headers of these names, in lower case. None of them may carry a key."""
    pairs = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return tuple((name, value) for name, value in pairs if name in names)


def kept_headers(headers: RawHeaders) -> Iterator[tuple[str, str]]:
    """Yield the headers that may be kept: no cookies, no ids of the account."""
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        if not name.startswith("set-cookie") and "organization" not in name and "account" not in name:
            yield name, raw_value.decode("latin-1")
