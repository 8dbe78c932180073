"""
What is wrong with the cassettes as a whole: one that is missing, one of no target, one that was not played out.

Looked at once, in the controller, and only as far as nothing was left out: a `-k` must not make a cassette an orphan.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_darkhost.cassettes.names import SUFFIX, cassette_path
from pytest_darkhost.checks.case import Scope, Source
from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.plain_text import printable
from pytest_darkhost.plan import Owner
from pytest_darkhost.suite.notes import SKIPPED
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.tally import Entry, Tally

_SUFFIXES = frozenset({SUFFIX, ".yml"})
_BEGINNING = b"darkhost:"


def file_id(path: Path, root: Path) -> str:
    """Return the beginning of the node ids of a spec."""
    shown = path.relative_to(root) if path.is_relative_to(root) else Path(os.path.relpath(path, root))
    return shown.as_posix()


def items_of(run: Run, path: Path, source: Source) -> dict[Owner, frozenset[str]]:
    """Return the ids of all items of a source that a spec has, by owner."""
    spec, start = run.specs.load(path).spec, file_id(path, run.config.rootpath)
    by_scope = {
        scope: [check.name for check in run.checks if check.scope is scope and source in check.item_sources]
        for scope in Scope
    }
    ids = {Owner(spec.venue): frozenset(f"{start}::{name}[{source}]" for name in by_scope[Scope.VENUE])}
    for model in spec.models:
        names = by_scope[Scope.TARGET]
        ids[Owner(spec.venue, model.slug)] = frozenset(f"{start}::{model.slug}::{name}[{source}]" for name in names)
    return ids


class CassetteRules:
    """Judges the cassettes of a session by what it had selected."""

    def __init__(self, run: Run, selected: Iterable[str]) -> None:
        self._run = run
        self._selected = frozenset(selected)
        self._ids = dict(self._known_items()) if self._replays else {}

    def _known_items(self) -> Iterator[tuple[Path, dict[Owner, frozenset[str]]]]:
        for path in self._run.specs.wanted:
            with suppress(DarkhostError):  # a broken spec is an error of the collection
                yield path, items_of(self._run, path, Source.REPLAY)

    @property
    def _replays(self) -> bool:
        return any(nodeid.endswith("[replay]") for nodeid in self._selected)

    def problems(self, tally: Tally) -> list[str]:
        """Return one line for each cassette that is not as it must be."""
        whole = [path for path, owners in self._ids.items() if self._all_selected(owners)]
        missing = [line for path in whole for line in self._missing(path)]
        return [*missing, *self._orphans(whole), *self._unplayed(tally)]

    def _all_selected(self, owners: dict[Owner, frozenset[str]]) -> bool:
        return all(ids <= self._selected for ids in owners.values())

    def _missing(self, path: Path) -> Iterator[str]:
        venue = self._run.specs.load(path).spec.venue
        if needs_none(self._run, venue):
            return
        wanted = [cassette_path(self._run.settings.cassettes, owner) for owner in self._ids[path]]
        absent = [self._run.shown(file) for file in wanted if not file.exists()]
        if absent:
            more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
            yield (
                f"{self._run.shown(path)}: no cassette {absent[0]}{more}, expected one for each target. "
                f"Record them with: pytest -m live --venue={venue} --darkhost-record"
            )

    def _orphans(self, whole: list[Path]) -> Iterator[str]:
        directory = self._run.settings.cassettes
        known = {cassette_path(directory, owner) for path in whole for owner in self._ids[path]}
        found = {file for path in whole for file in _below(directory / path.stem)}
        if len(whole) == len(self._run.specs.paths):
            # Elsewhere in the directory, files of vcrpy's own users are no concern of ours.
            found |= set(filter(_is_ours, _below(directory)))
        for file in sorted(found - known):
            shown = printable(self._run.shown(file))
            yield f"{shown}: a cassette of no target in any spec, expected one. Remove it"

    def _unplayed(self, tally: Tally) -> Iterator[str]:
        for owner, ids in ((owner, ids) for owners in self._ids.values() for owner, ids in owners.items()):
            entries = [tally.entries[nodeid] for nodeid in ids if nodeid in tally.entries]
            whole = ids <= self._selected and len(entries) == len(ids) and not any(map(_was_skipped, entries))
            left = _left(entries) if whole else []
            if left:
                more = f" and {len(left) - 1} more" if len(left) > 1 else ""
                again = f"pytest -m live --venue={owner.venue} --darkhost-record"
                file = self._run.shown(cassette_path(self._run.settings.cassettes, owner))
                yield f"{file}: not played: {left[0]}{more}, expected all of it. Record again with: {again}"


def needs_none(run: Run, venue: str) -> bool:
    """Return whether the ini file says that a venue needs no cassette."""
    return any(fnmatchcase(venue, pattern) for pattern in run.settings.no_cassette)


def _was_skipped(entry: Entry) -> bool:
    """Return whether a mark or a fixture skipped it: what it needs was not asked for then."""
    return entry.data.get("reason_code") == SKIPPED


def _left(entries: list[Entry]) -> list[str]:
    labels = [label for entry in entries if (label := entry.cassette)]
    return list(labels[0]["unplayed"]) if labels else []


def _below(directory: Path) -> Iterator[Path]:
    return (file for file in directory.rglob("*") if file.suffix.lower() in _SUFFIXES)


def _is_ours(file: Path) -> bool:
    """Return whether a file begins as cassettes of ours do; one that cannot be read is taken for one."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return True
