"""
What went wrong on the wire, as data: exceptions of either library, of asyncio, of ssl and of the system, told apart.

Classes of the libraries are known by name, so that httpcore and httpcore2 read alike. Texts of exceptions are used
only where they cannot hold a part of our request.
"""

import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_darkhost.observations import ErrorKind, Phase, ProbeError
from pytest_darkhost.transport.decoding import DecodingError

_Found = tuple[ErrorKind, str] | None
_TEXT_LENGTH = 160


class BodyTooLargeError(Exception):
    """More body came than is read. The text names the ceiling."""


class UnaskedAnswerError(Exception):
    """An answer was there before its request was sent: it belongs to no request, or to another."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a request was when it failed."""

    place: str
    """Host and port of the venue."""
    phase: Phase
    ended: bool
    """The peer had closed the connection."""
    reused: bool
    """The connection had carried an answer before."""
    blocking_proxy: str | None
    """The proxy that had not let us through yet."""
    limits_ms: Mapping[Phase, float]
    """The time-out of each phase."""
    total_ms: float


def probe_error(fault: BaseException, at: Situation) -> ProbeError:
    """Return what a failure was. `INTERNAL` if nothing known explains it. The message still needs redaction."""
    chain = _causes(fault)
    for find in (_ours, _proxy, _time_out, _lookup, _tls, _connection, _cut, _malformed):
        found = find(chain, at)
        if found:
            return ProbeError(found[0], f"{at.place}: {found[1]}", at.phase)
    return ProbeError(ErrorKind.INTERNAL, f"{at.place}: {type(fault).__name__}, expected none: our own fault", at.phase)


def _causes(fault: BaseException) -> tuple[BaseException, ...]:
    """Return an exception and what led to it. The pool re-raises `from None`, so the context counts as well."""
    chain: list[BaseException] = []
    waiting: list[BaseException | None] = [fault]
    while waiting:
        link = waiting.pop(0)
        if link is not None and link not in chain:
            chain.append(link)
            waiting += [link.__cause__, link.__context__]
    return tuple(chain)


def _names(chain: tuple[BaseException, ...]) -> set[str]:
    """Return the names of all classes involved, those of an exception's arguments (events of h2) included."""
    kinds = {kind.__name__ for link in chain for kind in type(link).__mro__}
    return kinds | {type(argument).__name__ for link in chain for argument in link.args}


def _system_error(chain: tuple[BaseException, ...]) -> OSError | None:
    return next((link for link in chain if isinstance(link, OSError) and not isinstance(link, ssl.SSLError)), None)


def _ours(chain: tuple[BaseException, ...], _at: Situation) -> _Found:
    fault = chain[0]
    if isinstance(fault, BodyTooLargeError):
        return ErrorKind.TOO_LARGE, str(fault)
    if any(isinstance(link, UnaskedAnswerError) for link in chain):
        text = "an answer was there before the request was sent, expected one answer to each request"
        return ErrorKind.MALFORMED_HTTP, text
    if isinstance(fault, DecodingError):
        return ErrorKind.MALFORMED_HTTP, str(fault)
    if isinstance(fault, EOFError):
        return ErrorKind.CUT, "the compressed body ends early, expected the rest of it"
    return None


def _proxy(chain: tuple[BaseException, ...], at: Situation) -> _Found:
    if at.blocking_proxy is None and "ProxyError" not in _names(chain):
        return None
    refusal = next((str(link) for link in chain if type(link).__name__ == "ProxyError"), None)
    why = refusal or _reason(chain)
    return ErrorKind.PROXY, f"the proxy {at.blocking_proxy} did not connect ({why}), expected a way to the venue"


_LATE = {
    Phase.RESOLVE: (ErrorKind.TIMEOUT_CONNECT, "the name was not resolved", "its address"),
    Phase.CONNECT: (ErrorKind.TIMEOUT_CONNECT, "not connected", "a connection"),
    Phase.TLS: (ErrorKind.TIMEOUT_TLS, "no TLS session", "one"),
    Phase.WRITE: (ErrorKind.TIMEOUT_WRITE, "the request was not taken", "the peer to read it"),
    Phase.FIRST_BYTE: (ErrorKind.TIMEOUT_FIRST_BYTE, "no response began", "a first byte"),
    Phase.BODY: (ErrorKind.TIMEOUT_BODY, "nothing more of the body came", "its end"),
}


def _time_out(chain: tuple[BaseException, ...], at: Situation) -> _Found:
    if not _names(chain) & {"TimeoutError", "TimeoutException"} or at.phase not in _LATE:
        return None
    kind, state, expected = _LATE[at.phase]
    # The library wraps its own time-outs; a bare one is ours, around the whole request.
    if type(chain[0]) is TimeoutError:
        state = "the body did not end" if at.phase is Phase.BODY else state
        return kind, f"{state} within the {at.total_ms:g} ms of the whole request, expected {expected}"
    return kind, f"{state} within {at.limits_ms.get(at.phase, at.total_ms):g} ms, expected {expected}"


def _lookup(chain: tuple[BaseException, ...], at: Situation) -> _Found:
    if not (at.phase is Phase.RESOLVE or any(isinstance(link, socket.gaierror) for link in chain)):
        return None
    return ErrorKind.CANNOT_RESOLVE, f"the name cannot be resolved ({_reason(chain)}), expected a known host"


def _tls(chain: tuple[BaseException, ...], _at: Situation) -> _Found:
    fault = next((link for link in chain if isinstance(link, ssl.SSLError)), None)
    if fault is None:
        return None
    if isinstance(fault, ssl.SSLCertVerificationError):
        why = fault.verify_message.rstrip(".")
        return ErrorKind.TLS, f"the certificate is not trusted ({why}), expected one for this host that is"
    return ErrorKind.TLS, f"no TLS session ({_reason((fault,))}), expected a TLS server"


def _connection(chain: tuple[BaseException, ...], at: Situation) -> _Found:
    if at.phase not in {Phase.CONNECT, Phase.TLS} or not _names(chain) & {"OSError", "NetworkError"}:
        return None
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return ErrorKind.CONNECTION_REFUSED, "the connection was refused, expected a server that listens"
    return ErrorKind.CONNECTION_FAILED, f"the connection failed ({_reason(chain)}), expected one"


def _cut(chain: tuple[BaseException, ...], at: Situation) -> _Found:
    names = _names(chain)
    broken = names & {"ReadError", "WriteError", "StreamReset", "ConnectionTerminated"}
    if not broken and not (at.ended and "ProtocolError" in names):
        return None
    if at.phase is Phase.BODY:
        return ErrorKind.CUT, "the peer closed the connection, expected the rest of the body"
    which = "the connection that it had left open, without an answer" if at.reused else "the connection"
    return ErrorKind.CUT, f"the peer closed {which}, expected a response"


def _malformed(chain: tuple[BaseException, ...], at: Situation) -> _Found:
    if "ProtocolError" not in _names(chain) or at.phase not in {Phase.FIRST_BYTE, Phase.BODY}:
        return None
    remote = next((link for link in chain if type(link).__name__ == "RemoteProtocolError"), None)
    why = f" ({_line(str(remote))})" if remote else ""
    return ErrorKind.MALFORMED_HTTP, f"the peer broke HTTP{why}, expected a response by its rules"


def _reason(chain: tuple[BaseException, ...]) -> str:
    """Return the system's words for a failure, or the name of its class."""
    for link in chain:
        if isinstance(link, ssl.SSLError) and link.reason:
            return link.reason.lower().replace("_", " ")
    error = _system_error(chain)
    if error is None:
        return type(chain[-1]).__name__
    if isinstance(error, socket.gaierror) or error.errno is None:
        return _line(error.strerror or str(error)) or type(error).__name__
    return os.strerror(error.errno)


def _line(text: str) -> str:
    return " ".join(text.split())[:_TEXT_LENGTH]
