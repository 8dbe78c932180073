"""
The answers that cassettes hold, by what tells one from another: an answer that was replayed is no new one.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pytest_darkhost.cassettes.names import SUFFIX
from pytest_darkhost.cassettes.reading import read_cassette

_DATA = b"data:"


def recorded_answers(directories: Iterable[Path]) -> dict[str, str]:
    """
    Return the id of the run that recorded each answer, by the venue's id of the answer and by `sha256:` of its body.

    :raises CassetteError: a cassette cannot be read.
    """
    paths = [path for directory in directories for path in sorted(directory.glob(f"*{SUFFIX}"))]
    return {identity: run_id for path in paths for identity, run_id in _answers(path)}


def _answers(path: Path) -> Iterator[tuple[str, str]]:
    _, label, exchanges = read_cassette(path, str(path))
    for body in (exchange.body for exchange in exchanges if exchange.body):
        yield f"sha256:{hashlib.sha256(body).hexdigest()}", label.run_id
        if answer_id := _id_of(body):
            yield answer_id, label.run_id


def _id_of(body: bytes) -> str | None:
    """Return the id in a body: of a JSON object, or of the first event of a stream that has one."""
    lines = (line.removeprefix(_DATA) for line in body.splitlines() if line.startswith(_DATA))
    return next((found for text in (body, *lines) if (found := _id_in(text))), None)


def _id_in(text: bytes) -> str | None:
    try:
        value: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    # Of the Anthropic dialect the first event, `message_start`, holds the message.
    message = value.get("message")
    found = value.get("id") or (message.get("id") if isinstance(message, dict) else None)
    return found if isinstance(found, str) else None
