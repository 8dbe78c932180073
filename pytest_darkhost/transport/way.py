"""
How a request goes out: through which proxy, trusting whom, and within which bounds.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_darkhost.observations import Phase


@dataclass(frozen=True, slots=True)
class Way:
    """Fixed before a request is sent."""

    proxy: str | None
    ca_source: str
    limits_ms: Mapping[Phase, float]
    total_ms: float
    body_bytes: int

    def is_held(self, url: str, events: Set[str]) -> bool:
        """Return whether a proxy is in use and, by the trace events of the library, had not let a request through."""
        if self.proxy is None or not any(event.endswith("connect_tcp.started") for event in events):
            return False
        tunnelled = urlsplit(url).scheme == "https" and not self.proxy.startswith("socks5")
        through = {"proxy.start_tls.started"} if tunnelled else {"connection.connect_tcp.complete"}
        if self.proxy.startswith("socks5"):
            through = {"socks.setup_socks5_connection.complete"}
        return not events & through
