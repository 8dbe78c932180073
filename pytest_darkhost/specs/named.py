"""
The one target that a command line names, among all specs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.specs.discovery import choose, find_specs
from pytest_darkhost.specs.loader import LoadedVenue, load_venues
from pytest_darkhost.specs.messages import near
from pytest_darkhost.specs.models import Target
from pytest_darkhost.specs.source import shown_file


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """A target, and where it stands."""

    target: Target
    loaded: LoadedVenue
    """The spec file that has it."""
    venues: tuple[LoadedVenue, ...]
    """All spec files: a slug may be in one of them only."""
    place: str
    """File and line of the model."""


def named_target(directories: Iterable[Path], venue: str, model: str, root: Path) -> NamedTarget:
    """
    Return the target of this venue and slug.

    :raises ArgumentError: there is none, with the near and the known names.
    :raises SpecError: a spec has mistakes.
    """
    places = tuple(directories)
    paths = find_specs(places)
    if not paths:
        where = " or ".join(map(str, places))
        msg = f"{where}: there is no spec file, expected one for each venue. Name the place with --specs"
        raise ArgumentError(msg)
    chosen = choose(paths, [venue])
    if len(chosen) > 1:
        names = ", ".join(path.stem for path in chosen)
        msg = f"--venue={venue}: it names {names}, expected one venue"
        raise ArgumentError(msg)
    venues = load_venues(paths, root)
    loaded = next(each for each in venues if each.path == chosen[0])
    found = {target.model.slug: target for target in loaded.spec.targets}
    where = shown_file(loaded.path.absolute(), root)
    if model not in found:
        msg = f"{where}: no model {model!r}, expected one of {', '.join(found)}{near(model, found)}"
        raise ArgumentError(msg)
    return NamedTarget(found[model], loaded, venues, f"{where}:{loaded.lines[model]}")
