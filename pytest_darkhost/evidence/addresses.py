"""
Which addresses a venue of the world can have, and which hosts of a URL are no venue of it. Asks no resolver.

The lists are our own, after IANA's registries of special-purpose addresses (RFC 6890, as of 2026-11): `is_global` of
`ipaddress` says another thing in another version of Python, and two verifiers must come to one result.
"""

import ipaddress
import re
import unicodedata
from typing import TypeAlias
from urllib.parse import urlsplit

from pytest_darkhost.evidence.remembered import remembered

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

Origin: TypeAlias = tuple[str | None, int | None]
"""Host and port."""

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # shared by a provider's customers (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "169.254.0.0/16",  # link-local (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documents (RFC 5737)
        "192.88.99.0/24",  # relays of 6to4, given up (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documents (RFC 5737)
        "203.0.113.0/24",  # documents (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved, and broadcast (RFC 1112, RFC 919)
    )
)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
"""All that is given out (RFC 4291): neither loopback, nor local, nor multicast, nor mapped."""
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them (RFC 2928)
        "2001:db8::/32",  # documents (RFC 3849)
        "3fff::/20",  # documents (RFC 9637)
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""What a translator to version 4 is called by (RFC 6052)."""
_PORTS = {"https": 443, "http": 80}
_PORT = re.compile("[0-9]{1,5}")
_LOCAL_NAMES = frozenset(
    {
        *("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"),
        *("localhost4", "localhost4.localdomain4", "localhost6", "localhost6.localdomain6"),
    }
)
"""As systems have them in their files of hosts."""


@remembered
def host_of(url: str) -> str | None:
    """Return the host of a URL, in lower case; `None` for what is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


@remembered
def port_of_url(url: str) -> int | None:
    """Return the port that a URL leads to, that of its scheme where it names none; `None` for what is none."""
    try:
        found = urlsplit(url)
        return found.port or _PORTS.get(found.scheme)
    except ValueError:
        return None


def origin_of(url: str) -> Origin:
    """Return what a URL leads to, without its path."""
    return host_of(url), port_of_url(url)


@remembered
def port_of_peer(peer: str) -> int | None:
    """Return the port of `address:port` or `[address]:port`; `None` where there is none."""
    port = peer.rpartition(":")[2] if peer.count(":") == 1 or "]:" in peer else ""
    return int(port) if _PORT.fullmatch(port) else None


@remembered
def is_public_peer(peer: str) -> bool:
    """Return whether `address:port` or `[address]:port` can be that of a venue of the world."""
    host = peer.rpartition(":")[0].strip("[]") if peer.count(":") == 1 or peer.startswith("[") else peer
    try:
        return is_public(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False


def is_public(address: Address) -> bool:
    """Return whether an address is one of the world; one that carries another (mapped, 6to4, NAT64) is as that one."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    carried = _carried(address)
    if carried is not None:
        return is_public(carried)
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def is_this_machine(host: str) -> bool:
    """Return whether a host of a URL is loopback or unspecified, in whichever spelling, or a name of it (RFC 6761)."""
    address = _literal(host)
    if address is None:
        name = _as_asked(host).lower().rstrip(".")
        return name in _LOCAL_NAMES or name.endswith(".localhost")
    inner = (isinstance(address, ipaddress.IPv6Address) and _carried(address)) or address
    return inner.is_loopback or inner.is_unspecified or inner in _NOT_PUBLIC_4[0]


def is_private_literal(host: str) -> bool:
    """Return whether a host of a URL is an address, in whichever spelling, that no venue of the world has."""
    address = _literal(host)
    return address is not None and not is_public(address)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


@remembered
def _literal(host: str) -> Address | None:
    """Return the address that a host is; `None` for a name."""
    asked = _as_asked(host)
    try:
        return ipaddress.ip_address(asked.partition("%")[0])
    except ValueError:
        return _old_literal(asked)


def _as_asked(host: str) -> str:
    """Return a host as a resolver is asked for it: letters, digits and dots have other forms (RFC 5895, section 2)."""
    return host if host.isascii() else unicodedata.normalize("NFKC", host).replace("\u3002", ".")


def _old_literal(host: str) -> ipaddress.IPv4Address | None:
    """Return the address of a host such as `127.1`, `0x7f.1` or `2130706433`, which resolvers accept (inet_aton(3))."""
    *high, last = (_number(part) for part in host.removesuffix(".").split("."))
    bounds = 256, 256 ** (4 - len(high))
    if len(high) > 3 or last is None or last >= bounds[1]:
        return None
    value = 0
    for number in high:
        if number is None or number >= bounds[0]:
            return None
        value = value * bounds[0] + number
    return ipaddress.IPv4Address(value * bounds[1] + last)


def _number(text: str) -> int | None:
    """Return a number in decimal, octal (`0…`) or hexadecimal (`0x…`) digits of ASCII."""
    base = 16 if text[:2].lower() == "0x" else 8 if text[:1] == "0" else 10
    digits = text[2:] if base == 16 else text
    try:
        return int(digits, base) if digits.isascii() and digits.isalnum() else None
    except ValueError:
        return None
