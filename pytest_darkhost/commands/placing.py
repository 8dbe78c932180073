"""
Files put in place: all of them or none, and none overwritten.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.errors import UsageError

_SUFFIX = ".darkhost-new"


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it is to be."""

    path: Path
    text: str
    before: str | None = None
    """What stands there now; `None`: nothing, and then nothing may stand there."""


def read_text(path: Path) -> str | None:
    """
    Return a file's text with its line ends as they are, or `None` where there is no file.

    :raises UsageError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        msg = f"{path}: not UTF-8, expected a text file"
        raise UsageError(msg) from None
    except OSError as error:
        msg = f"{path}: {error.strerror}, expected a file that can be read"
        raise UsageError(msg) from None


def place(drafts: Iterable[Draft]) -> None:
    """
    Write all files, or none.

    :raises UsageError: a place cannot be written, or holds something else than the draft was made from.
    """
    wanted = tuple(drafts)
    with _beside(wanted) as pairs:
        done: list[Draft] = []
        try:
            for draft, file in pairs:
                _put(draft, file)
                done.append(draft)
        except BaseException:  # an interrupt, too, leaves nothing half done
            for draft in reversed(done):
                _take_back(draft)
            raise


@contextmanager
def _beside(drafts: Iterable[Draft]) -> Iterator[list[tuple[Draft, Path]]]:
    """Yield the drafts with files that hold their texts, each in the directory where it is to go."""
    pairs: list[tuple[Draft, Path]] = []
    made: list[Path] = []
    try:
        for draft in drafts:
            target = draft.path.resolve()
            made += _directories(target.parent)
            file = target.with_name(f".{target.name}{_SUFFIX}")
            pairs.append((draft, file))
            with file.open("w", encoding="utf-8", newline="") as out:
                out.write(draft.text)
        yield pairs
    except OSError as error:
        msg = (
            f"{pairs[-1][0].path if pairs else error.filename}: {error.strerror}, expected a place that can be written"
        )
        raise UsageError(msg) from None
    finally:
        for _, file in pairs:
            file.unlink(missing_ok=True)
        for directory in reversed(made):
            if not any(directory.iterdir()):
                directory.rmdir()


def _directories(directory: Path) -> list[Path]:
    """Return the directories that were made so that this one exists, outermost first."""
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _put(draft: Draft, file: Path) -> None:
    target = draft.path.resolve()
    if read_text(target) != draft.before:
        is_new = draft.before is None
        what = (
            "the file is there already, expected none" if is_new else "it was changed meanwhile, expected it as it was"
        )
        msg = f"{draft.path}: {what}. Nothing was written"
        raise UsageError(msg)
    try:
        if draft.before is not None:
            shutil.copymode(target, file)
        os.replace(file, target)  # noqa: PTH105 - the whole of it or nothing, on every system
    except OSError as error:
        msg = f"{draft.path}: {error.strerror}, expected a place that can be written. Nothing was written"
        raise UsageError(msg) from None


def _take_back(draft: Draft) -> None:
    if draft.before is None:
        draft.path.unlink(missing_ok=True)
    else:
        with draft.path.open("w", encoding="utf-8", newline="") as out:
            out.write(draft.before)
