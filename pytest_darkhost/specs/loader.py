"""
Reading venue specs: files to validated venues, or all their mistakes at once, each with its line.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from pytest_darkhost.errors import SpecError, SpecMistake
from pytest_darkhost.specs.coherence import venue_findings
from pytest_darkhost.specs.document import Document
from pytest_darkhost.specs.messages import wording
from pytest_darkhost.specs.model_coherence import model_findings
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.settings import effective
from pytest_darkhost.specs.shown import KeyPath, shown, shown_path
from pytest_darkhost.specs.source import decoded, read_bytes, shown_file
from pytest_darkhost.specs.yaml_nodes import read

MOST_MISTAKES = 1000
"""So many mistakes of one sort are told; a file with more is no spec."""
_KEY_LINE = frozenset({"missing", "extra_forbidden"})


@dataclass(frozen=True, slots=True)
class LoadedVenue:
    """One spec file, read and found right."""

    spec: VenueSpec
    """With the venue's defaults applied to each model (`settings.effective`)."""
    path: Path
    """As it was given."""
    lines: Mapping[str, int]
    """1-based line of each model's `slug`; under the empty key that of `venue`."""
    digest: str
    """SHA-256 of the file's bytes, hexadecimal, with line ends as git keeps them: a checkout may have `\\r\\n`."""


def load_venue(path: Path, root: Path) -> LoadedVenue:
    """Return one venue. Raises `SpecError` with all mistakes of the file, named relative to `root`."""
    name = shown_file(path, root)
    data = read_bytes(path, name)
    document = read(decoded(data, name))
    spec, findings = _judge(document, path.stem)
    if spec is None or findings:
        raise SpecError(tuple(SpecMistake(name, line, text) for line, text in sorted(set(findings))))
    lines = {model.slug: document.place(("models", index, "slug")).line for index, model in enumerate(spec.models)} | {
        "": document.place(("venue",)).line
    }
    return LoadedVenue(effective(spec), path, MappingProxyType(lines), _digest(data))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def load_venues(paths: Iterable[Path], root: Path) -> tuple[LoadedVenue, ...]:
    """Return the venues of all files. Raises one `SpecError` with all mistakes, slugs in two files among them."""
    loaded: list[LoadedVenue] = []
    mistakes: list[SpecMistake] = []
    for path in paths:
        try:
            loaded.append(load_venue(path, root))
        except SpecError as error:
            mistakes += error.mistakes
    mistakes += _twice(loaded, root)
    if mistakes:
        raise SpecError(tuple(mistakes))
    return tuple(loaded)


def _twice(loaded: Sequence[LoadedVenue], root: Path) -> Iterator[SpecMistake]:
    """Yield slugs that a file before has: `uq_models_slug` holds over all providers."""
    first: dict[str, str] = {}
    for venue in loaded:
        name = shown_file(venue.path, root)
        for index, model in enumerate(venue.spec.models):
            line = venue.lines[model.slug]
            place = first.setdefault(model.slug, f"{name}:{line}")
            if place != f"{name}:{line}":
                text = f"models[{index}].slug: {shown(model.slug)} is also in {place}, expected one in all files"
                yield SpecMistake(name, line, text)


def _judge(document: Document, stem: str) -> tuple[VenueSpec | None, list[tuple[int, str]]]:
    """Return the venue, or what is wrong with it as pairs of line and text."""
    found = [(flaw.line, f"{shown_path(flaw.path)}: {flaw.text}") for flaw in document.flaws[:MOST_MISTAKES]]
    if not document.complete:
        return None, found
    if not isinstance(document.value, dict):
        empty = document.value is None
        what = "the file is empty" if empty else f"{shown(document.value)} is at the top"
        line = 1 if empty else document.place(()).line
        return None, [*found, (line, f"{what}, expected a mapping with the key 'venue'")]
    spec, complaints = _validated(document.value)
    hidden = {flaw.path for flaw in document.flaws if flaw.hides_value}
    news = (complaint for complaint in complaints if _is_news(complaint, document.value, hidden))
    found += [_worded(document, complaint) for complaint in islice(news, MOST_MISTAKES)]
    return spec, found + _incoherent(document, stem)


def _validated(value: Mapping[str, Any]) -> tuple[VenueSpec | None, list[Any]]:
    # Strict JSON keeps "no" from becoming false and true from becoming 1, and still reads lists as tuples.
    try:
        return VenueSpec.model_validate_json(json.dumps(value), strict=True), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


def _incoherent(document: Document, stem: str) -> list[tuple[int, str]]:
    lines = {path: place.line for path, place in document.places.items()}
    findings = islice(chain(venue_findings(document.value, stem), model_findings(document.value, lines)), MOST_MISTAKES)
    return [(document.place(path).line, f"{shown_path(path)}: {text}") for path, text in findings]


def _path(complaint: Mapping[str, Any]) -> KeyPath:
    """Return where a complaint points, without pydantic's marker of a mapping's key."""
    path: KeyPath = complaint["loc"]
    return path[:-1] if path[-1:] == ("[key]",) else path


def _is_news(complaint: Mapping[str, Any], root: Any, hidden: set[KeyPath]) -> bool:
    """Return whether a complaint says more than the flaws of the YAML and than its siblings."""
    path = _path(complaint)
    if any(path[:length] in hidden for length in range(1, len(path) + 1)):
        return False
    return complaint["type"] != "too_short" or not _value_at(root, path)


def _worded(document: Document, complaint: Mapping[str, Any]) -> tuple[int, str]:
    path, kind = _path(complaint), complaint["type"]
    text = wording(complaint, path, _value_at(document.value, path))
    place = document.place(path)
    line = place.key_line if kind in _KEY_LINE else place.line
    return line, f"{shown_path(path if kind == 'missing' else document.nearest(path))}: {text}"


def _value_at(value: Any, path: KeyPath) -> Any:
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
    return value
