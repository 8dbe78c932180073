"""A player answers each recorded request once, and says what it lacks."""

from pathlib import Path

from pytest_darkhost.observations import ErrorKind, Exchange, Mode
from support.cassettes import LATER_RUN, MOMENT, NAME, RUN, URL, exchange_of, failure_of, player_of, write

HEADERS = (("accept", "application/json"), ("content-type", "application/json"))
BODY = b'{"model":"small","messages":[{"role":"user","content":"Run %s.\\nHi"}]}'


def asked(
    body: bytes = BODY % LATER_RUN.encode(), url: str = URL
) -> tuple[str, str, tuple[tuple[str, str], ...], bytes]:
    """Return the request of a later run."""
    return "POST", url, HEADERS, body


def said(exchange: Exchange) -> str:
    """Return the words of a miss."""
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.NOT_RECORDED
    assert exchange.error.message.isprintable()
    return exchange.error.message


def test_the_request_of_a_later_run_is_answered(tmp_path: Path) -> None:
    """With the recorded times; the request is the one that was asked now."""
    recorded = exchange_of(b"answer")
    played = player_of(write(tmp_path / "c.yaml", [recorded])).play(*asked())
    assert (played.body, played.mode, played.started_at) == (b"answer", Mode.REPLAY, MOMENT)
    assert (played.marks, played.chunks) == (recorded.marks, recorded.chunks)
    assert LATER_RUN.encode() in played.request_body


def test_equal_requests_are_answered_in_their_order(tmp_path: Path) -> None:
    """Failures in their turn, and none twice."""
    sent = [exchange_of(b"1"), failure_of(), exchange_of(b"3"), failure_of(ErrorKind.CUT)]
    player = player_of(write(tmp_path / "c.yaml", sent))
    played = [player.play(*asked()) for _ in sent]
    assert [(each.body, each.error and each.error.kind) for each in played] == [
        (b"1", None),
        (b"", ErrorKind.TIMEOUT_FIRST_BYTE),
        (b"3", None),
        (b"", ErrorKind.CUT),
    ]
    assert said(player.play(*asked())) == (
        f"{NAME}: no such request: every recorded request was played already, expected one that was recorded"
    )


def test_a_changed_request_is_a_miss_that_says_what_changed(tmp_path: Path) -> None:
    """And takes nothing off the cassette."""
    player = player_of(write(tmp_path / "c.yaml", [exchange_of()]))
    changed = player.play(*asked(BODY.replace(b"Hi", b"Ho") % LATER_RUN.encode()))
    assert said(changed) == (
        f"{NAME}: no such request: messages[0].content: 'Run {{run}}.\\nHo', recorded 'Run {{run}}.\\nHi', "
        "expected one that was recorded"
    )
    assert (changed.status, changed.mode) == (None, Mode.REPLAY)
    assert player.play(*asked()).status == 200


def test_a_request_with_the_id_of_another_run_is_a_miss(tmp_path: Path) -> None:
    """Only the id of the run that asks is masked."""
    player = player_of(write(tmp_path / "c.yaml", [exchange_of()]))
    assert RUN in said(player.play(*asked(BODY % RUN.encode())))


def test_the_port_of_a_managed_venue_is_no_difference(tmp_path: Path) -> None:
    """It is another one each time. Of any other venue it is, and so is another host."""
    path = write(tmp_path / "c.yaml", [exchange_of(url="http://127.0.0.1:40001/v1/x")] * 2)
    managed = player_of(path, base_url="http://127.0.0.1:{port}")
    assert managed.play(*asked(url="http://127.0.0.1:1/v1/x")).status == 200
    assert "URL: " in said(managed.play(*asked(url="http://127.0.0.2:1/v1/x")))
    fixed = player_of(path, base_url="http://127.0.0.1:40001")
    assert "URL: " in said(fixed.play(*asked(url="http://127.0.0.1:1/v1/x")))


def test_what_nobody_asked_for_is_told(tmp_path: Path) -> None:
    """Failures too; each by method, URL and the first line of its prompt."""
    player = player_of(write(tmp_path / "c.yaml", [exchange_of(), failure_of(request_body=b"")]))
    line = f"POST {URL}"
    assert player.label.unplayed == (f"{line} 'Run {{run}}.'", line)
    player.play(*asked())
    assert player.label.unplayed == (line,)
    player.play(*asked(b""))
    assert player.label.unplayed == ()


def test_what_a_hostile_cassette_says_stays_short(tmp_path: Path) -> None:
    """Prompts and URLs of a megabyte are cut, in the list of what was not played as well."""
    body = b'{"messages": [{"content": "%s\\u001b[31m"}]}' % (b"x" * 1_000_000)
    player = player_of(write(tmp_path / "c.yaml", [exchange_of(request_body=body, url=URL + "/" + "y" * 1_000_000)]))
    (unplayed,) = player.label.unplayed
    assert len(unplayed) < 500
    assert unplayed.isprintable()
    assert len(said(player.play(*asked()))) < 1200


def test_a_composed_cassette_plays_as_composed(tmp_path: Path) -> None:
    """Misses too."""
    player = player_of(write(tmp_path / "c.yaml", [exchange_of()], composed=True))
    assert [player.play(*asked()).mode for _ in range(2)] == [Mode.COMPOSED] * 2
