"""An empty directory in which a command is run as a user would run it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import support.imported  # noqa: F401
from pytest_darkhost.__main__ import main

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
VARIABLES = ("DARKHOST_CATALOG_URL", "DARKHOST_KEY_PASSPHRASE", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", *PROXIES)


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty directory, which is the current one; the environment names no key, proxy or catalog."""
    place = tmp_path / "repository"
    place.mkdir()
    monkeypatch.chdir(place)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def darkhost(here, capsys) -> Callable[..., Said]:
    """The command, run in the empty directory."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as error:
            code = int(error.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
