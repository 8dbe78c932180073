"""What lasts is kept out of the garbage collector's rounds, and is given back to it."""

import gc
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from pytest_darkhost.suite.lasting import Lasting, no_rounds


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    """Begin with nothing frozen, and leave what other tests have frozen as it was: out of the rounds."""
    gc.unfreeze()
    yield
    gc.enable()
    gc.freeze()


def test_what_is_kept_is_released():
    """Both can be done again and again, and what was made in between is kept by the next `keep`."""
    lasting = Lasting()
    lasting.keep()
    before = gc.get_freeze_count()
    made = [[] for _ in range(10_000)]
    lasting.keep()
    assert gc.get_freeze_count() >= before + len(made) - 100  # a few others went meanwhile
    for _ in range(2):
        lasting.release()
        assert gc.get_freeze_count() == 0


def test_what_somebody_else_has_frozen_stays_theirs():
    """It is neither added to nor undone."""
    gc.freeze()
    lasting = Lasting()
    lasting.keep()
    lasting.release()
    assert gc.get_freeze_count() > 0


def test_what_is_kept_until_the_end_is_released_by_the_session_s_last_cleanup():
    """Not before: pytest itself runs rounds at the end of each session."""
    cleanups = []
    lasting = Lasting.until_end_of(SimpleNamespace(add_cleanup=cleanups.append))
    lasting.keep()
    assert gc.get_freeze_count() > 0
    for cleanup in cleanups:
        cleanup()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("is_on", [True, False])
def test_rounds_go_on_as_before(is_on):
    """After the block the collector is on or off as it was, an error in the block or not."""
    if not is_on:
        gc.disable()
    seen = []

    def block() -> None:
        with no_rounds():
            seen.append(gc.isenabled())
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        block()
    assert seen == [False]
    assert gc.isenabled() is is_on
