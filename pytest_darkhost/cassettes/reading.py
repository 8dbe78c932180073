"""
Opens the cassette of an owner: its shape is checked, what it says of itself is read, and that it is this owner's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from vcr.cassette import Cassette
from vcr.request import Request

from pytest_darkhost.cassettes.forms import to_exchange
from pytest_darkhost.cassettes.player import Player
from pytest_darkhost.cassettes.storage import EXPECTED, loaded, read
from pytest_darkhost.cassettes.stored import StoredInteraction, StoredLabel, StoredPlace
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import CassetteLabel, Exchange, Mode
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.plan import Owner
from pytest_darkhost.specs.models import VenueSpec

_Model = TypeVar("_Model", bound=BaseModel)
_SCHEMA = 1
_SHOWN = 40


def open_cassette(path: Path, name: str, spec: VenueSpec, owner: Owner, *, run_id: str) -> Player:
    """
    Return a player of an owner's cassette, for one run.

    :param name: how the file is shown.
    :raises FileNotFoundError: when there is none.
    :raises CassetteError: when it cannot be read, or is another owner's.
    """
    cassette, label, exchanges = read_cassette(path, name)
    if (label.venue, label.model) != (owner.venue, owner.model):
        found, wanted = _shown(label.venue, label.model), _shown(owner.venue, owner.model)
        msg = f"{name}: the cassette of {found}, expected that of {wanted}"
        raise CassetteError(msg)
    if label.key_header != key_header_of(spec):
        differs = f"the key went as {label.key_header!r}, expected {key_header_of(spec)!r}, as the spec says"
        msg = f"{name}: {differs}. Record again with: pytest -m live --venue={spec.venue} --darkhost-record"
        raise CassetteError(msg)
    return Player(cassette, label, exchanges, base_url=spec.base_url, run_id=run_id)


def key_header_of(spec: VenueSpec) -> str:
    """Return where the key of a venue goes, in words: the value of the header itself is on no cassette."""
    name, prefix = spec.key_header
    return f"{name}: {prefix}".strip()


def read_label(path: Path, name: str) -> CassetteLabel:
    """Return what a cassette says of itself. Errors as in `open_cassette`."""
    with _placed(name):
        return parsed_cassette(read(path), name)[1]


def read_cassette(path: Path, name: str) -> tuple[Cassette, CassetteLabel, tuple[Exchange, ...]]:
    """Return vcrpy's cassette with the failures added, its label, and the exchanges in the same order."""
    with _placed(name):
        return parsed_cassette(read(path), name)


def parsed_cassette(data: bytes, name: str) -> tuple[Cassette, CassetteLabel, tuple[Exchange, ...]]:
    """Return the same of a file's bytes. The `CassetteError` that it raises does not name the file."""
    held = loaded(data)
    _refuse_newer(held.ours)
    stored = _checked(StoredLabel, held.ours, "darkhost")
    mode = Mode.COMPOSED if stored.origin == "composed" else Mode.REPLAY
    pairs = zip(held.cassette.requests, held.cassette.responses, strict=True)
    whole = [_exchange(_of_vcr(*pair), f"interactions[{index}]", mode) for index, pair in enumerate(pairs)]
    _refuse_unanswered(whole)
    places = [f"darkhost.failures[{index}]" for index in range(len(stored.failures))]
    cut = [_exchange(*pair, mode) for pair in zip(stored.failures, places, strict=True)]
    after = [_checked(StoredPlace, *pair).after for pair in zip(stored.failures, places, strict=True)]
    exchanges = _in_order_sent(held.cassette, whole, cut, after)
    return held.cassette, _label(stored, held.sha256, name), exchanges


def _refuse_unanswered(whole: list[Exchange]) -> None:
    unanswered = next((index for index, each in enumerate(whole) if each.status is None), None)
    if unanswered is not None:
        msg = f"interactions[{unanswered}].response: no status, expected {EXPECTED}"
        raise CassetteError(msg)


def _in_order_sent(
    cassette: Cassette, whole: list[Exchange], cut: list[Exchange], after: list[int]
) -> tuple[Exchange, ...]:
    """Put failures among the interactions, so that of equal requests each is played in its turn."""
    for before, (place, each) in enumerate(sorted(zip(after, cut, strict=True), key=itemgetter(0))):
        request = Request(each.method, each.url, each.request_body, dict(each.request_headers))
        cassette.data.insert(place + before, (request, {}))
        whole.insert(place + before, each)
    return tuple(whole)


@contextmanager
def _placed(name: str) -> Iterator[None]:
    try:
        yield
    except CassetteError as error:
        msg = f"{name}: {error}"
        raise CassetteError(msg) from None


def _of_vcr(request: Request, response: Any) -> dict[str, Any]:
    headers = {name: [value] if isinstance(value, str) else value for name, value in request.headers.items()}
    sent = {"method": request.method, "uri": request.uri, "body": request.body, "headers": headers}
    return {"request": sent, "response": response}


def _exchange(data: Any, place: str, mode: Mode) -> Exchange:
    stored = _checked(StoredInteraction, data, place)
    try:
        return to_exchange(stored, mode)
    except ValueError as error:
        msg = f"{place}: {error}"
        raise CassetteError(msg) from None


def _refuse_newer(ours: Any) -> None:
    """Refuse a label in a form that a later version writes. Whatever else is wrong with a label is found later."""
    schema = ours.get("schema") if isinstance(ours, dict) else None
    if isinstance(schema, int) and schema > _SCHEMA:
        by = one_line(str(ours.get("version")))[:_SHOWN]
        msg = f"darkhost.schema: {schema}, written by pytest-darkhost {by}, expected {_SCHEMA}. Update pytest-darkhost"
        raise CassetteError(msg)


def _checked(model: type[_Model], data: Any, place: str) -> _Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = ".".join((place, *map(str, first["loc"])))
        msg = f"{one_line(path)}: {one_line(first['msg'])}, expected {EXPECTED}"
        raise CassetteError(msg) from None


def _label(stored: StoredLabel, sha256: str, name: str) -> CassetteLabel:
    return CassetteLabel(
        name=name,
        sha256=sha256,
        composed=stored.origin == "composed",
        venue=stored.venue,
        model=stored.model,
        recorded_at=stored.recorded_at,
        run_id=stored.run_id,
        version=stored.version,
        base_url=stored.base_url,
        key_header=stored.key_header,
        spec_sha256=stored.spec_sha256,
    )


def _shown(venue: str, model: str | None) -> str:
    return f"{venue}/{model}" if model else f"{venue} itself"
