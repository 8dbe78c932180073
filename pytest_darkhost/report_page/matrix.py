"""
Verdicts as tables: of each venue its checks by its models.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_darkhost.report_page.check_rows import CheckRow, Word


@dataclass(frozen=True, slots=True)
class Cell:
    """One verdict, and where more is said of it."""

    word: Word
    anchor: str
    """The id of the row that says all of it."""
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One check over all models of a venue; `None` where it was not planned."""

    check: str
    cells: tuple[Cell | None, ...]
    """By model; of a check of the venue itself just one."""
    of_venue: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """One venue."""

    venue: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """A check with the id of its row."""

    anchor: str
    row: CheckRow


def anchored(rows: Sequence[CheckRow], prefix: str) -> tuple[Detail, ...]:
    """Return checks with ids that no stranger chose."""
    return tuple(Detail(f"{prefix}-c{number}", row) for number, row in enumerate(rows, 1))


def matrices(details: Iterable[Detail]) -> tuple[Matrix, ...]:
    """Return a table for each venue."""
    by_venue: dict[str, list[Detail]] = {}
    for each in details:
        by_venue.setdefault(each.row.venue, []).append(each)
    return tuple(_matrix(venue, found) for venue, found in sorted(by_venue.items()))


def _matrix(venue: str, details: Sequence[Detail]) -> Matrix:
    models = sorted({each.row.model for each in details if each.row.model})
    several = len({each.row.source for each in details}) > 1
    lines: dict[tuple[str, bool], dict[str, Detail]] = {}
    for each in details:
        key = _label(each.row, several=several), not each.row.model
        lines.setdefault(key, {}).setdefault(each.row.model, each)
    return Matrix(venue, tuple(models), tuple(_line(*key, found, models) for key, found in lines.items()))


def _label(row: CheckRow, *, several: bool) -> str:
    return f"{row.check} [{row.source}]" if several and row.source else row.check


def _line(check: str, of_venue: bool, found: dict[str, Detail], models: Sequence[str]) -> Line:  # noqa: FBT001
    columns = [""] if of_venue else models
    return Line(check, tuple(_cell(found[model]) if model in found else None for model in columns), of_venue)


def _cell(detail: Detail) -> Cell:
    return Cell(detail.row.word, detail.anchor, detail.row.reason)
