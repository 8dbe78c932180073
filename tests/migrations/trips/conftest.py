"""What the tests of round trips share."""

from pathlib import Path

import pytest

from migrations.trips.histories import HistoryFiles
from pytest_darkhost.migrations.databases.values import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Server:
    """A server of each kind."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def files(tmp_path: Path) -> HistoryFiles:
    """An empty history."""
    return HistoryFiles(tmp_path)
