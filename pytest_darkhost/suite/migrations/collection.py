"""
Collects a history: its ini file holds what is asked of the whole, each revision file what is asked of one revision.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.migrations.checks.registry import TripCheck, checks_of
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.ini import Place
from pytest_darkhost.suite.migrations.items import HeadItem, TripItem
from pytest_darkhost.suite.migrations.run import MIGRATIONS, MigrationRun
from pytest_darkhost.suite.places import own_id

if TYPE_CHECKING:
    from pytest_darkhost.migrations.declarations import Declaration


class HistoryFile(pytest.File):
    """A configuration of Alembic."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield what is asked of the whole history."""
        run = self.config.stash[MIGRATIONS]
        place = next(each for each in run.histories.places if each.ini == self.path)
        try:
            history = run.histories.history(place)
            run.declarations(place)
            run.histories.judged(place)
        except DarkhostError as error:
            if run.histories.is_told(place):
                return
            raise self.CollectError(str(error)) from None
        yield HeadItem.from_parent(self, name="single_head", history=history)


class RevisionFile(pytest.File):
    """A revision file, of one history or of several."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the checks of the revision, on each database of its history."""
        run = self.config.stash[MIGRATIONS]
        for place in run.histories.places_of(self.path):
            try:
                revision = run.histories.revision_of(place, self.path)
                declared, judged = run.declarations(place), run.histories.judged(place)
            except DarkhostError as error:
                if run.histories.is_told(place):
                    continue
                raise self.CollectError(str(error)) from None
            if revision is not None and revision.id in judged:
                yield from _items(self, run, place, revision, declared.get(revision.id))


def _items(
    parent: RevisionFile, run: MigrationRun, place: Place, revision: Revision, declaration: "Declaration | None"
) -> Iterator[pytest.Item]:
    for where in run.wheres(place):
        for check in checks_of(declaration, where.kind):
            parameters = "-".join(filter(None, (run.histories.prefix(place), _slug(check, declaration), where.word)))
            name = f"{check.name}[{parameters}]"
            yield TripItem.from_parent(
                parent,
                name=name,
                # As text: pytest 9.2 reads it and keeps `[…]` apart, as it does with ids that are typed.
                nodeid=f"{parent.nodeid}::{name}",
                place=place,
                where=where,
                revision=revision,
                check=check,
                declaration=declaration,
            )


def _slug(check: TripCheck, declaration: "Declaration | None") -> str:
    """Return the model's slug for what is asked of activations only."""
    if declaration is None or declaration.activates is None or not check.of_activations:
        return ""
    return declaration.activates.partition("/")[2]


def collect_history(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return the collector of a history's ini file or of a file among its revisions; `None` for any other file."""
    run = parent.config.stash[MIGRATIONS]
    kind: Any = None
    if any(place.ini == path for place in run.histories.places):
        kind = HistoryFile
    elif path.suffix == ".py" and run.histories.places_of(path):
        kind = RevisionFile
    if kind is None:
        return None
    if run.own.environ:
        parent = _above_packages(parent)
    collector: pytest.Collector = kind.from_parent(parent, path=path, **own_id(path, parent.config.rootpath))
    return collector


def _above_packages(parent: pytest.Collector) -> pytest.Collector:
    """
    Return the collector above all packages that a file is in.

    pytest imports the packages of an item, without the variables: modules of theirs that make an engine would keep it.
    """
    outermost = next((each for each in parent.listchain() if isinstance(each, pytest.Package)), None)
    above = outermost.parent if outermost else None
    return above if isinstance(above, pytest.Collector) else parent
