"""
The file of a cassette: vcrpy's `Cassette` and its YAML, with a serializer and a persister of ours.

vcrpy keeps the interactions and counts what was played. The serializer carries our mapping `darkhost` beside them.
No huge file is read.
"""

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serialize import CASSETTE_FORMAT_VERSION, deserialize, serialize
from vcr.serializers import yamlserializer

from pytest_darkhost.cassettes.yaml_text import parsed
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.plain_text import one_line

LARGEST_BYTES = 100_000_000
EXPECTED = "a cassette that pytest-darkhost recorded"
_KEY = "darkhost"
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
"""What vcrpy raises for a file that is no cassette."""
_REQUEST_KEYS = {"method", "uri", "body", "headers"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds."""

    cassette: Cassette
    """vcrpy's; it records nothing."""
    ours: Any
    """Our mapping in it."""
    sha256: str
    """Digest of the bytes that were read, in hexadecimal."""


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
        data = parsed(text)
        problem = _problem(data)
        if problem:
            raise ValueError(problem)
        self.ours = data.pop(_KEY)
        return dict(data)


class _Kept(Cassette):  # type: ignore[misc]
    """vcrpy's, of responses that are nobody else's: it needs no copies of them."""

    def append(self, request: Request, response: Any) -> None:
        """Add an interaction."""
        self.data.append((request, response))


def _problem(data: Any) -> str | None:
    """Return what a file lacks that every cassette of ours has, or `None`."""
    if not isinstance(data, dict) or not isinstance(data.get("interactions"), list):
        return "no list of interactions"
    if not isinstance(data.get(_KEY), dict):
        return f"no mapping {_KEY!r}"
    if data.get("version") != CASSETTE_FORMAT_VERSION:
        # The last line of a file, so that one which was cut off is never taken for a shorter one.
        return f"no version {CASSETTE_FORMAT_VERSION}, with which the file ends"
    odd = (
        f"interactions[{index}]: {lacks}" for index, each in enumerate(data["interactions"]) if (lacks := _lacks(each))
    )
    return next(odd, None)


def _lacks(interaction: Any) -> str | None:
    """Return what an interaction lacks without which vcrpy breaks, or `None`."""
    for name in ("request", "response"):
        if not isinstance(interaction, dict) or not isinstance(interaction.get(name), dict):
            return f"no mapping {name!r}"
    keys = interaction["request"].keys()
    return None if keys == _REQUEST_KEYS else f"a request of other keys than {', '.join(sorted(_REQUEST_KEYS))}"


class _Persister:
    """Gives vcrpy the bytes of a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def load_cassette(self, _path: str, serializer: _Serializer) -> Any:
        """Return what vcrpy asks for. Raises `ValueError`."""
        return deserialize(self._data.decode("utf-8"), serializer)


def read(path: Path) -> bytes:
    """
    Return the bytes of a cassette's file.

    :raises FileNotFoundError: when there is none.
    :raises CassetteError: when it cannot be read.
    """
    try:
        return _bytes_of(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        msg = f"{error.strerror or error}, expected {EXPECTED}"
        raise CassetteError(msg) from None


def _bytes_of(path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(path)
    if not path.is_file():
        msg = f"no regular file, expected {EXPECTED}"
        raise CassetteError(msg)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST_BYTES:
            msg = f"{size} bytes, expected at most {LARGEST_BYTES}"
            raise CassetteError(msg)
        return file.read(LARGEST_BYTES)


def loaded(data: bytes) -> Loaded:
    """
    Return vcrpy's cassette of a file's bytes, and our mapping in it.

    :raises CassetteError: when they are no cassette.
    """
    serializer = _Serializer()
    options: dict[str, Any] = {"serializer": serializer, "record_mode": RecordMode.NONE}
    try:
        with _unlogged():
            cassette = _Kept.load(path="", persister=_Persister(data), **options)
    except _UNREADABLE as error:
        msg = f"{one_line(str(error) or type(error).__name__)}, expected {EXPECTED}"
        raise CassetteError(msg) from None
    return Loaded(cassette, serializer.ours, hashlib.sha256(data).hexdigest())


@contextmanager
def _unlogged() -> Iterator[None]:
    """Let vcrpy log nothing: at INFO it writes each whole response, which no report has asked for."""

    def drop(_record: logging.LogRecord) -> bool:
        return False

    logger = logging.getLogger(Cassette.__module__)
    logger.addFilter(drop)
    try:
        yield
    finally:
        logger.removeFilter(drop)


def dumped(interactions: list[dict[str, Any]], ours: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file that vcrpy can read, with interactions and our mapping."""
    requests = [Request(**each["request"]) for each in interactions]
    responses = [each["response"] for each in interactions]
    text: str = serialize({"requests": requests, "responses": responses}, _Serializer(ours))
    return text.encode()
