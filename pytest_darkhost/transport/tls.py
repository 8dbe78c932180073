"""
The trusted certificates: one SSL context per process, library and role, made by the library's own rules.
"""

import os
import ssl
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pytest_darkhost.errors import UsageError
from pytest_darkhost.transport.library import Library


class Role(StrEnum):
    """Who is at the other end. httpcore sets the protocols on offer on the context itself, so they must not share."""

    VENUE = "venue"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class Trust:
    """A context and where its certificates came from."""

    context: ssl.SSLContext
    ca_source: str
    """`SSL_CERT_FILE`, `SSL_CERT_DIR`, `certifi` (httpx) or `system` (httpx2)."""


def shared_trust(library: Library, role: Role) -> Trust:
    """
    Return the trust of this process for the environment as it is. Making one costs about 30 ms, so it is kept.

    :raises UsageError: when `SSL_CERT_FILE` cannot be read.
    """
    return _trust(library, role, os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None)


@cache
def _trust(library: Library, _role: Role, file: str | None, directory: str | None) -> Trust:
    try:
        context: ssl.SSLContext = library.httpx.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        msg = f"SSL_CERT_FILE: {file} cannot be read ({error.strerror or error}), expected certificates as PEM"
        raise UsageError(msg) from None
    built_in = "certifi" if library.name == "httpx" else "system"
    return Trust(context, "SSL_CERT_FILE" if file else "SSL_CERT_DIR" if directory else built_in)
