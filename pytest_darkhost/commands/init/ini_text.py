"""
Settings as lines of an ini or TOML table, put into a text of which all the rest stays, byte by byte.
"""

import configparser
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum, auto

Values = Mapping[str, str | tuple[str, ...]]


class Style(Enum):
    """The syntax of a file."""

    INI = auto()
    TOML = auto()


def added_lines(text: str, table: str, style: Style, values: Values, comments: Sequence[str]) -> tuple[str, str]:
    """
    Return a text with settings added, and the lines that are new.

    They go right below the table's header where it has one, else the table goes to the end.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [line for name, value in values.items() for line in _lines(style, name, value)]
    lines += [f"# {comment}" for comment in comments]
    found = re.search(rf"^[ \t]*\[[ \t]*{re.escape(table)}[ \t]*\][^\n]*(\n|\Z)", text, re.MULTILINE)
    if found:
        head, rest = text[: found.end()], text[found.end() :]
        glue = "" if head.endswith("\n") else end
        news = "".join(line + end for line in lines)
        return head + glue + news + rest, news
    glue = "" if not text or text.endswith("\n") else end
    news = "".join(line + end for line in ([""] if text else []) + [f"[{table}]", *lines])
    return text + glue + news, news


def settings_in(text: str, table: str, style: Style) -> dict[str, object] | None:
    """Return the settings of a table as pytest would see them, or `None` where the text cannot be parsed."""
    return _from_toml(text, table) if style is Style.TOML else _from_ini(text, table)


def _lines(style: Style, name: str, value: str | tuple[str, ...]) -> list[str]:
    if style is Style.TOML:
        if isinstance(value, str):
            return [f"{name} = {json.dumps(value)}"]
        return [f"{name} = [", *(f"    {json.dumps(each)}," for each in value), "]"]
    return [f"{name} = {value}"] if isinstance(value, str) else [f"{name} =", *(f"    {each}" for each in value)]


def _from_toml(text: str, table: str) -> dict[str, object] | None:
    try:
        found: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    for key in table.split("."):
        found = found.get(key, {}) if isinstance(found, dict) else {}
    found = found if isinstance(found, dict) else {}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def _from_ini(text: str, table: str) -> dict[str, object] | None:
    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # pytest's names keep their case
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    values = dict(parser.items(table)) if parser.has_section(table) else {}
    return {name: _parsed(value) for name, value in values.items()}


def _parsed(value: str | None) -> object:
    """Return the lines of a value that has several, as a list's are written."""
    return tuple(value.strip().splitlines()) if value and value.startswith("\n") else value
