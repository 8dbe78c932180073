"""
A request as a dialect wants it on the wire, without a key.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request. The transport adds the key and nothing else."""

    method: str
    url: str
    """Complete; a managed venue's port is filled in."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """JSON, or empty."""
