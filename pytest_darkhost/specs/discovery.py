"""
Which spec files there are, and which of them the user named. Nothing is opened or parsed.
"""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_darkhost.errors import ArgumentError, UsageError
from pytest_darkhost.near import hint

_SUFFIXES = frozenset({".yaml", ".yml"})
_MAGIC = frozenset("*?[")


def find_specs(directories: Iterable[Path]) -> tuple[Path, ...]:
    """
    Return the `*.yaml` and `*.yml` files right in the directories, sorted by stem, hidden ones left out.

    A directory that does not exist holds none. Raises `UsageError` where two files have one stem.
    """
    found: dict[str, Path] = {}
    for path in _candidates(directories):
        other = found.setdefault(path.stem, path)
        if other != path:
            msg = f"{path}: {other} has the same stem, expected one file per venue. Rename one of them"
            raise UsageError(msg)
    return tuple(found[stem] for stem in sorted(found))


def choose(paths: Iterable[Path], patterns: Sequence[str]) -> tuple[Path, ...]:
    """
    Return the files that `--venue` names, in the order of `paths`; all of them where nothing is named.

    A pattern is a stem, a glob on the stem, or several of both with commas. Raises `ArgumentError` with the near and
    all known names where one matches nothing.
    """
    known = {path.stem: path for path in paths}
    names = [name for pattern in patterns for part in pattern.split(",") if (name := part.strip())]
    if patterns and not names:
        msg = f"--venue: the value is empty, expected {_one_of(known)}"
        raise ArgumentError(msg)
    chosen = {stem for name in names for stem in _matching(name, known)}
    return tuple(path for stem, path in known.items() if not patterns or stem in chosen)


def _candidates(directories: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once, even where a directory is given twice."""
    unique = {directory.resolve(): directory for directory in directories if directory.is_dir()}
    for directory in unique.values():
        yield from sorted(p for p in directory.iterdir() if p.suffix in _SUFFIXES and not p.name.startswith("."))


def _matching(name: str, known: Iterable[str]) -> list[str]:
    stems = list(known)
    found = [name] if name in stems else [stem for stem in stems if fnmatchcase(stem, name)]
    if found:
        return found
    near = "" if _MAGIC & set(name) else _near(name, stems)
    what = "matches no venue" if _MAGIC & set(name) else "is no known venue"
    msg = f"--venue={name}: {name!r} {what}, expected {_one_of(stems)}{near}"
    raise ArgumentError(msg)


def _near(name: str, stems: list[str]) -> str:
    # Who types a file gets its stem.
    return hint(Path(name).stem if Path(name).suffix in _SUFFIXES else name, stems)


def _one_of(stems: Iterable[str]) -> str:
    names = ", ".join(sorted(stems))
    return f"one of {names}" if names else "a spec file: there is none"
