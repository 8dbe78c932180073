"""What is written is read again as it was seen, by us and by vcrpy."""

import random
import urllib.request
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr
import yaml

from pytest_darkhost.cassettes.reading import read_label
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import Chunk, Clock, Connection, ErrorKind, Exchange, Marks, Mode, Phase, ProbeError
from support.cassettes import MOMENT, NAME, RUN, URL, exchange_of, failure_of, label_of, read, write

BODIES = {
    "nothing": b"",
    "crlf": b"a\r\nb\rc\n\n",
    "nul": b"a\0b",
    "line separators": "a\x85b\u2028c\u2029d\ufeff".encode(),
    "byte order mark": "\ufeffabc".encode(),
    "lone surrogate": b"\xed\xa0\x80x",
    "no UTF-8": bytes(range(256)),
    "blanks": b"\t a \n  b  \n\n ",
    "beyond the plane": "😀\U0010ffff\ufffe".encode(),
    "control characters": bytes(range(32)) + "\x7f\x80\x9f".encode(),
    "number": b"123",
    "null": b"null",
    "word": b"yes",
    "date": b"2026-01-01",
    "YAML": b"- &a [*a, !!python/none ]\n--- |\n",
    "8 MB": b"data: x y z\n\n" * 600_000,
}
ERRORS = tuple(ErrorKind)


def differing(seen: Exchange, again: Exchange) -> list[str]:
    """Return the names of the attributes that differ."""
    return [field.name for field in fields(Exchange) if getattr(seen, field.name) != getattr(again, field.name)]


@pytest.mark.parametrize("name", BODIES)
def test_bodies_survive(tmp_path: Path, name: str) -> None:
    """Of requests and responses, byte for byte."""
    seen = exchange_of(BODIES[name], request_body=BODIES[name][:100_000])
    (again,) = read(write(tmp_path / "c.yaml", [seen]))
    assert differing(seen, again) == []


def test_chunks_and_times_are_exact(tmp_path: Path) -> None:
    """Boundaries within characters, equal times and times of hours, each nanosecond of it."""
    chunks = tuple(
        Chunk(at, data) for at, data in ((0, b"\xf0"), (0, b"\x9f\x98"), (10**13 + 1, b"\x80\r"), (10**13 + 1, b"\n"))
    )
    marks = Marks(dns_ns=1, tcp_ns=2, tls_ns=3, request_sent_ns=4, first_byte_ns=5, end_ns=10**13 + 2)
    connection = Connection(True, "[::1]:443", "TLSv1.3", "AB" * 32, True, "http://proxy.example", "certifi")
    seen = exchange_of(chunks=chunks, marks=marks, connection=connection, loop_lag_ms=1.25, http_version="2")
    (again,) = read(write(tmp_path / "c.yaml", [seen]))
    assert differing(seen, again) == []


@pytest.mark.parametrize("clock", [*Clock, None])
def test_who_took_the_times_survives(tmp_path: Path, clock: Clock | None) -> None:
    """Cassettes of versions that did not say remain valid: nobody is made up for them."""
    path = write(tmp_path / "c.yaml", [exchange_of(clock=clock)])
    assert ("clock:" in path.read_text(encoding="utf-8")) is (clock is not None)
    assert [exchange.clock for exchange in read(path)] == [clock]


@pytest.mark.parametrize("kind", ERRORS)
def test_failures_survive(tmp_path: Path, kind: ErrorKind) -> None:
    """With their kind, phase and words; cut ones with the part of the body that came, text or not."""
    error = ProbeError(kind, "api.acme.example: it broke", Phase.BODY, 200)
    before = failure_of(kind)
    cut = exchange_of(b"", error=error, chunks=(Chunk(3, b"data: \xff"), Chunk(4, b"\xfe")))
    again = read(write(tmp_path / "c.yaml", [before, cut]))
    assert [differing(*pair) for pair in zip((before, cut), again, strict=True)] == [[], []]


def test_a_request_that_was_given_up_survives(tmp_path: Path) -> None:
    """It has neither status nor error."""
    seen = failure_of(error=None)
    assert read(write(tmp_path / "c.yaml", [seen])) == (seen,)


@pytest.mark.parametrize("status", [100, 204, 302, 407, 599, 600, 999])
def test_every_status_that_http_has_survives(tmp_path: Path, status: int) -> None:
    """Three digits: what a venue sends is written so that it can be read."""
    (again,) = read(write(tmp_path / "c.yaml", [exchange_of(status=status)]))
    assert again.status == status


@pytest.mark.parametrize("value", ["résumé", "a\tb", " ", "123", "null", "'", "[x]", "\x7f"])
def test_headers_survive(tmp_path: Path, value: str) -> None:
    """Those that are kept, as text, whatever they look like."""
    seen = exchange_of(headers=(("x-request-id", value), ("x-request-id", "two")), request_headers=(("accept", value),))
    assert differing(seen, *read(write(tmp_path / "c.yaml", [seen]))) == []


def test_the_order_is_that_in_which_was_sent(tmp_path: Path) -> None:
    """Failures among interactions, so that of equal requests each is played in its turn."""
    kinds = "fwwffwf"
    sent = [failure_of(marks=Marks(end_ns=n)) if k == "f" else exchange_of(b"%d" % n) for n, k in enumerate(kinds)]
    assert read(write(tmp_path / "c.yaml", sent)) == tuple(sent)


def test_anything_that_can_be_seen_survives(tmp_path: Path) -> None:
    """Two hundred exchanges made by chance, always the same ones."""
    chance = random.Random(20261125)

    def some(most: int) -> bytes:
        pool = chance.choice([bytes(range(256)), b" \n\r\t'\"\\{}[]:,#&*!|>%@`-?", "aé\u2028😀".encode()])
        return bytes(chance.choice(pool) for _ in range(chance.randrange(most)))

    def one() -> Exchange:
        body = some(60)
        cuts = sorted(chance.sample(range(len(body) + 1), k=min(len(body), 3)))
        pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        chunks = tuple(Chunk(10 * n, piece) for n, piece in enumerate(pieces) if piece)
        status = chance.choice([None, 200, 404, 502])
        error = ProbeError(chance.choice(ERRORS), "broken", chance.choice(list(Phase)), status)
        made = exchange_of(b"", chunks=chunks, status=status, request_body=some(40))
        return replace(made, error=error) if status is None or chance.random() < 0.3 else made

    sent = [one() for _ in range(200)]
    assert read(write(tmp_path / "c.yaml", sent)) == tuple(sent)


def test_the_label_survives(tmp_path: Path) -> None:
    """With the digest of the file; composed exchanges say so."""
    path = write(tmp_path / "c.yaml", [exchange_of()], composed=True, model=None)
    label = read_label(path, NAME)
    moment = MOMENT.replace(microsecond=123_000)
    assert replace(label, sha256="") == label_of(composed=True, model=None, recorded_at=moment)
    assert len(label.sha256) == 64
    assert read(path)[0].mode is Mode.COMPOSED


def stock() -> Any:
    """Return vcrpy as anybody uses it."""
    return vcr.VCR(record_mode="none")


def test_httpx_under_stock_vcrpy_replays_the_file(tmp_path: Path) -> None:
    """Status, headers and body, in order; failures do not disturb it."""
    path = write(tmp_path / "c.yaml", [failure_of(), exchange_of(b"one"), exchange_of(b"\xfftwo", status=429)])
    with stock().use_cassette(str(path)) as cassette, httpx.Client() as client:
        answers = [client.post(URL, json={}) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"one"), (429, b"\xfftwo")]
    assert answers[0].headers["content-type"] == "application/json"
    assert cassette.all_played


def test_urllib_under_stock_vcrpy_replays_the_file(tmp_path: Path) -> None:
    """A client of the standard library, too."""
    path = write(tmp_path / "c.yaml", [exchange_of(b"one")])
    with stock().use_cassette(str(path)), urllib.request.urlopen(URL, data=b"{}") as answer:
        assert (answer.status, answer.read()) == (200, b"one")


def test_stock_vcrpy_may_save_the_file_again(tmp_path: Path) -> None:
    """Interactions stay as they are. What we say of the file goes, and is missed with one line."""
    path = write(tmp_path / "c.yaml", [exchange_of(b"\xff one")])
    before = yaml.safe_load(path.read_text())["interactions"]
    with stock().use_cassette(str(path), record_mode="new_episodes") as cassette:
        cassette._save(force=True)
    assert yaml.safe_load(path.read_text())["interactions"] == before
    with pytest.raises(CassetteError, match=f"^{NAME}: no mapping 'darkhost', expected a cassette that"):
        read_label(path, NAME)


def test_people_can_read_the_file(tmp_path: Path) -> None:
    """Bodies that are text are text."""
    text = write(tmp_path / "c.yaml", [exchange_of(), failure_of()]).read_text()
    assert RUN in text
    assert "!!binary" not in text
    assert yaml.safe_load(text)["version"] == 1
