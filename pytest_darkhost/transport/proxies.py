"""
Which proxy of the environment a URL goes through: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in
either case, as `urllib.request` reads them.

Unlike httpx, loopback is never proxied: a managed venue must answer behind a company's proxy too.
"""

import ipaddress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pytest_darkhost.errors import UsageError
from pytest_darkhost.transport.library import Library

_SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True, repr=False)
class ProxyRoute:
    """A proxy. Its text form leaves out who logs in."""

    url: str
    """Without user information."""
    proxy: Any
    """The library's own `Proxy`, which holds the user information."""

    def __repr__(self) -> str:
        return f"ProxyRoute({self.url!r})"

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS."""
        return self.url.startswith("socks5")


def environment_proxy(url: str, library: Library) -> ProxyRoute | None:
    """
    Return the proxy that the environment names for a URL.

    :raises UsageError: when the proxy cannot be used. The text shows no user information.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    if not named or proxy_bypass(host):
        return None
    return _route(named if "://" in named else f"http://{named}", f"{parts.scheme.upper()}_PROXY", library)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _route(url: str, variable: str, library: Library) -> ProxyRoute:
    """Return the route, or say what is wrong with the URL without showing who logs in."""
    scheme = url.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        msg = f"{variable}: a proxy with the scheme {scheme!r}, expected one of {', '.join(_SCHEMES)}"
        raise UsageError(msg)
    if scheme.startswith("socks5") and find_spec("socksio") is None:
        msg = f"{variable}: a SOCKS proxy, expected the package socksio for it. Install pytest-darkhost[socks]"
        raise UsageError(msg)
    try:
        parts = urlsplit(url)
        shown = (
            f"{scheme}://{_host(parts.hostname)}:{parts.port}" if parts.port else f"{scheme}://{_host(parts.hostname)}"
        )
        return ProxyRoute(shown, library.httpx.Proxy(url=url))
    except Exception:  # whatever the parsers raise may quote the URL with its password
        msg = f"{variable}: a proxy whose URL cannot be read, expected such as 'http://proxy.example.com:3128'"
        raise UsageError(msg) from None


def _host(name: str | None) -> str:
    if not name:
        raise ValueError
    return f"[{name}]" if ":" in name else name
