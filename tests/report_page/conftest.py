"""Keys, composed folders, and a browser where there is one."""

import shutil
from collections.abc import Iterator

import pytest

from support import evidence, pages
from support.browsing import Browser, browser_program

TARGETS = {"acme": ["small-acme", "large-acme"], "other": ["small-other"]}


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    """The signer of all that is genuine."""
    return evidence.signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def _folder(tmp_path_factory, key):
    return pages.folder_of(tmp_path_factory.mktemp("genuine") / "evidence", key, 3, TARGETS)


@pytest.fixture
def folder(_folder, tmp_path):
    """A folder of three composed runs, to be tampered with."""
    made = tmp_path / "evidence"
    shutil.copytree(_folder, made)
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skips where there is none."""
    program, driver = browser_program()
    if program is None or driver is None:
        pytest.skip("no Chromium with its driver is installed: apt-get install chromium chromium-driver")
    with Browser.started(program, driver) as started:
        yield started
