"""Live calls are opt-in: only a `-m` expression that asks for the mark by name makes any."""

import pytest

from pytest_darkhost.suite.selection import could_opt_in, opts_in


@pytest.mark.parametrize(
    ("expression", "marks", "expected"),
    [
        ("live", {"live"}, True),
        ("live and slow", {"live", "slow"}, True),
        ("live and slow", {"live"}, False),
        ("live or parity", {"live"}, True),
        ("live and not slow", {"live"}, True),
        ("not (not live)", {"live"}, True),
        ("", {"live"}, False),
        ("not replay", {"live"}, False),
        ("not slow", {"live"}, False),
        ("parity", {"live", "parity"}, False),
        ("live or parity", {"live", "parity"}, False),
        ("not live", {"live"}, False),
        ("alive", {"live"}, False),
        ("((", {"live"}, False),
    ],
)
def test_an_item_is_live_only_when_its_mark_decides(expression, marks, expected):
    """True with the mark and false without it; anything else spends nothing."""
    assert opts_in(expression, marks) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("live", True),
        ("live and slow", True),
        ("live and not slow", True),
        ("(slow or fast) and live", True),
        ("not live", False),
        ("not replay", False),
        ("", False),
        ("slow", False),
        ("alive", False),
    ],
)
def test_a_run_may_be_live_when_any_item_could_be(expression, expected):
    """Keys and caps are checked before collection, when the marks of a team's own tests are not known yet."""
    assert could_opt_in(expression) is expected
