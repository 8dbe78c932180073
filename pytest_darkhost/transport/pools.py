"""
The connection pool of httpcore or httpcore2 over our backend, directly or through a proxy.
"""

from typing import Any

from pytest_darkhost.transport.backend import ClockedBackend
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.proxies import ProxyRoute
from pytest_darkhost.transport.tls import Role, shared_trust


def open_pool(library: Library, backend: ClockedBackend, route: ProxyRoute | None) -> Any:
    """
    Return a pool that opens HTTP/1.1 and HTTP/2 connections.

    It never retries, and keeps an idle connection until the peer closes it: warm calls may lie far apart.
    """
    common: dict[str, Any] = {
        "ssl_context": shared_trust(library, Role.VENUE).context,
        "http1": True,
        "http2": True,
        "retries": 0,
        "keepalive_expiry": None,
        "network_backend": backend,
    }
    if route is None:
        return library.core.AsyncConnectionPool(**common)
    url = route.proxy.url
    common["proxy_url"] = library.core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    common["proxy_auth"] = route.proxy.raw_auth
    if route.is_socks:
        return library.core.AsyncSOCKSProxy(**common)
    if url.scheme == "https":
        common["proxy_ssl_context"] = shared_trust(library, Role.PROXY).context
    return library.core.AsyncHTTPProxy(**common, proxy_headers=route.proxy.headers.raw)
