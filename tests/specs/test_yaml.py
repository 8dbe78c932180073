"""Strict YAML 1.2: what it means, and what of it is refused, each with its line."""

import io
import os
from pathlib import Path

import pytest

from pytest_darkhost.errors import SpecError
from pytest_darkhost.specs import yaml_nodes
from pytest_darkhost.specs.loader import load_venue
from pytest_darkhost.specs.yaml_nodes import read


@pytest.fixture(params=["as installed", "pure Python"], autouse=True)
def parser(request, monkeypatch):
    """Run each test on libyaml, where PyYAML has it, and on the parser in Python."""
    if request.param == "pure Python":
        monkeypatch.setattr(yaml_nodes, "_PARSER", yaml_nodes.yaml.BaseLoader)


FLAWS = [
    ("key twice", "a: 1\nb:\n  c: 1\n  c: 2\n", 4, "'c' is given twice, expected once. The first is in line 3"),
    ("anchor", "a: &x 1\n", 1, "an anchor stands here, expected the value alone. Write a repeated value out"),
    ("alias", "a: &x 1\nb: *x\n", 2, "an alias stands here, expected the value itself. Write it out"),
    ("merge key", "a:\n  <<: {b: 1}\n", 2,
     "the merge key '<<' is used, which YAML 1.2 does not have, expected the keys themselves"),
    ("tag", "a: !!str 1\n", 1, "a tag stands here, expected the value alone. Types follow from the key"),
    ("own tag", "a: !python/object:os.system x\n", 1,
     "a tag stands here, expected the value alone. Types follow from the key"),
    ("tag of a mapping", "a: !!omap\n  - b: 1\n", 1,
     "a tag stands here, expected the value alone. Types follow from the key"),
    ("number as key", "a: 1\n5: 2\n", 2, "5 is used as a key, expected text. Put it in quotes if it is meant so"),
    ("null as key", "a: 1\n~: 2\n", 2, "null is used as a key, expected text. Put it in quotes if it is meant so"),
    ("list as key", "a: 1\n? [b]\n: 2\n", 2,
     "a list is used as a key, expected text. Put it in quotes if it is meant so"),
    ("empty key", "a: 1\n'': 2\n", 2, "the key is empty or unprintable, expected a name"),
    ("second document", "a: 1\n---\nb: 2\n", 2, "a second document begins, expected one venue per file"),
    ("version", "%YAML 1.1\n---\na: 1\n", 1, "the directive %YAML asks for another version, expected YAML 1.2"),
    ("infinity", "a: .inf\n", 1, "the number is inf, expected a finite one"),
    ("not a number", "a: .NaN\n", 1, "the number is nan, expected a finite one"),
    ("overflow", "a: 1e999\n", 1, "the number is inf, expected a finite one"),
    ("number of many digits", f"a: {'9' * 5000}\n", 1, "a number of 5000 digits, expected fewer than 400"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "flaw"), [pytest.param(*f[1:], id=f[0]) for f in FLAWS])
def test_what_yaml_allows_and_a_spec_does_not(text, line, flaw):
    """Each is refused at its line, and reading goes on where it can."""
    flaws = read(text).flaws
    assert (flaws[-1].line, flaws[-1].text) == (line, flaw)
    assert len(flaws) == 1 + ("*x" in text)


@pytest.mark.parametrize(
    ("text", "line", "begin"),
    [
        ("a: 1\n\tb: 2\n", 2, "a tab is used for indentation, expected spaces"),
        ("a:\n  b: 1\n c: 2\n", 3, "not YAML ("),
        ("a: {b: 1\nc: [\n", 3, "not YAML ("),
        ("a: 'open\n", 2, "not YAML ("),
        ("a: b: c\n", 1, "not YAML ("),
        ("@a: 1\n", 1, "not YAML ("),
    ],
)
def test_what_is_not_yaml_is_told_with_a_line(text, line, begin):
    """One flaw, in the line where the parser stopped."""
    (flaw,) = read(text).flaws
    assert flaw.text.startswith(begin)
    assert abs(flaw.line - line) <= 1
    assert 1 <= flaw.line <= text.count("\n") + 1


def test_values_follow_the_core_schema_of_yaml_1_2():
    """Words and forms that YAML 1.1 reads as something else are text."""
    text = "[no, yes, on, y, 12:30:45, 017, 0o17, 0x1F, 1e3, 1_000, 2026-11-22, ~, null, true, '5', -0.5, +3, .5, '']"
    assert read(text).value == [
        "no", "yes", "on", "y", "12:30:45", 17, 15, 31, 1000.0, "1_000", "2026-11-22", None, None, True, "5", -0.5, 3,
        0.5, "",
    ]  # fmt: skip


def test_lines_of_keys_and_values():
    """A value knows its own line and that of its key, in blocks and in flow."""
    document = read("a:\n  b:\n    - c: 1\n      d:\n        5\n    - {e: 2,\n       f: 3}\n")
    places = {path: (place.key_line, place.line) for path, place in document.places.items()}
    assert places == {
        (): (1, 1),
        ("a",): (1, 2),
        ("a", "b"): (2, 3),
        ("a", "b", 0): (3, 3),
        ("a", "b", 0, "c"): (3, 3),
        ("a", "b", 0, "d"): (4, 5),
        ("a", "b", 1): (6, 6),
        ("a", "b", 1, "e"): (6, 6),
        ("a", "b", 1, "f"): (7, 7),
    }


@pytest.mark.parametrize("depth", [33, 200_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ("{a: ", "}")])
def test_deep_nesting_ends_in_a_flaw(depth, begin, end):
    """A file of nothing but brackets neither overflows the stack nor takes long."""
    document = read(begin * depth + end * depth)
    assert [flaw.text for flaw in document.flaws] == ["nested deeper than 32 levels, expected at most that"]
    assert not document.complete


def test_the_depth_that_is_allowed_is_read():
    """The bound itself is no flaw."""
    assert read("[" * 32 + "]" * 32).flaws == ()


def test_the_billion_laughs_stay_small():
    """Aliases are not followed, so nothing grows."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    document = read("\n".join(lines))
    assert document.value["i"] == [None] * 9
    assert len(document.flaws) == 9 + 72


def test_the_first_of_two_keys_counts():
    """What follows from the first is still judged, and the lines of the second do not replace its own."""
    document = read("a:\n  b: 1\na:\n  b: 2\n  c: 3\n")
    assert document.value == {"a": {"b": 1}}
    assert document.place(("a", "b")).line == 2


def test_a_key_that_is_a_mapping_has_no_lines_of_its_own():
    """Its content is not mistaken for that of the mapping around it."""
    document = read("a: 1\n? {a: 2, b: 3}\n: 4\n")
    assert document.value == {"a": 1}
    assert document.place(("a",)).line == 1
    assert ("b",) not in document.places


@pytest.mark.parametrize(
    ("data", "line", "text"),
    [
        (b"", 1, "the file is empty, expected a mapping with the key 'venue'"),
        (b"# a comment\n", 1, "the file is empty, expected a mapping with the key 'venue'"),
        (b"---\n", 1, "the file is empty, expected a mapping with the key 'venue'"),
        (b"\n- venue: acme\n", 2, "a list is at the top, expected a mapping with the key 'venue'"),
        (b"acme\n", 1, "'acme' is at the top, expected a mapping with the key 'venue'"),
        (b"a: 1\nb: \xff\n", 2, "the bytes are not UTF-8, expected text in UTF-8"),
        ("venue: acme".encode("utf-16"), 1, "the bytes are not UTF-8, expected text in UTF-8"),
        (b"a: 1\nb: x\x07\n", 2, "the control character U+0007 is in it, expected printable text"),
        (b"a: 1\nb: \0", 2, "the control character U+0000 is in it, expected printable text"),
        (b"#" * 1_000_001, 1, "the file is larger than 1000000 bytes, expected at most that"),
    ],
)
def test_files_that_hold_no_spec(mistakes, data, line, text):
    """Each is one message with a line."""
    assert [(m.line, m.text) for m in mistakes(data)] == [(line, text)]


def test_a_byte_order_mark_and_windows_line_ends_are_read(load, good):
    """What editors on other systems write is a spec as well, with the same lines."""
    venue = load(b"\xef\xbb\xbf" + good.replace("\n", "\r\n").encode())
    assert venue.lines == load(good).lines


def test_a_file_without_an_end_is_not_read_to_it(tmp_path, monkeypatch):
    """A file that grows while it is read costs no more than the bound."""

    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size < 2_000_000
            return b"#" * size

    (tmp_path / "acme.yaml").touch()
    monkeypatch.setattr(Path, "open", lambda _self, _mode: Endless())
    with pytest.raises(SpecError, match=r"^acme.yaml:1: the file is larger than 1000000 bytes"):
        load_venue(tmp_path / "acme.yaml", tmp_path)


@pytest.mark.parametrize("what", ["is a directory", "does not exist", "is no file"])
def test_what_is_no_file_is_told(tmp_path, what):
    """A directory, a name without a file, and a pipe that would block are refused without being opened."""
    path = tmp_path / "acme.yaml"
    {"is a directory": path.mkdir, "is no file": lambda: os.mkfifo(path)}.get(what, lambda: None)()
    with pytest.raises(SpecError) as caught:
        load_venue(path, tmp_path)
    assert str(caught.value) == f"acme.yaml:1: the path {what}, expected a YAML file"


def test_an_unreadable_file_is_told(tmp_path, monkeypatch):
    """The system's own words say why."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "acme.yaml"
    path.write_text("venue: acme")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SpecError, match=r"^acme.yaml:1: the file cannot be read \(Permission denied\), expected"):
        load_venue(path, tmp_path)
