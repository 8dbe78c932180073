"""Venues that no request reaches: a port that refuses, and certificates that must not be trusted."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.transport.clock import LoopLag
from support import tls
from support.driving import Smoked, smoke
from support.expected_verdicts import NO_VENUE
from support.loop_thread import LoopThread
from support.ports import dead_port
from support.venue_server import VenueServer

Make = Callable[[Path], tls.TlsFiles]


def drive(server: VenueServer, **overrides: Any) -> Smoked:
    """Return what came of a venue."""

    async def run() -> Smoked:
        async with LoopLag() as lag:
            return await smoke(server, lag, **overrides)

    return asyncio.run(run())


def kinds(smoked: Smoked) -> set[ErrorKind | None]:
    """Return the kinds of all errors."""
    return {observation.error.kind if observation.error else None for observation in smoked.observations}


def turned(smoked: Smoked) -> dict[str, str]:
    """Return what did not pass."""
    return {name: word for name, word in smoked.outcomes.items() if word != "passed"}


def test_a_refused_connection_satisfies_no_check(thread: LoopThread) -> None:
    """Nor the negative ones: nobody refused a key, because nobody was there."""
    with VenueServer("openai", thread=thread) as server, dead_port() as port:
        smoked = drive(server, base_url=f"http://127.0.0.1:{port}")
        assert server.log == ()
    assert kinds(smoked) == {ErrorKind.CONNECTION_REFUSED}
    assert turned(smoked) == dict(NO_VENUE)


@pytest.mark.parametrize("h2", [False, True])
def test_a_trusted_certificate_changes_no_verdict(
    thread: LoopThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, h2: bool
) -> None:
    """Over TLS, on either version of HTTP, a healthy venue passes; the certificate is recorded."""
    files = tls.good(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    with VenueServer("openai", tls=files, h2=h2, thread=thread, token_gap_ms=4) as server:
        smoked = drive(server)
    assert turned(smoked) == {}
    exchange = smoked.observations[0].exchange
    assert exchange is not None
    assert exchange.http_version == ("2" if h2 else "1.1")
    assert exchange.connection is not None
    assert exchange.connection.tls_verified
    assert exchange.connection.ca_source == "SSL_CERT_FILE"


@pytest.mark.parametrize("make", [tls.wrong_host, tls.expired, tls.self_signed])
def test_a_bad_certificate_satisfies_no_check(
    thread: LoopThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    """The key is never sent."""
    files = make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    with VenueServer("openai", tls=files, thread=thread) as server:
        smoked = drive(server)
        assert server.log == ()
    assert kinds(smoked) == {ErrorKind.TLS}
    assert turned(smoked) == dict(NO_VENUE)
