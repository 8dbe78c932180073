"""
Wording: numbers, money, short lines and near names.
"""

from decimal import Decimal
from time import perf_counter

import pytest

from pytest_darkhost.checks.texts import count, has_text, near_text, number, short, usd


@pytest.mark.parametrize(
    ("value", "text"),
    [(412.0, "412"), (412.34, "412.3"), (12.0, "12"), (1.5, "1.5"), (0.12349, "0.123"), (0.0, "0"), (100.0, "100")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Trailing zeros go, zeros of the number itself stay."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "$0.000000"),
        ("0.000123", "$0.000123"),
        ("1.5", "$1.500000"),
        ("0.0000084", "$0.0000084"),
        ("0.00000123456", "$0.00000123"),
    ],
)
def test_small_amounts_are_not_rounded_away(value: str, text: str) -> None:
    """Below a hundredth of a cent, three significant digits are shown."""
    assert usd(Decimal(value)) == text


def test_text_of_a_venue_becomes_one_printable_line() -> None:
    """Line breaks, control characters and bidirectional marks become blanks; length is bounded."""
    assert short("a\r\n\tb\x1b[31m\u202ec") == "a b [31m c"
    assert short("x" * 200) == "x" * 119 + "…"


def test_counts_have_a_plural() -> None:
    """One call, two calls."""
    assert (count(1), count(2, "stream")) == ("1 call", "2 streams")


@pytest.mark.parametrize(
    ("name", "names", "text"),
    [
        ("together", ["groq", "together-ai", "Together"], "; nearest: 'Together', 'together-ai'"),
        ("mistral", ["mistrall", "xai"], "; nearest: 'mistrall'"),
        ("groq", ["anthropic"], ""),
        ("a", [], ""),
    ],
)
def test_near_names(name: str, names: list[str], text: str) -> None:
    """Other case first, then names that hold this one, then similar spellings; else nothing."""
    assert near_text(name, names) == text


def test_near_names_are_found_among_any_number_in_little_time() -> None:
    """A list of 60,000 names of one length, or of huge ones, does not hold up a run."""
    many = [f"vendor/m{number:06d}" for number in range(60_000)]
    began = perf_counter()

    found = near_text("vendor/some-8b", [*many, "vendor/same-8b", "x" * 1_000_000])

    assert "'vendor/same-8b'" in found
    assert perf_counter() - began < 60


@pytest.mark.parametrize(
    ("text", "seen"), [("a", True), (".", True), ("\u00e5", True), ("", False), (" \n", False), ("\u200b", False)]
)
def test_text_is_what_can_be_seen(text: str, seen: bool) -> None:
    """Punctuation is text; blanks, control and format characters are none."""
    assert has_text(text) is seen
