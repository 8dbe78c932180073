"""
Files that configure a run, as in-toto resource descriptors: name and digest.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A file as it was when it was read."""

    name: str
    """Relative to the root directory where it lies below it."""
    sha256: str

    def record(self) -> dict[str, object]:
        """Return a JSON-safe object."""
        return {"name": self.name, "digest": {"sha256": self.sha256}}


def configuration_files(paths: Iterable[Path], root: Path) -> tuple[ConfigurationFile, ...]:
    """Return the files that are there, each once, by name."""
    found = {shown_name(path, root): path for path in paths if path.is_file()}
    return tuple(
        ConfigurationFile(name, hashlib.sha256(path.read_bytes()).hexdigest()) for name, path in sorted(found.items())
    )


def shown_name(path: Path, root: Path) -> str:
    """Return a path relative to a root, with slashes, where it lies below it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
