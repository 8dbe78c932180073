"""
Rules for single values of a spec. Each returns the value or raises `ValueError` with
`<what is>, <what was expected>`.
"""

import re
from urllib.parse import urlsplit, urlunsplit

from pytest_darkhost.secrets import REDACTED
from pytest_darkhost.specs.shown import looks_like_key, shown

_VENUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_BRACES = re.compile(r"[{}]")
_FRAMING_HEADERS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
_KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "cookie"})


def venue_name(value: str) -> str:
    """Return a venue name that can stand in a file name, a node id and an option."""
    if not _VENUE_NAME.fullmatch(value):
        msg = f"{shown(value)} is not a venue name, expected letters, digits, '.', '_' and '-', with no mark in front"
        raise ValueError(msg)
    return value


def plain_text(value: str) -> str:
    """Return a name that is printable, with no blanks at its ends."""
    if not value or value != value.strip() or not value.isprintable():
        msg = f"{shown(value)} is empty, padded with blanks or unprintable, expected a name"
        raise ValueError(msg)
    return value


def slug(value: str) -> str:
    """Return a catalog slug that can stand in a pytest node id."""
    mark = next((mark for mark in ("::", "[") if mark in value), None)
    if mark:
        msg = f"{shown(value)} contains {mark!r}, expected a slug without it, because pytest splits node ids there"
        raise ValueError(msg)
    return plain_text(value)


def qualified_column(value: str) -> str:
    """Return the name of a column behind that of its table."""
    table, _, column = value.rpartition(".")
    if not table or not column or any(character.isspace() for character in value):
        msg = f"{shown(value)} is no column of a table, expected such as 'models.updated_at'"
        raise ValueError(msg)
    return value


def scalar(value: object) -> object:
    """Return a value that a column can be compared with."""
    if isinstance(value, (dict, list)):
        msg = f"{shown(value)} is no single value, expected text, a number, true, false or null"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns no other into a complaint
    return value


def environment_name(value: str) -> str:
    """
    Return the name of an environment variable (POSIX.1-2017, 8.1, with lower case allowed).

    The value is never shown, because a key may stand here by mistake; some keys could even be names.
    """
    if not _ENVIRONMENT_NAME.fullmatch(value):
        msg = f"{REDACTED} is not a variable name, expected letters, digits and '_', with no digit in front"
        raise ValueError(msg)
    if looks_like_key(value):
        msg = f"{REDACTED} looks like a key, expected the name of the environment variable that holds it"
        raise ValueError(msg)
    return value


def header_name(value: str) -> str:
    """Return a header name in lower case (RFC 9110, 5.6.2). The value is never shown: it may be a key."""
    if not _TOKEN.fullmatch(value) or looks_like_key(value):
        msg = f"{REDACTED} is not a header name, expected a token as in RFC 9110"
        raise ValueError(msg)
    return value.lower()


def header_value(value: str) -> str:
    """Return a header value that is visible ASCII and blanks (RFC 9110, 5.5), and no key. It is never shown."""
    if not value.isascii() or not value.isprintable() or value != value.strip():
        msg = f"{REDACTED} is not a header value, expected visible ASCII with no blanks at its ends"
        raise ValueError(msg)
    if looks_like_key(value):
        msg = f"{REDACTED} looks like a key, expected none in a spec. Name its variable in 'credential_env'"
        raise ValueError(msg)
    return value


def argument(value: str) -> str:
    """Return a text that can be an argument or an environment value of a process."""
    if "\0" in value:
        msg = "the text holds a NUL character, expected none"
        raise ValueError(msg)
    return value


def is_reserved_header(name: str) -> bool:
    """Return whether a header of this name belongs to the request itself and cannot be set by a spec."""
    return name.lower() in _FRAMING_HEADERS


def carries_key(name: str) -> bool:
    """Return whether a header of this name would carry a key."""
    return name.lower() in _KEY_HEADERS


def base_url(value: str) -> str:
    """Return a base URL without its trailing slash. `{port}` may stand for the port."""
    try:
        parts = urlsplit(value.replace("{port}", "65535"))
    except ValueError:
        msg = "the host is not a name or an address, expected such as 'https://api.example.com/openai'"
        raise ValueError(msg) from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    faults = {
        "the scheme is not http or https": parts.scheme not in {"http", "https"},
        "there is no host": not parts.hostname,
        "the port is not a number from 1 to 65535": port == 0,
        "it carries user information": "@" in parts.netloc,
        "it has a query or fragment": bool(parts.query or parts.fragment) or value.endswith(("?", "#")),
        "it holds braces other than '{port}'": bool(_BRACES.search(value.replace("{port}", ""))),
        "'{port}' does not stand where the port does": "{port}" in value and not _holds_port(value),
        "it holds blanks or control characters": any(c.isspace() or not c.isprintable() for c in value),
    }
    fault = next((text for text, is_so in faults.items() if is_so), None)
    if fault:
        msg = f"{_shown_url(value)!r} is not a base URL: {fault}, expected such as 'https://api.example.com/openai'"
        raise ValueError(msg)
    return value.rstrip("/")


def _holds_port(value: str) -> bool:
    return value.count("{port}") == 1 and urlsplit(value).netloc.endswith(":{port}")


def _shown_url(value: str) -> str:
    """Return a URL without user information, query and fragment, where a key may stand."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "..."
    shown = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return REDACTED if looks_like_key(shown) else shown
