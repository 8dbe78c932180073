"""
The file of a cassette: vcrpy's `Cassette` with a serializer and a persister of ours.

vcrpy keeps the interactions and counts what was played. The serializer carries our mapping `darkhost` beside them, the
persister reads no huge file and replaces a file as a whole or not at all.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serialize import deserialize, serialize
from vcr.serializers import yamlserializer

from pytest_darkhost.errors import CassetteError

LARGEST_BYTES = 100_000_000
EXPECTED = "a cassette that pytest-darkhost recorded"
_KEY = "darkhost"
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, yaml.YAMLError)
"""What vcrpy raises for a file that is no cassette."""
Matcher = Callable[[Request, Request], bool]


class _Serializer:
    """vcrpy's YAML, and our mapping."""

    def __init__(self, ours: Mapping[str, Any] | None = None) -> None:
        self.ours: Any = ours

    def serialize(self, cassette: dict[str, Any]) -> str:
        """Return the text of the file."""
        text: str = yamlserializer.serialize({_KEY: self.ours, **cassette})
        return text

    def deserialize(self, text: str) -> dict[str, Any]:
        """Return what vcrpy reads of a text; ours is kept aside. Raises `ValueError` for what is no cassette."""
        data = yamlserializer.deserialize(text)
        missing = _missing(data)
        if missing:
            raise ValueError(missing)
        self.ours = data.pop(_KEY)
        return dict(data)


def _missing(data: Any) -> str | None:
    """Return what a file lacks that every cassette of ours has, or `None`."""
    if not isinstance(data, dict) or not isinstance(data.get("interactions"), list):
        return "no list of interactions"
    return None if isinstance(data.get(_KEY), dict) else f"no mapping {_KEY!r}"


class _Persister:
    """Reads one text, and writes a file as a whole."""

    @staticmethod
    def load_cassette(path: str, serializer: _Serializer) -> Any:
        """Return what vcrpy asks for. Raises `ValueError`, `OSError` and `yaml.YAMLError`."""
        file = Path(path)
        if not file.is_file():
            msg = "no file"
            raise ValueError(msg)
        size = file.stat().st_size
        if size > LARGEST_BYTES:
            msg = f"{size} bytes, expected at most {LARGEST_BYTES}"
            raise ValueError(msg)
        return deserialize(file.read_bytes().decode("utf-8"), serializer)

    @staticmethod
    def save_cassette(path: str, cassette: dict[str, Any], serializer: _Serializer) -> None:
        """Write beside the file, then take its place."""
        replace_file(Path(path), serialize(cassette, serializer).encode())


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it finds the old bytes or the new ones, and never a part. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, matcher: Matcher) -> tuple[Cassette, Any]:
    """
    Return vcrpy's cassette of a file, which records nothing, and our mapping in it.

    :raises FileNotFoundError: when there is none.
    :raises CassetteError: when it cannot be read.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    serializer = _Serializer()
    options: dict[str, Any] = {"serializer": serializer, "persister": _Persister, "record_mode": RecordMode.NONE}
    try:
        cassette = Cassette.load(path=str(path), match_on=(matcher,), **options)
    except _UNREADABLE as error:
        msg = f"{_one_line(error)}, expected {EXPECTED}"
        raise CassetteError(msg) from None
    return cassette, serializer.ours


def save(path: Path, interactions: list[dict[str, Any]], ours: Mapping[str, Any]) -> None:
    """Write interactions and our mapping as a file that vcrpy can read. Raises `OSError`."""
    cassette = Cassette(str(path), serializer=_Serializer(ours), persister=_Persister, record_mode=RecordMode.ALL)
    for each in interactions:
        cassette.append(Request(**each["request"]), each["response"])
    cassette._save(force=True)


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        return f"{line}{error.problem or error.context}"
    return " ".join(str(error).split())[:200] or type(error).__name__
