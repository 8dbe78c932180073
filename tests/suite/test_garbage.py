"""Rounds of the garbage collector that find nothing are spared, and what was changed for that is put back."""

import gc
from collections.abc import Callable

import pytest

from pytest_darkhost.suite.garbage import Frozen, paused


class Config:
    """As much of pytest's as is needed."""

    def __init__(self) -> None:
        self.cleanups: list[Callable[[], None]] = []

    def add_cleanup(self, cleanup: Callable[[], None]) -> None:
        """Note what is to be called in the end."""
        self.cleanups.append(cleanup)


@pytest.fixture
def unfrozen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Calls of the collector, for which nothing is frozen at first: the tests' own session has frozen what it has."""
    calls: list[str] = []
    monkeypatch.setattr(gc, "get_freeze_count", lambda: calls.count("freeze") - calls.count("unfreeze"))
    monkeypatch.setattr(gc, "freeze", lambda: calls.append("freeze"))
    monkeypatch.setattr(gc, "unfreeze", lambda: calls.append("unfreeze"))
    return calls


def test_frozen_until_the_last_cleanup(unfrozen: list[str]) -> None:
    """What was frozen is let go once, after pytest's own rounds."""
    config = Config()
    frozen = Frozen(config)  # type: ignore[arg-type]
    frozen.begin()
    assert unfrozen == ["freeze"]
    for cleanup in config.cleanups * 2:
        cleanup()
    assert unfrozen == ["freeze", "unfreeze"]


def test_what_somebody_else_froze_stays_so(unfrozen: list[str]) -> None:
    """A session within another one leaves the outer one's objects alone."""
    gc.freeze()
    config = Config()
    Frozen(config).begin()  # type: ignore[arg-type]
    for cleanup in config.cleanups:
        cleanup()
    assert unfrozen == ["freeze"]


def test_paused_only_meanwhile() -> None:
    """It goes on as it was before, also where it was off."""
    was = gc.isenabled()
    try:
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            with paused():
                assert not gc.isenabled()
            assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()
