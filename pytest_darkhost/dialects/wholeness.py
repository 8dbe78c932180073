"""
Whether a stream came whole and well, by its bytes alone: what it says can then be read later.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pytest_darkhost.observations import Exchange
from pytest_darkhost.probes import Probe
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.models import VenueSpec

_TERMINATORS: Mapping[Dialect, bytes] = MappingProxyType(
    {Dialect.OPENAI: b"[DONE]", Dialect.ANTHROPIC: b"message_stop"}
)
_TAIL = 256
_ERROR = b"error"
"""Whatever reports an error in a stream, in either dialect, has this word in it."""


def came_whole(spec: VenueSpec, probe: Probe, exchange: Exchange) -> bool:
    """
    Return whether a stream with a good status ends with its terminator and nowhere speaks of an error.

    It may return `False` for one that did: then the stream has to be read to know.
    """
    streamed = probe.request is not None and probe.request.stream
    if not streamed or exchange.error is not None or not 200 <= (exchange.status or 0) <= 299:
        return False
    body = exchange.body
    return _TERMINATORS[spec.dialect] in body[-_TAIL:] and _ERROR not in body
