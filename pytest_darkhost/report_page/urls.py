"""
Base URLs three abreast: the spec's, the providers row's and the wire's, with what differs marked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from operator import eq

from pytest_darkhost.report_page.check_rows import CheckRow, Word

_CHECK = "base_url_parity"
_PLACES = ("spec", "providers", "on the wire")
_NOTE = " <- "
_RECORDED = "on the cassette"


@dataclass(frozen=True, slots=True)
class Named:
    """A URL that a place names, in three parts of which the middle one is not the spec's."""

    same: str
    other: str
    rest: str
    note: str

    @property
    def url(self) -> str:
        """The whole."""
        return f"{self.same}{self.other}{self.rest}"


@dataclass(frozen=True, slots=True)
class Abreast:
    """What three places name for some targets of a venue."""

    venue: str
    models: tuple[str, ...]
    named: tuple[Named, ...]
    word: Word


def abreast(rows: Iterable[CheckRow]) -> tuple[Abreast, ...]:
    """Return the URLs of each venue; targets of which all is the same share a row."""
    found: dict[tuple[str, tuple[str, ...], Word], list[str]] = {}
    for row in rows:
        if row.check == _CHECK and row.context:
            context = dict(row.context)
            context.setdefault(_PLACES[2], context.get(_RECORDED, ""))
            found.setdefault((row.venue, _texts(context), row.word), []).append(row.model)
    return tuple(
        Abreast(venue, tuple(models), tuple(_named(text, texts[0]) for text in texts), word)
        for (venue, texts, word), models in found.items()
    )


def _texts(context: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(context.get(place, "") for place in _PLACES)


def _named(text: str, spec: str) -> Named:
    """Return a URL in parts: what it begins with as the spec's does, what it ends with as that does, the rest."""
    url, _, note = text.partition(_NOTE)
    wanted = spec.partition(_NOTE)[0]
    if not url or url == wanted:
        return Named(url, "", "", note)
    same = url[: _alike(url, wanted)]
    end = _alike(url[len(same) :][::-1], wanted[len(same) :][::-1])
    rest = url[len(url) - end :]
    return Named(same, url[len(same) : len(url) - len(rest)], rest, note)


def _alike(first: str, second: str) -> int:
    """Return how many characters two texts begin with alike."""
    return sum(takewhile(bool, map(eq, first, second)))
