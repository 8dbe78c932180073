"""
The specs that the package carries: of ten hosted venues and of the two local ones. They are copied, never run in place.
"""

from pathlib import Path

from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.near import hint
from pytest_darkhost.specs.discovery import find_specs

_HOME = Path(__file__).resolve().parents[1]


def shipped_specs() -> dict[str, Path]:
    """Return the spec files of the wheel, else those of the repository, by the name of their venue."""
    places = (_HOME / "_venue_specs", _HOME.parent / "venue_specs")
    return {
        path.stem: path for path in find_specs(place for place in places[:1] if place.is_dir()) or find_specs(places)
    }


def shipped_spec(name: str) -> Path:
    """
    Return the spec file of a venue.

    :raises ArgumentError: none is carried. The text names those that are.
    """
    known = shipped_specs()
    if name in known:
        return known[name]
    msg = f"{name}: no spec of this venue is shipped, expected one of {', '.join(sorted(known))}{hint(name, known)}"
    raise ArgumentError(msg)
