"""A cache, an index and a pin of this test alone: nothing here reaches a network."""

from pathlib import Path

import pytest

from local.composed_wheel import build_wheel
from pytest_darkhost.local.model_file import Pin


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache directory, not made yet."""
    directory = tmp_path / "cache"
    monkeypatch.setenv("DARKHOST_CACHE_DIR", str(directory))
    return directory


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of wheels that is all that pip and uv may look at."""
    directory = tmp_path / "index"
    directory.mkdir()
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(directory)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
        monkeypatch.setenv(f"UV_{name}", value)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return directory


@pytest.fixture
def pin(index: Path) -> Pin:
    """The pin of a small composed wheel that lies in the index."""
    return build_wheel(index)
