"""
What histories and databases are called in ids, and what their URLs hide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.catalog.location import hidden_values, parsed_url
from pytest_darkhost.errors import CatalogError, DatabaseError
from pytest_darkhost.migrations.ini import Place


@dataclass(frozen=True, slots=True)
class Where:
    """A kind of database, as the user or the history names it."""

    word: str
    """In ids: `sqlite`, `postgresql`, `mysql`; numbered from the second of a kind on."""
    kind: str
    """The same without the number."""
    source: str
    """What `open_server` takes."""
    named: bool
    """Whether the user named it: then it must serve."""


def databases_of(place: Place) -> tuple[str, ...]:
    """Return the kind of database that a history's own URL names; where it names none, both that need no server."""
    backend = place.driver.partition("+")[0]
    return (backend,) if backend in {"sqlite", "postgresql"} else ("sqlite", "postgresql")


def secrets_of(url: str) -> Iterator[str]:
    """Yield what a URL hides."""
    try:
        yield from hidden_values(parsed_url(url))
    except (CatalogError, DatabaseError):
        return


def names_of(places: tuple[Place, ...]) -> dict[Path, str]:
    """Return a name for each history that no other has: that of its ini file, else of the directory of that."""
    found: dict[Path, str] = {}
    for place in places:
        plain = place.ini.stem if place.ini.stem not in {"alembic", "pyproject"} else place.ini.parent.name
        taken = set(found.values())
        found[place.ini] = next(
            name for name in (plain, *(f"{plain}{number}" for number in range(2, len(places) + 2))) if name not in taken
        )
    return found
