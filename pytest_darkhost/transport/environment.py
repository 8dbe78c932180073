"""
The environment's part of a connection, looked at before anything is sent.
"""

from collections.abc import Iterable

from pytest_darkhost.transport.library import default_library
from pytest_darkhost.transport.proxies import environment_proxy
from pytest_darkhost.transport.tls import Role, shared_trust


def check_environment(urls: Iterable[str]) -> None:
    """
    Look at the proxies and certificates that requests to these URLs would use.

    :raises UsageError: a proxy or `SSL_CERT_FILE` cannot be used.
    """
    library = default_library()
    shared_trust(library, Role.VENUE)
    for url in urls:
        environment_proxy(url, library)
