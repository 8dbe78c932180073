"""
Opens the cassette of an owner: its shape is checked, what it says of itself is read, and that it is this owner's.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from vcr.cassette import Cassette
from vcr.request import Request

from pytest_darkhost.cassettes.forms import to_exchange
from pytest_darkhost.cassettes.player import Comparison, Player
from pytest_darkhost.cassettes.storage import EXPECTED, Matcher, load
from pytest_darkhost.cassettes.stored import StoredInteraction, StoredLabel
from pytest_darkhost.cassettes.texts import one_line
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import CassetteLabel, Exchange, Mode
from pytest_darkhost.plan import Owner
from pytest_darkhost.specs.models import VenueSpec

_Model = TypeVar("_Model", bound=BaseModel)


def open_cassette(path: Path, name: str, spec: VenueSpec, owner: Owner, *, run_id: str) -> Player:
    """
    Return a player of an owner's cassette, for one run.

    :param name: how the file is shown.
    :raises FileNotFoundError: when there is none.
    :raises CassetteError: when it cannot be read, or is another owner's.
    """
    comparison = Comparison(spec.base_url, run_id)
    cassette, label, exchanges = read_cassette(path, name, comparison)
    if (label.venue, label.model) != (owner.venue, owner.model):
        found, wanted = _shown(label.venue, label.model), _shown(owner.venue, owner.model)
        msg = f"{name}: the cassette of {found}, expected that of {wanted}"
        raise CassetteError(msg)
    return Player(cassette, comparison, label, exchanges)


def read_label(path: Path, name: str) -> CassetteLabel:
    """Return what a cassette says of itself. Errors as in `open_cassette`."""
    return read_cassette(path, name, lambda _asked, _recorded: False)[1]


def read_cassette(path: Path, name: str, matcher: Matcher) -> tuple[Cassette, CassetteLabel, tuple[Exchange, ...]]:
    """Return vcrpy's cassette with the failures added, its label, and the exchanges in the same order."""
    try:
        loaded = load(path, matcher)
        cassette = loaded.cassette
        stored = _checked(StoredLabel, loaded.ours, "darkhost")
        mode = Mode.COMPOSED if stored.origin == "composed" else Mode.REPLAY
        pairs = zip(cassette.requests, cassette.responses, strict=True)
        whole = [_exchange(_of_vcr(*pair), f"interactions[{index}]", mode) for index, pair in enumerate(pairs)]
        cut = [_exchange(each, f"darkhost.failures[{index}]", mode) for index, each in enumerate(stored.failures)]
    except CassetteError as error:
        msg = f"{name}: {error}"
        raise CassetteError(msg) from None
    for each in cut:
        cassette.data.append((Request(each.method, each.url, each.request_body, dict(each.request_headers)), {}))
    return cassette, _label(stored, loaded.sha256, name), (*whole, *cut)


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
        spec_sha256=stored.spec_sha256,
    )


def _shown(venue: str, model: str | None) -> str:
    return f"{venue}/{model}" if model else f"{venue} itself"
