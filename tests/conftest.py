"""What all tests share."""

import email
import gc
from collections.abc import Callable
from email.message import Message
from functools import cache

import pytest
import vl_convert  # noqa: F401 - can be imported but once in a process: the fixture pytester makes it forgotten

FROZEN = pytest.StashKey[int]()
"""How many objects were frozen before the first test."""
PARSED = pytest.StashKey[Callable[[str], Message]]()
"""`email.message_from_string` of texts that were not seen before. `importlib.metadata` copies what it gets."""


@pytest.fixture(autouse=True)
def _quiet_asyncio(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give inner runs of pytest the setting without which pytest-asyncio warns, and warnings are errors here."""
    if "pytester" in request.fixturenames:
        request.getfixturevalue("pytester")  # first: it clears the variable
        monkeypatch.setenv("PYTEST_ADDOPTS", "-o asyncio_default_fixture_loop_scope=function")


@pytest.fixture(autouse=True)
def _known_by_now(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Spare inner runs of pytest what each would find as the one before: how many objects are frozen below, which are
    counted one by one, and what the installed packages say of themselves, which is parsed as an e-mail each time.
    """
    if "pytester" in request.fixturenames:
        monkeypatch.setattr(gc, "get_freeze_count", lambda: request.config.stash[FROZEN])
        monkeypatch.setattr(email, "message_from_string", request.config.stash[PARSED])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """
    Keep what was collected out of the garbage collector's rounds, once our own plugin has given it back to them.

    pytest runs several of them at the end of each session, those within this process included: over thousands of
    items they would take longer than the tests.
    """
    gc.freeze()
    session.config.stash[PARSED] = cache(email.message_from_string)
    session.config.stash[FROZEN] = gc.get_freeze_count()
