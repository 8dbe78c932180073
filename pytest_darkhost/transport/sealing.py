"""
Threads that may open no socket: what a replay does is sealed off from the network, a team's adapter included.

It uses an audit hook of the interpreter (PEP 578), which sees every library. A hook cannot be taken away again, so
there is one for the process, and it looks at sealed threads only.
"""

import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from pytest_darkhost.errors import AdapterError

_EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"})


class SocketOpenedError(AdapterError):
    """A sealed thread wanted to reach the network."""


Note = Callable[[str], None]
"""Called with the address that somebody wanted to reach."""


@cache
def _sealed() -> dict[int, Note]:
    """Return the sealed threads of this process by ident; the first call installs the hook."""
    sealed: dict[int, Note] = {}

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and (note := sealed.get(threading.get_ident())):
            address = _shown(event, arguments)
            note(address)
            msg = f"a socket to {address} was opened while replaying, expected none"
            raise SocketOpenedError(msg)

    sys.addaudithook(hook)
    return sealed


def seal(note: Note) -> None:
    """Let the current thread reach no network from now on; each attempt is noted and raises `SocketOpenedError`."""
    _sealed()[threading.get_ident()] = note


def unseal(note: Note) -> None:
    """End that for all threads that were sealed with this note."""
    sealed = _sealed()
    for ident in [ident for ident, its_note in sealed.items() if its_note == note]:
        sealed.pop(ident, None)


def _shown(event: str, arguments: tuple[Any, ...]) -> str:
    """Return host and port; the address is the second argument of `connect`, the host the first of a look-up."""
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        return ":".join(map(str, address[:2])) if isinstance(address, tuple) else str(address)
    return ":".join(str(part) for part in arguments[:2] if part is not None)
