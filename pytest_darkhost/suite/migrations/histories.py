"""
The Alembic histories of one session: each read once, and which of its revisions are judged.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.history import History, Revision, load
from pytest_darkhost.migrations.ini import Place, locate
from pytest_darkhost.suite.migrations.naming import names_of


class Histories:
    """Nothing is read before it is asked for."""

    def __init__(self, inis: Iterable[Path], root: Path, since: str | None, environ: Mapping[str, str]) -> None:
        """
        :param since: a revision or a git commit; what is not newer is not judged.
        :param environ: variables that `env.py` is told.
        :raises UsageError: a configuration of Alembic cannot be used.
        """
        self.root = root
        self.since = since
        self._environ = environ
        self.places = tuple(locate(ini, root) for ini in inis)
        self._told: set[Path] = set()
        self._histories: dict[Path, History | HistoryError] = {}
        self._by_path: dict[Path, dict[Path, Revision]] = {}
        self._judged: dict[Path, frozenset[str]] = {}
        self._places: dict[Path, tuple[Place, ...]] = {}
        self._real: dict[Path, Path] = {}

    def history(self, place: Place) -> History:
        """Return a history, read once. Raises `HistoryError`."""
        if place.ini not in self._histories:
            try:
                self._histories[place.ini] = load(place, self.root, self._environ)
            except HistoryError as error:
                self._histories[place.ini] = error
        found = self._histories[place.ini]
        if isinstance(found, HistoryError):
            raise found
        return found

    def is_told(self, place: Place) -> bool:
        """Return whether the fault of a history was told already, and take note that it is now."""
        known = place.ini in self._told
        self._told.add(place.ini)
        return known

    def places_of(self, path: Path) -> tuple[Place, ...]:
        """Return the histories in whose directories a file lies."""
        if path not in self._places:
            real = self._followed(path)
            self._places[path] = tuple(
                place for place in self.places if any(real.is_relative_to(there) for there in place.versions)
            )
        return self._places[path]

    def revision_of(self, place: Place, path: Path) -> Revision | None:
        """Return the revision that a file holds, `None` where it is none. Raises `HistoryError`."""
        if place.ini not in self._by_path:
            self._by_path[place.ini] = {each.path: each for each in self.history(place).revisions}
        return self._by_path[place.ini].get(self._followed(path))

    def _followed(self, path: Path) -> Path:
        """Return a file behind its links, which are followed once: that is a look at each directory on the way."""
        if path not in self._real:
            self._real[path] = path.resolve()
        return self._real[path]

    def prefix(self, place: Place) -> str:
        """Return what tells a history from others in ids: empty for the first, if it is in the root directory."""
        return self._prefixes[place.ini]

    @cached_property
    def _prefixes(self) -> dict[Path, str]:
        """What `prefix` returns, by ini file: it is asked for each item."""
        first = self.places[0].ini
        return names_of(self.places) | ({first: ""} if first.is_relative_to(self.root) else {})

    def judged(self, place: Place) -> frozenset[str]:
        """Return the ids of the revisions that are judged. Raises `UsageError`."""
        if place.ini not in self._judged:
            self._judged[place.ini] = self._new(self.history(place))
        return self._judged[place.ini]

    def _new(self, history: History) -> frozenset[str]:
        if self.since is None:
            return frozenset(each.id for each in history.revisions)
        from pytest_darkhost.migrations.since import new_since

        return new_since(history, self.since)
