"""Values as drivers return them, and the types of a row."""

from decimal import Decimal

import pytest

from pytest_darkhost.catalog.values import as_boolean, as_decimal, as_share, as_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.15, "0.15"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-7, "0.0000001"),
        (3, "3"),
        (100, "100"),
        ("0.15", "0.15"),
        (" 2.50 ", "2.5"),
        (b"0.6", "0.6"),
        (Decimal("0.150000000"), "0.15"),
        (Decimal("1E+1"), "10"),
        (Decimal("123456789.123456789123456789123456789"), "123456789.123456789123456789123456789"),
    ],
)
def test_numbers_are_read_exactly(value: object, expected: str) -> None:
    """A number is read as it prints, without padding zeros and without rounding."""
    number = as_decimal(value)
    assert number is not None
    assert f"{number:f}" == expected


def test_null_is_no_price() -> None:
    """NULL stays NULL, and does not become 0."""
    assert as_decimal(None) is None
    assert as_decimal(0) == 0


@pytest.mark.parametrize("value", ["abc", "", "NaN", float("inf"), Decimal("sNaN"), True, b"\xff", "1,5"])
def test_what_is_no_number_is_refused(value: object) -> None:
    """Text, booleans, and numbers that are not finite are refused with what was expected."""
    with pytest.raises(ValueError, match=r", expected (a number|text)"):
        as_decimal(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("t", True),
        ("F", False),
        ("true", True),
        ("0", False),
        (b"1", True),
    ],
)
def test_booleans_have_several_spellings(value: object, expected: bool | None) -> None:
    """Booleans, numbers and letters are understood, and NULL stays NULL."""
    assert as_boolean(value) is expected


@pytest.mark.parametrize("value", [2, "yes", "", "x" * 200])
def test_what_is_no_boolean_is_refused(value: object) -> None:
    """Anything else is refused, in a message of bearable length."""
    with pytest.raises(ValueError, match="expected true or false, 1 or 0, t or f") as raised:
        as_boolean(value)
    assert len(str(raised.value)) < 150


def test_a_share_lies_between_0_and_1() -> None:
    """The bounds are included, NULL stays NULL, and anything beyond is refused."""
    assert [as_share(value) for value in (None, 0, "1", Decimal("0.5"))] == [None, 0.0, 1.0, 0.5]
    with pytest.raises(ValueError, match=r"1\.01, expected a number from 0 to 1"):
        as_share(1.01)


def test_text_is_what_prints() -> None:
    """Bytes are decoded, numbers printed, and NULL is empty."""
    assert [as_text(value) for value in ("a", b"\xc3\xa9", 7, None, memoryview(b"x"))] == ["a", "é", "7", "", "x"]
