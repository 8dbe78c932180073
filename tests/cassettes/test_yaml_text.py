"""The YAML of cassettes: the values that any safe loader reads, and nothing that could be read in two ways."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_darkhost.cassettes import yaml_text

CASSETTES = Path(__file__).parents[2] / "cassettes"
PLAIN = """
    word '5' "a\\tb\\u00e9" '' null ~ Null true yes Off n y on 0 -1 +12 0o17 017 0x1F 0b11 1_000 190:20:30 1.5 -1e3
    1.5e+3 .5 .inf -.Inf .nan 2026-11-25 2026-11-25T00:00:00Z 12:30:45 1.2.3 -a + . [] {} [a,5,[x]]
"""
OTHERS = (
    *("", "a b", "2026-11-25 10:00:00.5 +02:00", "{a: {5: b}}", "|\n  a\n  b\n", ">-\n  a\n  b\n", "&x word"),
    *("!!binary aGVsbG8=", "!!str 5", "!!int '5'", "!!float 5", "!!null ''", "!!timestamp '2026-01-01'"),
)


@pytest.mark.parametrize("word", [*PLAIN.split(), *OTHERS])
def test_a_value_is_what_a_safe_loader_makes_of_it(word: str) -> None:
    """Text, number, date, bytes or nothing, plain and quoted, and of the same type."""
    assert repr(yaml_text.parsed(f"a: {word}\n")) == repr(yaml.safe_load(f"a: {word}\n"))


def test_every_cassette_of_the_repository_reads_alike() -> None:
    """Bodies, chunks and times of each venue, once."""
    first = [next(directory.glob("*.yaml")) for directory in CASSETTES.iterdir() if directory.is_dir()]
    texts = [path.read_text(encoding="utf-8") for path in first]

    assert len(texts) > 5
    assert [yaml_text.parsed(text) for text in texts] == [yaml.load(text, yaml_text._SafeLoader) for text in texts]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' twice"),
        ("1: a\n1.0: b\n", "line 2: the key '1.0' twice"),
        ("a: &x 1\nb: *x\n", "line 2: an alias"),
        ("<<: {a: 1}\n", "line 1: could not determine a constructor for the tag 'tag:yaml.org,2002:merge'"),
        ("a: !!set {b}\n", "line 1: could not determine a constructor for the tag 'tag:yaml.org,2002:set'"),
        ("a:\n  ? {b: 1}\n  : 2\n", "line 2: a key that is no word"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document"),
        ("a: [b\n", "line 2: did not find expected"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str, said: str) -> None:
    """With its line."""
    with pytest.raises(ValueError, match="line") as caught:
        yaml_text.parsed(text)
    assert str(caught.value).startswith(said)


def test_parts_are_counted_while_they_are_read() -> None:
    """A flood ends where it is too much, and not once the machine has no memory left."""
    with pytest.raises(ValueError, match="more than 200000 parts"):
        yaml_text.parsed("[" + "a," * 200_000)


def test_nothing_is_no_value() -> None:
    """Of a file without a document."""
    empty: list[Any] = [yaml_text.parsed(text) for text in ("", "\n\n", "# nothing\n")]
    assert empty == [None, None, None]
