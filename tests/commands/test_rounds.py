"""Rounds of the garbage collector are rare while a command reads reports, and as before afterwards."""

import gc

import pytest

from pytest_darkhost.commands.rounds import rare_rounds


@pytest.fixture(autouse=True)
def _threshold():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("before", "within"), [(700, 100_000), (200_000, 200_000), (0, 0)])
def test_rounds_are_as_before_afterwards(before, within):
    """Rare within the block, an error in it or not; never more often than somebody wants them, and off where off."""
    gc.set_threshold(before, 10, 10)
    seen = []

    def block():
        with rare_rounds():
            seen.append(gc.get_threshold()[0])
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        block()

    assert seen == [within]
    assert gc.get_threshold()[0] == before


def test_cycles_are_found_still():
    """What is left in them does not pile up for ever."""
    gone = []

    class Knot:
        def __init__(self):
            self.me = self

        def __del__(self):
            gone.append(1)

    with rare_rounds():
        for _ in range(110_000):
            Knot()
        assert gone
