"""
The settings of pytest: in the file from which pytest reads them, or in a new one. What stands there stays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.commands.init.ini_text import Style, added_lines, settings_in
from pytest_darkhost.commands.init.step import Step, added, left, written
from pytest_darkhost.commands.placing import read_text

SETTINGS: Mapping[str, str | tuple[str, ...]] = {
    "asyncio_default_fixture_loop_scope": "function",
    "darkhost_max_cost_usd": "0.10",
    "darkhost_adapter_paths": ("openai = /v1/chat/completions", "anthropic = /v1/messages"),
}
COMMENTS = (
    "The database that production reads; hosted venues are compared with it. Also $DARKHOST_CATALOG_URL.",
    "darkhost_catalog = postgresql+psycopg://auditor@db.example/catalog",
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A file and the table in it that pytest reads."""

    name: str
    table: str
    style: Style
    alone: bool = False
    """Whether the file is pytest's even without the table."""


_PLACES = (
    # In pytest's own order: the first that holds the table is read, and no other.
    _Place("pytest.toml", "pytest", Style.TOML, alone=True),
    _Place(".pytest.toml", "pytest", Style.TOML, alone=True),
    _Place("pytest.ini", "pytest", Style.INI, alone=True),
    _Place(".pytest.ini", "pytest", Style.INI, alone=True),
    _Place("pyproject.toml", "tool.pytest.ini_options", Style.TOML),
    _Place("pyproject.toml", "tool.pytest", Style.TOML),
    _Place("tox.ini", "pytest", Style.INI),
    _Place("setup.cfg", "tool:pytest", Style.INI),
)
_NEW_TABLE = next(place for place in _PLACES if place.table == "tool.pytest.ini_options")
_NEW_FILE = next(place for place in _PLACES if place.name == "pytest.ini")


def settings_step(root: Path) -> Step:
    """
    Return what becomes of pytest's settings.

    :raises UsageError: a file cannot be read.
    """
    found = next((place for place in _PLACES if _is_read(root, place)), None)
    if found is None and not (root / _NEW_TABLE.name).is_file():
        return written(root / _NEW_FILE.name, added_lines("", _NEW_FILE.table, _NEW_FILE.style, SETTINGS, COMMENTS)[0])
    place = found or _NEW_TABLE
    return _into(root / place.name, place)


def _is_read(root: Path, place: _Place) -> bool:
    text = read_text(root / place.name)
    if text is None:
        return False
    header = rf"^[ \t]*\[[ \t]*{re.escape(place.table)}[ \t]*\]"
    return place.alone or re.search(header, text, re.MULTILINE) is not None


def _into(path: Path, place: _Place) -> Step:
    before = read_text(path) or ""
    there = settings_in(before, place.table, place.style)
    if there is None:
        return left(path, _by_hand(place, "it cannot be parsed"))
    lacking = {name: value for name, value in SETTINGS.items() if name not in there}
    if not lacking:
        return left(path, "all settings were there before")
    text, news = added_lines(before, place.table, place.style, lacking, COMMENTS)
    if settings_in(text, place.table, place.style) != {**there, **lacking}:
        return left(path, _by_hand(place, "its settings are not written as a table"))
    kept = [name for name in SETTINGS if name in there]
    return added(path, before, text, news, f"; {', '.join(kept)} left as before" if kept else "")


def _by_hand(place: _Place, why: str) -> str:
    lines = added_lines("", place.table, place.style, SETTINGS, ())[0].splitlines()
    return f"{why}; add by hand:\n" + "\n".join(f"    {line}" for line in lines)
