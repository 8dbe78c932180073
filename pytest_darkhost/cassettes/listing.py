"""
What all cassettes of a directory say of themselves, as the command `darkhost cassettes` shows it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from pytest_darkhost.cassettes.names import SUFFIX
from pytest_darkhost.cassettes.reading import read_label
from pytest_darkhost.cassettes.storage import EXPECTED
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import CassetteLabel
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.specs.loader import LoadedVenue

_COLUMNS = ("cassette", "origin", "recorded", "age", "run", "base URL", "version", "spec")
_SHOWN_ID = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """One file: what it says of itself, or why it cannot be read."""

    name: str
    label: CassetteLabel | None
    problem: str = ""


def listed(directory: Path) -> tuple[Listed, ...]:
    """Return all cassettes below a directory, in the order of their names. Unreadable ones are among them."""
    found = sorted(directory.glob(f"*/*{SUFFIX}"))
    return tuple(_read(path, one_line(path.relative_to(directory).as_posix())) for path in found)


def _read(path: Path, name: str) -> Listed:
    try:
        return Listed(name, read_label(path, name))
    except CassetteError as error:
        return Listed(name, None, str(error))
    except FileNotFoundError:
        return Listed(name, None, f"{name}: a link to no file, expected {EXPECTED}")


def table_of(cassettes: Iterable[Listed], venues: Iterable[LoadedVenue], now: datetime) -> Table:
    """Return the labels as a table. `spec` says whether the venue's spec is still the one that was recorded with."""
    digests = {loaded.spec.venue: loaded.digest for loaded in venues}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        table.add_column(column, no_wrap=True)
    for each in cassettes:
        if each.label is not None:
            # Texts, so that nothing in a file is read as rich's markup.
            table.add_row(Text(each.name), *map(Text, _cells(each.label, digests, now)))
    return table


def _cells(label: CassetteLabel, digests: dict[str, str], now: datetime) -> Iterator[str]:
    yield "composed" if label.composed else "recorded"
    yield label.recorded_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    days = max(0, (now - label.recorded_at).days)
    yield "1 day" if days == 1 else f"{days} days"
    yield label.run_id[:_SHOWN_ID]
    yield label.base_url
    yield label.version
    digest = digests.get(label.venue)
    yield "none" if digest is None else "same" if digest == label.spec_sha256 else "changed since"
