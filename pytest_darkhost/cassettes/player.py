"""
Answers requests from one cassette, each interaction once, and knows which of them nobody asked for.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from vcr.cassette import Cassette
from vcr.request import Request

from pytest_darkhost.cassettes.matching import Asked, difference, nearest
from pytest_darkhost.observations import CassetteLabel, ErrorKind, Exchange, Mode, Phase, ProbeError
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.specs.resolution import with_template_port

_Key = TypeVar("_Key", bound=Hashable)


class Player:
    """Plays one cassette for one run. vcrpy's `Cassette` keeps the requests, and counts what was played."""

    def __init__(
        self, cassette: Cassette, label: CassetteLabel, exchanges: Sequence[Exchange], *, base_url: str, run_id: str
    ) -> None:
        self._cassette = cassette
        self._label = label
        self._exchanges = exchanges
        self._base_url = base_url
        self._run_id = run_id
        # The prompts of recorded requests carry the id of the run that recorded them.
        self._recorded = [self._asked(request, label.run_id) for request in cassette.requests]

    @property
    def mode(self) -> Mode:
        """How what it plays came about."""
        return Mode.COMPOSED if self._label.composed else Mode.REPLAY

    @property
    def label(self) -> CassetteLabel:
        """What the cassette says of itself, with what was not played so far."""
        return replace(self._label, unplayed=tuple(self._unplayed()))

    def play(self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Exchange:
        """Return the recorded exchange of a request; one with a `NOT_RECORDED` error where there is none left."""
        asked = self._asked(Request(method, url, body, dict(headers)), self._run_id)
        index = next((index for index in self._alike(asked) if not self._cassette.play_counts[index]), None)
        if index is None:
            return self._missing(asked, url, headers)
        self._cassette.play_counts[index] += 1
        return replace(self._exchanges[index], request_body=body)

    def _asked(self, request: Request, run_id: str) -> Asked:
        headers = tuple((name.lower(), _joined(value)) for name, value in request.headers.items())
        url = with_template_port(request.uri, self._base_url)
        return Asked(request.method, url, headers, request.body or b"", run_id)

    def _alike(self, asked: Asked) -> Iterator[int]:
        """Yield the places of the requests that are this one: to the letter, then in canonical form."""
        yield from self._exact.get(asked.exact, ())
        yield from self._canonical.get(asked.digest, ())

    @cached_property
    def _exact(self) -> dict[tuple[Any, ...], list[int]]:
        return _places(each.exact for each in self._recorded)

    @cached_property
    def _canonical(self) -> dict[str, list[int]]:
        # Worked out only where a request is not there to the letter, because it takes its time.
        return _places(each.digest for each in self._recorded)

    def _left(self) -> list[Asked]:
        return [each for index, each in enumerate(self._recorded) if not self._cassette.play_counts[index]]

    def _unplayed(self) -> Iterator[str]:
        return (f"{asked.shown} {_beginning(asked)}".strip() for asked in self._left())

    def _missing(self, asked: Asked, url: str, headers: tuple[tuple[str, str], ...]) -> Exchange:
        other = nearest(asked, self._left())
        differs = difference(asked, other) if other else "every recorded request was played already"
        message = f"{self._label.name}: no such request: {differs}, expected one that was recorded"
        return Exchange(
            method=asked.method,
            url=url,
            request_body=asked.body,
            request_headers=headers,
            started_at=self._label.recorded_at,
            mode=self.mode,
            error=ProbeError(ErrorKind.NOT_RECORDED, message, Phase.PLAN),
        )


def _places(keys: Iterable[_Key]) -> dict[_Key, list[int]]:
    places: dict[_Key, list[int]] = {}
    for index, key in enumerate(keys):
        places.setdefault(key, []).append(index)
    return places


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _beginning(asked: Asked) -> str:
    """Return what tells a request from others to the same URL: the first line of its prompt, which names the probe."""
    messages = asked.value.get("messages") if isinstance(asked.value, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else None
    content = first.get("content") if isinstance(first, dict) else None
    return one_line(repr(content.partition("\n")[0])) if isinstance(content, str) else ""
