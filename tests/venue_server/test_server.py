"""The stand-in venue as a server: what it logs, how it ends, TLS, and many clients at once."""

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.secrets import REFUSED_KEY
from support import tls
from support.asked import Kind
from support.faults import Fault
from support.keys import KEY, KeyKind
from support.loop_thread import LoopThread
from support.plain_client import exchange, request_bytes
from support.venue_server import VenueServer

Make = Callable[[Path], tls.TlsFiles]


def test_the_log_says_who_asked_what_and_holds_no_key(thread: LoopThread) -> None:
    """Kind of key, kind of request, path and body; neither key in any text form."""
    with VenueServer("groq", thread=thread) as server:
        exchange(server, Kind.CHAT)
        exchange(server, Kind.MODELS, key=REFUSED_KEY)
        exchange(server, Kind.CHAT, key="")
        exchange(server, Kind.CHAT, key="sk-other")
        log = server.log
    assert [seen.key_kind for seen in log] == [KeyKind.GOOD, KeyKind.REFUSED, KeyKind.NONE, KeyKind.OTHER]
    assert [seen.kind for seen in log] == [Kind.CHAT, Kind.REFUSED_KEY, Kind.REFUSED_KEY, Kind.REFUSED_KEY]
    assert (log[0].path, log[0].json["model"], log[0].key_ok) == (
        "/openai/v1/chat/completions",
        "openai/gpt-oss-120b",
        True,
    )
    assert KEY not in repr(log)
    assert REFUSED_KEY not in repr(log)


def test_one_connection_carries_many_requests(thread: LoopThread) -> None:
    """Keep-alive, over chats and streams; a new client is a new connection."""
    with VenueServer("openai", thread=thread) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for stream in (False, True, False):
            body: dict[str, Any] = {"model": server.play.models[0], "messages": [], "stream": stream}
            headers = {"authorization": f"Bearer {KEY}"}
            connection.request("POST", server.profile.chat_path, json.dumps(body), headers)
            assert connection.getresponse().read()
        connection.close()
        exchange(server, Kind.CHAT)
        assert [seen.connection for seen in server.log] == [1, 1, 1, 2]
        assert server.connections == 2


def test_a_chat_is_one_write(thread: LoopThread) -> None:
    """Head and body leave together, so that no delayed acknowledgement comes between them."""
    with VenueServer("openai", thread=thread) as server:
        assert len(exchange(server, Kind.CHAT).data) > 0
        assert len(server.writes) == 1
        assert server.body_writes[0].request == 1


def test_the_gap_between_tokens_is_kept(thread: LoopThread) -> None:
    """Each write of a stream but the first waits."""
    with VenueServer("openai", thread=thread, token_gap_ms=4) as server:
        exchange(server, Kind.STREAM)
        writes = server.writes
    assert min(later - earlier for earlier, later in pairwise(writes)) >= 3_500_000


def test_many_clients_are_served_at_once(thread: LoopThread) -> None:
    """Twenty requests that take a second each take less together than one after the other."""
    with VenueServer("openai", thread=thread, delay_ms=1000) as server, ThreadPoolExecutor(20) as pool:
        start = time.perf_counter()
        statuses = list(pool.map(lambda _: exchange(server, Kind.CHAT).response().status, range(20)))
        assert statuses == [200] * 20
        assert 1 <= time.perf_counter() - start < 19


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.ENDLESS_BODY, None])
def test_leaving_ends_open_connections(fault: Fault | None) -> None:
    """A client that still waits sees the end; no thread is left."""
    before = set(threading.enumerate())
    with VenueServer("openai", fault=fault) as server:
        client = socket.create_connection(("127.0.0.1", server.port), 2.0)
        client.sendall(request_bytes(server, Kind.CHAT))
        time.sleep(0.02)
    with client:
        try:
            while client.recv(65_536):
                pass
        except ConnectionError:
            pass
    assert set(threading.enumerate()) == before


def context_for(files: tls.TlsFiles) -> ssl.SSLContext:
    """Return a client context that trusts the files' authority."""
    return ssl.create_default_context(cafile=str(files.authority))


def test_tls_is_trusted_by_its_authority(thread: LoopThread, tmp_path: Path) -> None:
    """The good certificate verifies against its own authority, and against no other."""
    files = tls.good(tmp_path)
    with VenueServer("openai", thread=thread, tls=files) as server:
        assert server.base_url.startswith("https://127.0.0.1:")
        assert exchange(server, Kind.CHAT, context=context_for(files)).response().status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            exchange(server, Kind.CHAT, context=ssl.create_default_context())


@pytest.mark.parametrize(
    ("make", "reason"),
    [(tls.wrong_host, "mismatch"), (tls.expired, "expired"), (tls.self_signed, "unable to get local issuer")],
)
def test_bad_certificates_are_bad(
    thread: LoopThread, tmp_path: Path, make: Callable[[Path], tls.TlsFiles], reason: str
) -> None:
    """Each for its own reason."""
    files = make(tmp_path)
    with (
        VenueServer("openai", thread=thread, tls=files) as server,
        pytest.raises(ssl.SSLCertVerificationError, match=reason),
    ):
        exchange(server, Kind.CHAT, context=context_for(files))


def test_a_mistake_of_the_stand_in_itself_is_not_hidden(thread: LoopThread) -> None:
    """An exception while answering is raised when the server is left."""
    server = VenueServer("openai", thread=thread)
    server.play = replace(server.play, profile=replace(server.profile, chat=lambda _said: {"broken": 1 // 0}))
    with pytest.raises(ZeroDivisionError), server:
        exchange(server, Kind.CHAT)
