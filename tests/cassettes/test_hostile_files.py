"""Files that are no cassettes, or hostile ones: one line with the file's name, soon, and nothing is executed."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_darkhost.cassettes.listing import listed
from pytest_darkhost.cassettes.reading import open_cassette, read_label
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.plan import Owner
from support.cassettes import LATER_RUN, NAME, OWNER, exchange_of, failure_of, player_of, write
from support.specs import make_venue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a good cassette."""
    return write(tmp_path / "acme" / "small-acme.yaml", [exchange_of(), failure_of()])


def problem(path: Path) -> str:
    """Return the one line that is said of a cassette, which stays as it is."""
    before = path.read_bytes() if path.is_file() and path.stat().st_size < 10**7 else None
    began_s = time.monotonic()
    with pytest.raises(CassetteError) as caught:
        player_of(path)
    assert time.monotonic() - began_s < 20
    said = str(caught.value)
    assert said.startswith(f"{NAME}: ")
    assert said.isprintable()
    assert len(said) < 600
    assert before is None or path.read_bytes() == before
    return said


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
OURS = "darkhost: {}\nversion: 1\ninteractions:\n"
TEXTS = {
    "empty": "",
    "blank": "\n\n",
    "word": "cassette",
    "list": "[]",
    "old format": "- request: {}\n  response: {}\n",
    "no YAML": "a: [",
    "two documents": "a: 1\n---\nb: 2\n",
    "tab": "a:\n\t- b",
    "stock cassette": "interactions: []\nversion: 1\n",
    "ours is a list": "interactions: []\ndarkhost: []\n",
    "interactions are a mapping": "interactions: {}\ndarkhost: {}\n",
    "interaction is a word": OURS + "- word\n",
    "interaction is nothing": OURS + "-\n",
    "no response": OURS + "- request: {method: GET, uri: 'http://a', body: '', headers: {}}\n",
    "request lacks a key": OURS + "- request: {method: GET, uri: 'http://a'}\n  response: {}\n",
    "request has a key more": OURS + "- request: {method: G, uri: u, body: '', headers: {}, x: 1}\n  response: {}\n",
    "laughs": LAUGHS + OURS,
    "laughs in a body": f"{LAUGHS}{OURS}- request: {{method: G, uri: u, body: *i, headers: {{}}}}\n  response: *i\n",
    "recursion": "darkhost: &a {a: *a}\ninteractions: []\n",
    "merge": "x: &x {interactions: []}\n<<: *x\ndarkhost: {}\n",
    "deep list": OURS + "- " + "[" * 100_000,
    "deep mapping": OURS + "- " + "{a: " * 100_000,
    "deep block": OURS + "- " * 100_000 + "a",
    "flood": OURS + "- [" + "a," * 1_000_000 + "]",
    "ours twice": "darkhost: {}\ndarkhost: {}\ninteractions: []\n",
    "interactions twice": "darkhost: {}\ninteractions: []\ninteractions: []\n",
    "key that is a list": "? [a]\n: b\n",
    "escape sequences": 'darkhost: {"\\e[31m\\n": 1}\ninteractions: []\n',
    "long key": f"darkhost: {{? {'k' * 500_000} : 1}}\ninteractions: []\n",
    "long integer": f"darkhost: {{schema: {'1' * 5000}}}\ninteractions: []\n",
    "UTF-16": "darkhost: {}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_no_cassette_is_one_line(path: Path, name: str) -> None:
    """Whatever it holds instead."""
    path.write_text(TEXTS[name], encoding="utf-16" if name == "UTF-16" else "utf-8")
    assert "expected" in problem(path)


@pytest.mark.parametrize(
    "tag",
    [
        *("python/object/apply:os.system", "python/object/new:os.system", "python/name:os.system", "python/module:os"),
        *("python/object:pathlib.Path", "python/object/new:_io.BytesIO", "python/object/apply:builtins.iter"),
        *("python/tuple", "python/str", "x%0Ay"),
    ],
)
def test_no_tag_of_python_is_obeyed(path: Path, tmp_path: Path, tag: str) -> None:
    """Nothing is executed, and no object is made."""
    canary = tmp_path / "canary"
    where = f"!!{tag} ['touch {canary}']"
    for text in (where, f"darkhost: {where}\ninteractions: []\n", f"darkhost: {{}}\ninteractions: [{where}]\n"):
        path.write_text(text)
        assert "line" in problem(path)
    assert not canary.exists()


def test_a_tag_in_a_good_file_is_refused(path: Path) -> None:
    """Where a body stands, vcrpy itself would build an object of some kinds."""
    path.write_text(path.read_text().replace("method: POST", "method: !!python/str POST", 1))
    assert "could not determine a constructor" in problem(path)


def test_every_truncation_is_found(path: Path) -> None:
    """A file that ends early is no shorter cassette."""
    data = path.read_bytes()
    for length in range(0, len(data) - 12, 50):
        path.write_bytes(data[:length])
        problem(path)


def _directory(path: Path) -> None:
    path.mkdir()


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 10**9)


KINDS: dict[str, Callable[[Path], Any]] = {
    "directory": _directory,
    "FIFO": os.mkfifo,
    "a gigabyte": _sparse,
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 100),
    "blanks": lambda path: path.write_bytes(b"\0" * 10_000),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_that_is_no_file_is_one_line(path: Path, kind: str) -> None:
    """Neither is one waited for nor read without end."""
    path.unlink()
    KINDS[kind](path)
    if kind == "itself":
        with pytest.raises((FileNotFoundError, CassetteError)):
            player_of(path)
        return
    assert "expected" in problem(path)


def test_no_file_is_no_cassette(path: Path) -> None:
    """Which is told apart from a broken one."""
    path.unlink()
    with pytest.raises(FileNotFoundError):
        player_of(path)


LABEL = ("darkhost",)
RESPONSE = ("interactions", 0, "response")
EXTRA = (*RESPONSE, "darkhost")
FAILURE = ("darkhost", "failures", 0)
MISTAKES: dict[str, tuple[tuple[Any, ...], Any]] = {
    "schema": ((*LABEL, "schema"), 2),
    "schema as text": ((*LABEL, "schema"), "1"),
    "origin": ((*LABEL, "origin"), "live"),
    "venue": ((*LABEL, "venue"), 5),
    "venue with escapes": ((*LABEL, "venue"), "\x1b[31m"),
    "model": ((*LABEL, "model"), ["a"]),
    "model of two lines": ((*LABEL, "model"), "a\nb"),
    "recorded_at": ((*LABEL, "recorded_at"), "yesterday"),
    "recorded_at without zone": ((*LABEL, "recorded_at"), "2026-01-01T00:00:00"),
    "recorded_at before time": ((*LABEL, "recorded_at"), "0001-01-01T00:00:00+14:00"),
    "recorded_at after time": ((*LABEL, "recorded_at"), "9999-12-31T23:59:59-14:00"),
    "run_id": ((*LABEL, "run_id"), "a"),
    "run_id empty": ((*LABEL, "run_id"), ""),
    "version": ((*LABEL, "version"), None),
    "base_url": ((*LABEL, "base_url"), {"a": 1}),
    "base_url long": ((*LABEL, "base_url"), "x" * 100_000),
    "spec_sha256": ((*LABEL, "spec_sha256"), 1),
    "unknown key": ((*LABEL, "unknown"), 1),
    "failures": ((*LABEL, "failures"), {}),
    "failure is a word": (FAILURE, "word"),
    "failure without place": ((*FAILURE, "after"), None),
    "failure before all": ((*FAILURE, "after"), -1),
    "failure's error": ((*FAILURE, "response", "darkhost", "error", "kind"), "unheard_of"),
    "failure's words": ((*FAILURE, "response", "darkhost", "error", "message"), "\x1b]0;title\x07"),
    "failure's headers": ((*FAILURE, "request", "headers"), {"a": "b"}),
    "method": (("interactions", 0, "request", "method"), 5),
    "uri": (("interactions", 0, "request", "uri"), 5),
    "uri with no port": (("interactions", 0, "request", "uri"), "http://a:99999999/"),
    "uri with half a host": (("interactions", 0, "request", "uri"), "http://[::1/"),
    "request body": (("interactions", 0, "request", "body"), {"a": 1}),
    "request body as number": (("interactions", 0, "request", "body"), 5),
    "request headers": (("interactions", 0, "request", "headers"), ["a"]),
    "request headers without value": (("interactions", 0, "request", "headers"), {"a": []}),
    "request header names": (("interactions", 0, "request", "headers"), {1: ["a"]}),
    "status": ((*RESPONSE, "status"), 200),
    "no status": ((*RESPONSE, "status"), None),
    "version of the format": (("version",), 2),
    "status code": ((*RESPONSE, "status", "code"), "OK"),
    "status 0": ((*RESPONSE, "status", "code"), 0),
    "status 1000": ((*RESPONSE, "status", "code"), 1000),
    "headers": ((*RESPONSE, "headers"), {"content-type": "text"}),
    "body": ((*RESPONSE, "body"), "text"),
    "body string": ((*RESPONSE, "body", "string"), 5),
    "longer body": ((*RESPONSE, "body", "string"), "a longer one"),
    "no times": (EXTRA, None),
    "chunks as words": ((*EXTRA, "chunks"), "a:b"),
    "chunks of three": ((*EXTRA, "chunks"), "1:2:3"),
    "chunks that are too few": ((*EXTRA, "chunks"), "7:1"),
    "chunks at negative times": ((*EXTRA, "chunks"), "-7:11"),
    "chunks of nothing": ((*EXTRA, "chunks"), "7:11 8:0"),
    "chunks of negative size": ((*EXTRA, "chunks"), "7:12 8:-1"),
    "chunks backwards": ((*EXTRA, "chunks"), "7:5 6:6"),
    "chunks beyond a float": ((*EXTRA, "chunks"), f"{2**53}:11"),
    "chunks as mapping": ((*EXTRA, "chunks"), {}),
    "marks": ((*EXTRA, "marks"), {"end_ns": "soon"}),
    "marks at negative times": ((*EXTRA, "marks"), {"end_ns": -1}),
    "unknown mark": ((*EXTRA, "marks"), {"end": 1}),
    "connection": ((*EXTRA, "connection"), {"fresh": []}),
    "loop_lag_ms": ((*EXTRA, "loop_lag_ms"), -1),
    "loop_lag_ms endless": ((*EXTRA, "loop_lag_ms"), float("inf")),
    "loop_lag_ms no number": ((*EXTRA, "loop_lag_ms"), float("nan")),
    "started_at": ((*EXTRA, "started_at"), "2026-01-01T00:00:00"),
    "error": ((*EXTRA, "error"), {"kind": "cut"}),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_value_is_one_line(path: Path, name: str) -> None:
    """Each of our fields and of vcrpy's is checked when the file is opened, and not when it is played."""
    (*keys, last), value = MISTAKES[name]
    whole = yaml.safe_load(path.read_text())
    part = whole
    for key in keys:
        part = part[key]
    if value is None:
        del part[last]
    else:
        part[last] = value
    path.write_text(yaml.safe_dump(whole))
    problem(path)


@pytest.mark.parametrize("line", ["  schema: 1\n", "  origin: recorded\n"])
def test_a_key_that_stands_twice_is_told(path: Path, line: str) -> None:
    """With its name: of two, the last would win unseen."""
    path.write_text(path.read_text().replace(line, line + line))
    assert f"the key '{line.strip().partition(':')[0]}' twice" in problem(path)


def test_an_alias_is_refused(path: Path) -> None:
    """Nobody writes one, and through them a small file is a huge one to whoever shows it."""
    whole = yaml.safe_load(path.read_text())
    whole["interactions"][0]["response"]["unknown"] = whole["interactions"][0]["request"]["headers"]
    path.write_text(yaml.safe_dump(whole))
    assert ": an alias, expected" in problem(path)


def test_a_syntax_error_names_its_line(path: Path) -> None:
    """So that an editor finds it."""
    path.write_text(path.read_text().replace("  schema: 1\n", "  schema: 1: 2\n"))
    assert "line" in problem(path)


def test_another_owner_s_cassette_is_told(path: Path) -> None:
    """By the names of both; a copied file proves nothing about its new place."""
    others = (Owner("acme"), Owner("acme", "large-acme"), Owner("other", "small-acme"))
    for owner in others:
        with pytest.raises(CassetteError, match=r"^x: the cassette of acme/small-acme, expected that of "):
            open_cassette(path, "x", make_venue(), owner, run_id=LATER_RUN)
    assert open_cassette(path, "x", make_venue(), OWNER, run_id=LATER_RUN).label.model == "small-acme"


def test_a_list_of_cassettes_has_the_broken_ones(path: Path) -> None:
    """Each with its line."""
    (path.parent / "broken.yaml").write_text("[")
    good, bad = sorted(listed(path.parents[1]), key=lambda each: bool(each.problem))
    assert (good.name, bad.name) == ("acme/small-acme.yaml", "acme/broken.yaml")
    assert bad.problem.startswith("acme/broken.yaml: line ")
    assert good.label == read_label(path, good.name)
