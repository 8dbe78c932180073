"""What all tests share."""

import pytest


@pytest.fixture(autouse=True)
def _quiet_asyncio(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give inner runs of pytest the setting without which pytest-asyncio warns, and warnings are errors here."""
    if "pytester" in request.fixturenames:
        request.getfixturevalue("pytester")  # first: it clears the variable
        monkeypatch.setenv("PYTEST_ADDOPTS", "-o asyncio_default_fixture_loop_scope=function")
