"""Where cassettes lie: each owner has a file of its own, inside the directory."""

from pathlib import Path

import pytest

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.plan import Owner

ROOT = Path("cassettes")
PLAIN = ("a", "small-acme", "gpt-4.1", "qwen3p7_plus", "a.yaml", "0", "a" * 100)
ODD = (
    *(
        "a/b",
        "a:b",
        "a b",
        "a\\b",
        "a@b",
        "A",
        "A/B",
        "..",
        ".",
        "../../etc/passwd",
        "/etc/passwd",
        "@venue",
        "@venue.yaml",
    ),
    *(
        "a" * 101,
        "a" * 101 + "b",
        "x/" * 300,
        "é",
        "e\u0301",
        "模型",
        "😀",
        "con\n",
        "_",
        "-a",
        ".hidden",
        "a\0b",
        "~",
        "$HOME",
    ),
)


def file_of(slug: str | None) -> Path:
    """Return the file of a model of `acme`."""
    return cassette_path(ROOT, Owner("acme", slug))


@pytest.mark.parametrize("slug", PLAIN)
def test_a_plain_slug_is_its_own_name(slug: str) -> None:
    """So that people find the file."""
    assert file_of(slug) == ROOT / "acme" / f"{slug}.yaml"


@pytest.mark.parametrize("slug", ODD)
def test_every_file_lies_in_its_venue_s_directory(slug: str) -> None:
    """With a name that any file system takes, whatever the slug looks like."""
    path = file_of(slug)
    assert path.parent == ROOT / "acme"
    assert path.name.endswith(".yaml")
    assert path.name.isascii()
    assert len(path.name) <= 120
    assert path.name == path.name.lower()


def test_no_two_owners_share_a_file() -> None:
    """Nor one whose slug is the name that another got, nor where case does not count."""
    slugs: list[str | None] = [None, *PLAIN, *ODD, "a-b", "a_b", "a.b"]
    slugs += [file_of(slug).name for slug in slugs] + [file_of(slug).stem for slug in slugs]
    wanted = list(dict.fromkeys(slugs))
    names = {file_of(slug).name.casefold() for slug in wanted}
    assert len(names) == len(wanted)


def test_the_venue_itself_has_a_name_that_no_slug_gets() -> None:
    """A digest is hexadecimal, and `venue` is not."""
    assert file_of(None).name == "@venue.yaml"
    assert file_of("").name != "@venue.yaml"
