"""
Makes the cassette of an owner from what its probes saw; none that would hold a key, and none that could not be read.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from yaml import YAMLError

from pytest_darkhost.cassettes.forms import is_whole, to_interaction
from pytest_darkhost.cassettes.reading import parsed_cassette
from pytest_darkhost.cassettes.searching import holds_key
from pytest_darkhost.cassettes.storage import dumped
from pytest_darkhost.cassettes.stored import SCHEMA
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.moments import rfc3339
from pytest_darkhost.observations import CassetteLabel, Exchange
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.whole_files import replace_file


def write_cassette(path: Path, label: CassetteLabel, exchanges: Iterable[Exchange], redactor: Redactor) -> None:
    """
    Write the exchanges of one owner, in the order sent, once they were looked through for keys and read back.

    :param label: `sha256` is not looked at: the file does not say it.
    :raises CassetteError: when a key was found in what would be written, when it could not be read again, or when the
        file cannot be written. Then nothing was written: a file that was there is as it was.
    """
    try:
        replace_file(path, _checked(label, tuple(exchanges), redactor))
    except OSError as error:
        msg = f"{label.name}: {error.strerror or error}, expected a place where the cassette can be written"
        raise CassetteError(msg) from None


def _checked(label: CassetteLabel, exchanges: tuple[Exchange, ...], redactor: Redactor) -> bytes:
    """Return the bytes of the file."""
    try:
        whole = [to_interaction(exchange) for exchange in exchanges if is_whole(exchange)]
        ours = {**_label(label), "failures": list(_failures(exchanges))}
        data = dumped(whole, ours)
        parsed_cassette(data, label.name)
    except (CassetteError, ValueError, YAMLError) as error:
        msg = f"{label.name}: {one_line(str(error))}. Nothing was written"
        raise CassetteError(msg) from None
    if holds_key(redactor, (whole, ours, data)):
        msg = f"{label.name}: a key was found in the cassette, expected none. Nothing was written"
        raise CassetteError(msg)
    return data


def _failures(exchanges: tuple[Exchange, ...]) -> Iterator[dict[str, Any]]:
    """Yield what vcrpy cannot replay, each with the number of interactions before it."""
    after = 0
    for exchange in exchanges:
        if is_whole(exchange):
            after += 1
        else:
            yield {"after": after, **_plain(to_interaction(exchange))}


def _label(label: CassetteLabel) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "origin": "composed" if label.composed else "recorded",
        "venue": label.venue,
        "model": label.model,
        "recorded_at": rfc3339(label.recorded_at),
        "run_id": label.run_id,
        "version": label.version,
        "base_url": label.base_url,
        "key_header": label.key_header,
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
