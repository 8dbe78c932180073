"""
How values and key paths of a spec are shown to a reader, without any part of a key. It judges nothing.
"""

import re
from typing import Any, TypeAlias

from pytest_darkhost.secrets import REDACTED

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a file: keys of mappings and 0-based indexes of lists."""

_LONGEST = 60
_SECRET_ROOTS = frozenset({"credential_env", "headers", "auth"})
_KEY_PREFIX = re.compile(r"(?i)(?<![a-z0-9])(?:sk[-_]|gsk_|xai-|fw_|tgp_|hf_|aiza|bearer\s)[a-z0-9_-]*")
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_PLAIN_KEY = re.compile(r"[\w<>.-]+")


def looks_like_key(text: str) -> bool:
    """Return whether a text has the prefix of a venue's keys, or 16 or more letters mixed with two or more digits."""
    return bool(_KEY_PREFIX.search(text)) or any(_is_mixed(run) for run in _RUN.findall(text))


def _is_mixed(run: str) -> bool:
    return sum(character.isdigit() for character in run) >= 2 and not run.isdigit()


def shown(value: Any) -> str:
    """Return a value in quotes as YAML spells it; long ones cut, containers named, key-like ones redacted."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    if looks_like_key(text):
        return REDACTED
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return repr(text) if isinstance(value, str) else text


def shown_at(path: KeyPath, value: Any) -> str:
    """Return a value as `shown` does, but redacted where a key may stand by mistake."""
    scalar = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return REDACTED if scalar and path[:1] and path[0] in _SECRET_ROOTS else shown(value)


def shown_path(path: KeyPath) -> str:
    """Return a key path as `models[1].price.source`; the root is `the file`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{_shown_key(key)}"
    return text.removeprefix(".") or "the file"


def _shown_key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and len(key) <= _LONGEST and not looks_like_key(key) else shown(key)


def listed(names: "list[str] | tuple[str, ...]") -> str:
    """Return names in quotes with commas."""
    return ", ".join(repr(name) for name in names)
