"""
Threads that may open no socket: what a replay does is sealed off from the network, a team's adapter included.

It uses an audit hook of the interpreter (PEP 578), which sees every library. A hook cannot be taken away again, so
there is one for the process, and it looks at sealed threads only. From Python 3.12 on, whose interpreter reports it,
threads that a sealed thread starts are sealed as well; before, those of an executor need `seal` as their initializer.
What a child process does, and a connection that was open before, no hook sees.
"""

import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from pytest_darkhost.errors import AdapterError

_SOCKETS = frozenset(
    f"socket.{name}"
    for name in ("connect", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
)
_THREADS = frozenset({"_thread.start_new_thread", "_thread.start_joinable_thread"})


class SocketOpenedError(AdapterError):
    """A sealed thread wanted to reach the network."""


Note = Callable[[str], None]
"""Called with the address that somebody wanted to reach."""


class _Seals:
    """Which threads of this process are sealed, and with which notes."""

    def __init__(self) -> None:
        self._by_thread: WeakKeyDictionary[threading.Thread, tuple[Note, ...]] = WeakKeyDictionary()

    def current(self) -> tuple[Note, ...]:
        """Return the notes of the current thread, the innermost last."""
        return self._by_thread.get(threading.current_thread(), ()) if self._by_thread else ()

    def set(self, thread: threading.Thread, notes: tuple[Note, ...]) -> None:
        """Seal a thread with these notes, or end that where there are none."""
        if notes:
            self._by_thread[thread] = notes
        else:
            self._by_thread.pop(thread, None)

    def without(self, note: Note) -> None:
        """Take a note from all threads."""
        for thread, notes in list(self._by_thread.items()):
            self.set(thread, tuple(each for each in notes if each != note))

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at one event of the interpreter; raises `SocketOpenedError` where a sealed thread uses the network."""
        if event in _SOCKETS and (notes := self.current()):
            address = _shown(event, arguments)
            notes[-1](address)
            msg = f"a socket to {address} was opened while replaying, expected none"
            raise SocketOpenedError(msg)
        if event in _THREADS and (notes := self.current()):
            started = getattr(arguments[0], "__self__", None)
            if isinstance(started, threading.Thread):
                self.set(started, notes)


@cache
def _seals() -> _Seals:
    """Return the seals of this process; the first call installs the hook."""
    seals = _Seals()
    sys.addaudithook(seals.hook)
    return seals


def seal(note: Note) -> None:
    """Let the current thread reach no network from now on; each attempt is noted and raises `SocketOpenedError`."""
    _seals().set(threading.current_thread(), (*_seals().current(), note))


def unseal(note: Note) -> None:
    """End that for all threads that were sealed with this note, and for those that they started."""
    _seals().without(note)


def _shown(event: str, arguments: tuple[Any, ...]) -> str:
    """Return host and port: the second argument of what uses a socket, the first ones of a look-up."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        return _address(arguments[1])
    if event == "socket.getnameinfo":
        return _address(arguments[0])
    return ":".join(_text(part) for part in arguments[:2] if part is not None)


def _address(address: Any) -> str:
    return ":".join(map(_text, address[:2])) if isinstance(address, tuple) else _text(address)


def _text(part: Any) -> str:
    return part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
