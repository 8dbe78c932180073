"""
The vantage point: the machine that requests come from.
"""

import ipaddress
import platform
import socket
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Vantage:
    """One process that sends."""

    worker: str
    """`main`, or the name that pytest-xdist gave it."""
    host: str
    platform: str
    python: str
    address: str | None
    """The local address from which packets to the venue leave; `None` where none was reached."""

    def record(self) -> dict[str, object]:
        """Return a JSON-safe object."""
        return asdict(self)


def vantage_of(worker: str, peers: tuple[str, ...]) -> Vantage:
    """
    Return the vantage point of this process.

    :param peers: addresses with ports, as `192.0.2.1:443` or `[2001:db8::1]:443`, that it was connected to.
    """
    address = next((address for peer in peers if (address := local_address(peer))), None)
    return Vantage(worker, socket.gethostname(), platform.platform(), platform.python_version(), address)


def local_address(peer: str) -> str | None:
    """Return from where packets to a peer leave: the routing table's answer (`connect(2)` on UDP); sends nothing."""
    host, _, port = peer.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probing:
            probing.connect((str(address), int(port)))
            return str(probing.getsockname()[0])
    except (OSError, ValueError, OverflowError):
        return None
