"""
What a revision says about itself: which target it activates, and what it may change. Nothing is inferred.

The revision says it in a module-level dict named `darkhost`, or the model's spec under `activation`. Whether it is
true is for the checks to say.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.history import History, Revision
from pytest_darkhost.migrations.literals import Literal, read_literal
from pytest_darkhost.specs.changes import Change, Changes
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.specs.messages import near, wording
from pytest_darkhost.specs.shown import KeyPath, shown, shown_path
from pytest_darkhost.specs.source import shown_file

VARIABLE = "darkhost"
_KEYS = ("activates", "changes", "volatile", "guarded")
_AS_IN_SPEC: KeyPath = ("models", 0, "activation")
"""Where a spec says the same, for messages that list the keys there."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one revision may do."""

    place: str
    """`alembic/versions/0003_x.py:12` or `venue_specs/together.yaml:31`."""
    activates: str | None
    """`venue/slug` of the target that the revision lights; `None` for a revision that is no activation."""
    changes: tuple[Change, ...] | None
    """`None`: it does not say, so what else it touches is not judged."""
    volatile: frozenset[str] = frozenset()
    """Columns that nobody compares, as `table.column`."""
    guarded: bool = False
    """Whether it says that its upgrade refuses a row which is not as it was when it was written."""


def read_declaration(path: Path, name: str) -> Declaration | None:
    """
    Return what a revision file declares, `None` where it has no `darkhost`. None of its code is run.

    :param name: how errors call the file.
    :raises UsageError: the file cannot be parsed, or the declaration is none. Each mistake has its line.
    """
    literal = read_literal(path, name, VARIABLE)
    if literal is None:
        return None
    place = f"{name}:{literal.line(())}"
    if not isinstance(literal.value, dict):
        msg = f"{place}: {VARIABLE} is {shown_literal(literal.value)}, expected a dict with keys out of {_listed()}"
        raise UsageError(msg)
    activates = _activates(literal, name)
    rest = {key: value for key, value in literal.value.items() if key != "activates"}
    changes = _validated(rest, literal, name)
    return Declaration(place, activates, changes.changes, frozenset(changes.volatile), changes.guarded)


def spec_declarations(venues: Iterable[LoadedVenue], root: Path) -> Mapping[str, Declaration]:
    """
    Return what specs declare of revisions, by revision id.

    :raises UsageError: two models name one revision.
    """
    found: dict[str, Declaration] = {}
    for loaded in venues:
        for target in loaded.spec.targets:
            said = target.model.activation
            if said is None:
                continue
            place = f"{shown_file(loaded.path, root)}:{loaded.lines[target.model.slug]}"
            made = Declaration(place, target.id, said.changes, frozenset(said.volatile), said.guarded)
            other = found.setdefault(said.revision, made)
            if other is not made:
                msg = f"{place}: revision {said.revision!r} is also named in {other.place}, expected one model for each"
                raise UsageError(msg)
    return found


def declared(
    history: History, own: Iterable[Revision], venues: Iterable[LoadedVenue], root: Path
) -> dict[str, Declaration]:
    """
    Return what the revisions of a history, and specs, declare, by revision id.

    :param own: the revisions whose files may say something.
    :raises UsageError: a declaration is none, or two contradict each other.
    """
    by_spec = spec_declarations(venues, root)
    by_file = {each.id: read_declaration(each.path, each.shown) for each in own}
    found = {each.id: agreed(by_file.get(each.id), by_spec.get(each.id)) for each in history.revisions}
    return {revision: said for revision, said in found.items() if said is not None}


def agreed(own: Declaration | None, specs: Declaration | None) -> Declaration | None:
    """
    Return what is declared of a revision by its own file and by a spec: the file's own word where it has one.

    :raises UsageError: the two name different targets.
    """
    if own is None or specs is None:
        return own or specs
    if own.activates not in (None, specs.activates):
        msg = f"{own.place}: it activates {own.activates!r}, expected {specs.activates!r}, as {specs.place} says"
        raise UsageError(msg)
    changes = specs.changes if own.changes is None else own.changes
    guarded = own.guarded or specs.guarded
    return Declaration(own.place, specs.activates, changes, own.volatile | specs.volatile, guarded)


def shown_literal(value: object) -> str:
    """Return a value, or what it is where it holds others."""
    return shown(value) if isinstance(value, (str, int, float, dict, list, type(None))) else f"a {type(value).__name__}"


def _activates(literal: Literal, name: str) -> str | None:
    value = literal.value.get("activates")
    if value is None:
        return None
    venue, slash, slug = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not (venue and slash and slug):
        place = f"{name}:{literal.line(('activates',))}"
        msg = f"{place}: activates: {shown_literal(value)} is no target, expected 'venue/slug' of a spec"
        raise UsageError(msg)
    return str(value)


def _validated(rest: Mapping[Any, Any], literal: Literal, name: str) -> Changes:
    unknown = next((key for key in rest if key not in _KEYS), None)
    if unknown is not None:
        hint = near(unknown, _KEYS) if isinstance(unknown, str) else ""
        place = f"{name}:{literal.line((str(unknown),))}"
        msg = f"{place}: {shown_literal(unknown)}: unknown key, expected one of {_listed()}{hint}"
        raise UsageError(msg)
    try:
        return Changes.model_validate_json(_as_json(rest, name, literal), strict=True)
    except ValidationError as error:
        mistakes = [_worded(complaint, rest, literal, name) for complaint in error.errors(include_url=False)]
    raise UsageError("\n".join(dict.fromkeys(mistakes)))


def _as_json(value: object, name: str, literal: Literal) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        place = f"{name}:{literal.line(())}"
        msg = f"{place}: {VARIABLE} holds bytes, a set, NaN or a key that is no text, expected plain data"
        raise UsageError(msg) from None


def _worded(complaint: Any, value: Any, literal: Literal, name: str) -> str:
    path: KeyPath = complaint["loc"]
    path = path[:-1] if path[-1:] == ("[key]",) else path
    known = path
    while known and known not in literal.places:
        known = known[:-1]
    text = wording(complaint, (*_AS_IN_SPEC, *path), _at(value, path))
    return f"{name}:{literal.line(path)}: {shown_path(known)}: {text}"


def _at(value: Any, path: KeyPath) -> Any:
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, (list, tuple)) and isinstance(key, int) and key < len(value):
            value = value[key]
    return value


def _listed() -> str:
    return ", ".join(_KEYS)
