"""
The spec files that one session may read, and those that it does. Each is read once.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.specs.discovery import choose, find_specs
from pytest_darkhost.specs.loader import LoadedVenue, load_venue, load_venues
from pytest_darkhost.suite.places import argument_paths
from pytest_darkhost.suite.settings import Settings, absolute


class SpecFiles:
    """Finds and reads specs. Nothing is looked for before somebody asks."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._loaded: dict[Path, LoadedVenue] = {}

    @cached_property
    def directories(self) -> tuple[Path, ...]:
        """The directories that hold specs, absolute; links in them are kept."""
        return tuple(dict.fromkeys(absolute(directory) for directory in self._settings.spec_directories))

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """
        All spec files of the configured directories, and those that were named as arguments. Nothing is parsed.

        Paths are as they were given: a link has the stem that counts. Raises `UsageError` where two have one stem.
        """
        named = {path.resolve() for path in self.named}
        found = (path for path in find_specs(self.directories) if path.resolve() not in named)
        return (*found, *self.named)

    @cached_property
    def named(self) -> tuple[Path, ...]:
        """Spec files that were named as arguments of pytest, with or without `::`."""
        return tuple(path for path in argument_paths(self._config) if self._is_spec(path))

    def _is_spec(self, path: Path) -> bool:
        if path.suffix not in {".yaml", ".yml"} or not path.is_file():
            return False
        if path.parent.resolve() in {directory.resolve() for directory in self.directories}:
            return True
        # Elsewhere, only a file that says so itself: other plugins have YAML files too.
        with suppress(OSError, UnicodeDecodeError):
            return any(line.startswith("venue:") for line in path.read_text(encoding="utf-8").splitlines())
        return False

    @cached_property
    def explicit(self) -> frozenset[Path]:
        """The spec files that the user named, by `--venue` or as an argument, with links followed."""
        named = self.named or self._settings.venues
        return frozenset(path.resolve() for path in self.wanted) if named else frozenset()

    @cached_property
    def wanted(self) -> tuple[Path, ...]:
        """
        The spec files that this session reads: those that are arguments, else those of `--venue`, else all.

        Raises `UsageError` where `--venue` names none, or arguments and `--venue` contradict each other.
        """
        if not self.named:
            return self._chosen()
        if self._config.option.venue:
            self._refuse_contradiction(self._chosen())
        return self.named

    def _chosen(self) -> tuple[Path, ...]:
        names = ",".join(self._settings.venues)
        if names and not self.paths:
            places = " or ".join(map(str, self.directories))
            msg = f"--venue={names}: there is no spec file in {places}, expected one for each venue"
            raise UsageError(msg)
        return choose(self.paths, self._settings.venues)

    def _refuse_contradiction(self, chosen: tuple[Path, ...]) -> None:
        for path in self.named:
            if path not in chosen:
                names = ",".join(self._settings.venues)
                msg = f"--venue={names}: {path} is named too, expected one that --venue leaves. Name one of them only"
                raise UsageError(msg)

    @cached_property
    def known_venues(self) -> frozenset[str]:
        """Stems of all spec files."""
        return frozenset(path.stem for path in self.paths)

    def load(self, path: Path) -> LoadedVenue:
        """Return a spec, read once. Raises `SpecError`."""
        if path not in self._loaded:
            self._loaded[path] = load_venue(path, self._settings.root)
        return self._loaded[path]

    @cached_property
    def all_loaded(self) -> tuple[LoadedVenue, ...]:
        """All specs that this session reads, each read once. Raises one `SpecError` with the mistakes of all."""
        loaded = load_venues(self.wanted, self._settings.root)
        self._loaded |= {each.path: each for each in loaded}
        return loaded

    def loaded(self) -> Iterator[LoadedVenue]:
        """Yield the specs that were read so far."""
        yield from self._loaded.values()
