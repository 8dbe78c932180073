"""
The URL of a database: read, and shown without its secrets. Opens nothing (`session`).
"""

from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pytest_darkhost.errors import CatalogError

# Parts of the query that can be shown. Any other may hold a secret: `password`, `sslkey`, `odbc_connect`, `options`.
_HARMLESS = frozenset({"application_name", "charset", "connect_timeout", "driver", "host", "mode", "port", "sslmode"})
_EXPECTED = "expected such as postgresql+psycopg://user:password@host/database or sqlite:///catalog.db"


def parsed_url(text: str) -> URL:
    """
    Return the URL. Raises `CatalogError`, which shows nothing of the text: it may be a password.

    An `@` left in host or database means that the password ended too early.
    """
    if not text.strip():
        msg = f"it is empty, {_EXPECTED}"
        raise CatalogError(msg)
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        url = None
    if url is None or (url.get_backend_name() != "sqlite" and "@" in f"{url.host}{url.database}"):
        msg = f"it is not a database URL, {_EXPECTED}. Percent-encode '@', '/' and ':' in user and password"
        raise CatalogError(msg)
    return url


def shown(url: URL) -> str:
    """Return the URL with `***` for its password and for what its query may hide."""
    text = url.set(query={}).render_as_string(hide_password=True)
    pairs = [f"{key}={_shown_value(key, value)}" for key, value in sorted(url.query.items())]
    return f"{text}?{'&'.join(pairs)}" if pairs else text


def hidden_values(url: URL) -> frozenset[str]:
    """Return what `shown` hides and no other part shows: a driver's message may repeat it."""
    query = [value for key, value in url.query.items() if key.lower() not in _HARMLESS]
    values = {part for value in query for part in ((value,) if isinstance(value, str) else value)}
    return frozenset(values | {str(url.password or "")}) - {"", url.username, url.host, url.database}


def _shown_value(key: str, value: str | tuple[str, ...]) -> str:
    if key.lower() not in _HARMLESS:
        return "***"
    return quote(value if isinstance(value, str) else ",".join(value), safe="/:,.")
