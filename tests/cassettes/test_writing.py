"""A cassette is written as a whole or not at all, holds no key and no id of the account, and nothing else is lost."""

import base64
import errno
import json
import multiprocessing
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pytest_darkhost.cassettes import storage
from pytest_darkhost.cassettes.scrubbing import without_accounts
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import Chunk, ErrorKind, Phase, ProbeError
from support.cassettes import NAME, exchange_of, failure_of, read, write

KEY = 'sk-cañary/0123"456789+abcdefghij'
PLAIN = "sk-canary-0123456789-abcdefghij"
FORMS = {
    "plain": PLAIN,
    "in a sentence": f"Incorrect API key provided: {PLAIN}.",
    "URL-encoded": quote(KEY, safe=""),
    "JSON-escaped": json.dumps(KEY),
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "masked": f"{PLAIN[:8]}******{PLAIN[-4:]}",
    "a part": PLAIN[10:24],
    "escaped character by character": "".join(f"\\u{ord(each):04x}" for each in PLAIN),
    "encoded character by character": "".join(f"%{ord(each):02X}" for each in PLAIN),
}


def error(text: str) -> ProbeError:
    """Return a failure in these words."""
    return ProbeError(ErrorKind.CUT, text, Phase.BODY, 200)


def places(text: str) -> dict[str, Any]:
    """Return an exchange for each place where a key could stand."""
    data = text.encode()
    middle = len(data) // 2
    return {
        "body": exchange_of(data),
        "body that is no text": exchange_of(b"\xff" + data),
        "across chunks": exchange_of(b"", chunks=(Chunk(1, data[:middle]), Chunk(2, data[middle:]))),
        "request": exchange_of(request_body=data),
        "request that is no text": exchange_of(request_body=b"\xff\xfe" + data),
        "request header": exchange_of(request_headers=(("accept", text),)),
        "header": exchange_of(headers=(("x-request-id", text),)),
        "URL": exchange_of(url=f"https://a.example/{text}"),
        "words of a failure": failure_of(error=error(text)),
        "cut body": exchange_of(b"\xff" + data, error=error("cut")),
        "request of a failure": failure_of(request_body=b"\xff" + data),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", places(""))
def test_nothing_is_written_that_holds_a_key(tmp_path: Path, place: str, form: str) -> None:
    """In whatever form it got there; the file that was there is as it was, and the key is not in the message."""
    path = write(tmp_path / "c.yaml", [exchange_of(b"old")])
    before = path.read_bytes()
    with pytest.raises(CassetteError) as caught:
        write(path, [exchange_of(), places(FORMS[form])[place]], KEY, PLAIN)
    assert str(caught.value) == f"{NAME}: a key was found in the cassette, expected none. Nothing was written"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", places(""))
def test_without_a_key_the_same_is_written(tmp_path: Path, place: str) -> None:
    """So that the search above found the key, and nothing else."""
    write(tmp_path / "c.yaml", [places("nothing secret 0123")[place]], KEY, PLAIN)


IDS = (
    *(
        "org-AbCdEfGhIjKl1234567890ab",
        "org_01jabcdefghijklmnopqrstuvw",
        "proj_abcdef0123456789ABCDEFGH",
        "user-0123456789abcdef",
    ),
    *("acct_1A2b3C4d5E6f7G8h", "team-00000000000000000001", "wrkspc_01ABCDEFGHIJKLMNOP", "workspace_0123456789ab"),
    *("org-QwErTyUiOpAsDfGhJkLzXcVb", "org-123e4567-e89b-12d3-a456-426614174000"),
)
MEMBERS = (
    '"organization_id":"acme"',
    '"organization_id": "acme, Inc"',
    '"account_id" : "a\\"b\\\\"',
    '"user_id":"x"',
    '"projectId":"p-1"',
)
WORDS = (
    *("user_name", "account-based", "organization", "team-building", "user_authentication", "account_verification"),
    *("workspace-collaboration", "user-0123", "cyborg-0123456789abcdef", '"organization": "Meta"', '"max_tokens": 16'),
    *(
        '"usage": {"prompt_tokens": 12, "completion_tokens": 34}',
        "project_management",
        "organisation_id",
        '"user": null',
    ),
    *('"model": "accounts/fireworks/models/gpt-oss-20b"', "chatcmpl-0123456789abcdef", '"user_id": 5'),
)


@pytest.mark.parametrize("found", [*IDS, *MEMBERS])
def test_ids_of_the_account_go(tmp_path: Path, found: str) -> None:
    """From bodies, across chunks, from headers and from the words of failures; lengths stay."""
    data = f"in {found} here".encode()
    chunks = tuple(Chunk(n, data[n : n + 1]) for n in range(len(data)))
    sent = [
        exchange_of(b"", chunks=chunks, headers=(("x-request-id", found), ("location", found))),
        failure_of(error=ProbeError(ErrorKind.CUT, found, Phase.BODY, location=found)),
    ]
    path = write(tmp_path / "c.yaml", sent)
    told = found.partition(":")[2].strip(' "') if ":" in found else found
    assert told not in path.read_text() or len(told) < 5
    body = read(path)[0].body
    assert len(body) == len(data)
    assert b"***" in body or b'"*"' in body
    assert [len(chunk.data) for chunk in read(path)[0].chunks] == [1] * len(data)


@pytest.mark.parametrize("word", WORDS)
def test_words_that_look_a_little_like_ids_stay(word: str) -> None:
    """What a model says, and what checks read, is not touched."""
    assert without_accounts(word.encode()) == word.encode()


def test_a_scrubbed_member_is_still_json() -> None:
    """Escapes within it go with it."""
    text = b'{"account_id": "a\\"b\\\\", "n": 1}'
    assert json.loads(without_accounts(text)) == {"account_id": "******", "n": 1}


def test_headers_are_written_by_an_allow_list(tmp_path: Path) -> None:
    """Cookies, organisations and what nobody knows are not among them."""
    private = (
        "set-cookie",
        "set-cookie2",
        "openai-organization",
        "anthropic-organization-id",
        "x-account",
        "server",
        "cf-ray",
    )
    sent = exchange_of(
        headers=(*((name, "secret-1") for name in private), ("retry-after", "7"), ("content-type", "a/b"))
    )
    path = write(tmp_path / "c.yaml", [sent])
    assert "secret-1" not in path.read_text()
    assert dict(read(path)[0].headers) == {"retry-after": "7", "content-type": "a/b"}


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077])
def test_permissions_follow_the_umask(tmp_path: Path, mask: int) -> None:
    """As of any file that a person's tools write into a repository."""
    before = os.umask(mask)
    try:
        path = write(tmp_path / "c.yaml", [exchange_of()])
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A link in a repository must not make a run write elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    path = tmp_path / "c.yaml"
    path.symlink_to(elsewhere)
    write(path, [exchange_of()])
    assert elsewhere.read_text() == "mine"
    assert not path.is_symlink()


def test_a_link_to_a_directory_is_followed(tmp_path: Path) -> None:
    """People keep cassettes elsewhere."""
    (tmp_path / "there").mkdir()
    (tmp_path / "cassettes").symlink_to("there")
    write(tmp_path / "cassettes" / "acme" / "c.yaml", [exchange_of()])
    assert (tmp_path / "there" / "acme" / "c.yaml").is_file()


class Crashed(BaseException):
    """The end of a process, as far as a test can have it."""


@pytest.mark.parametrize("fault", [Crashed(), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: BaseException
) -> None:
    """And none beside it."""
    path = write(tmp_path / "c.yaml", [exchange_of(b"old")])
    before = path.read_bytes()

    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr(storage.os if step == "fsync" else Path, step, broken)
    with pytest.raises((CassetteError, Crashed, KeyboardInterrupt)) as caught:
        write(path, [exchange_of(b"new")])
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(fault, OSError):
        place = "a place where the cassette can be written"
        assert str(caught.value) == f"{NAME}: No space left on device, expected {place}"


def test_a_place_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    """Where a directory should be there is a file, or the other way round."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "c.yaml").mkdir()
    for path in (tmp_path / "file" / "c.yaml", tmp_path / "c.yaml", tmp_path / ("x" * 300)):
        with pytest.raises(CassetteError, match=rf"^{NAME}: [A-Z][\w ]+, expected a place where"):
            write(path, [exchange_of()])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["c.yaml", "file"]


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    """A cassette is read back first, so that a good one is never replaced by one that nobody can open."""
    path = write(tmp_path / "c.yaml", [exchange_of(b"old")])
    before = path.read_bytes()
    for odd in (exchange_of(status=99), exchange_of(chunks=(Chunk(-1, b"x"),)), exchange_of(url="http://a:99999999/")):
        with pytest.raises(CassetteError, match=f"^{NAME}: .*Nothing was written$") as caught:
            write(path, [odd])
        assert str(caught.value).isprintable()
        assert path.read_bytes() == before


def _write_often(path: str, body: bytes) -> None:
    for _ in range(15):
        write(Path(path), [exchange_of(body * 2000)] * 3)


def test_of_two_processes_one_wins(tmp_path: Path) -> None:
    """Whoever reads meanwhile finds one of both cassettes, and never a part."""
    path = write(tmp_path / "c.yaml", [exchange_of(b"a" * 2000)] * 3)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_often, args=(str(path), body)) for body in (b"a", b"b")]
    for writer in writers:
        writer.start()
    bodies = set()
    while any(writer.is_alive() for writer in writers):
        bodies |= {tuple(exchange.body for exchange in read(path))}
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert bodies <= {(b"a" * 2000,) * 3, (b"b" * 2000,) * 3}
    assert list(tmp_path.iterdir()) == [path]
