"""
Makes the cassette of an owner from what its probes saw, and takes it away again where it would hold a key.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_darkhost.cassettes.forms import is_whole, to_interaction
from pytest_darkhost.cassettes.storage import save
from pytest_darkhost.cassettes.stored import SCHEMA
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import CassetteLabel, Exchange
from pytest_darkhost.secrets import Redactor


def write_cassette(path: Path, label: CassetteLabel, exchanges: Iterable[Exchange], redactor: Redactor) -> None:
    """
    Write the exchanges of one owner, in the order sent, and look through the file for keys.

    :param label: `sha256` is not looked at: the file does not say it.
    :raises CassetteError: when the file cannot be written, or a key was found in it; then there is no file.
    """
    sent = tuple(exchanges)
    whole = [to_interaction(exchange) for exchange in sent if is_whole(exchange)]
    failures = [_plain(to_interaction(exchange)) for exchange in sent if not is_whole(exchange)]
    try:
        save(path, whole, {**_label(label), "failures": failures})
        found = redactor.found_in(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{label.name}: {error.strerror}, expected a place where the cassette can be written"
        raise CassetteError(msg) from None
    if found:
        path.unlink()
        msg = f"{label.name}: a key was found in the cassette, expected none. The file was removed again"
        raise CassetteError(msg)


def _label(label: CassetteLabel) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "origin": "composed" if label.composed else "recorded",
        "venue": label.venue,
        "model": label.model,
        "recorded_at": label.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "run_id": label.run_id,
        "version": label.version,
        "base_url": label.base_url,
        "spec_sha256": label.spec_sha256,
    }


def _plain(interaction: dict[str, Any]) -> dict[str, Any]:
    """Return an interaction with texts for bytes, as vcrpy makes them of the others."""
    request, response = interaction["request"], interaction["response"]
    return {
        "request": {**request, "body": _text(request["body"])},
        "response": {**response, "body": {"string": _text(response["body"]["string"])}},
    }


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
