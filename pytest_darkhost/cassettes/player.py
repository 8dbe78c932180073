"""
Answers requests from one cassette, each interaction once, and knows which of them nobody asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vcr.cassette import Cassette
from vcr.request import Request

from pytest_darkhost.cassettes.matching import Asked, difference, nearest
from pytest_darkhost.cassettes.texts import one_line
from pytest_darkhost.observations import CassetteLabel, ErrorKind, Exchange, Mode, Phase, ProbeError
from pytest_darkhost.specs.resolution import with_template_port


class Comparison:
    """What vcrpy asks whether two requests are one. Each recorded request is read once."""

    def __init__(self, base_url: str, run_id: str) -> None:
        self._base_url = base_url
        self._run_id = run_id
        self._known: dict[int, Asked] = {}

    def knows(self, cassette: Cassette, run_id: str) -> None:
        """Take note of the recorded requests, whose prompts carry another run's id."""
        self._known = {id(request): self._asked(request, run_id) for request in cassette.requests}

    def asked(self, request: Request) -> Asked:
        """Return a request as it is compared."""
        return self._known.get(id(request)) or self._asked(request, self._run_id)

    def __call__(self, asked: Request, recorded: Request) -> bool:
        """Return whether they are one request."""
        return self.asked(asked).digest == self.asked(recorded).digest

    @property
    def __name__(self) -> str:
        """The name of the matcher, as vcrpy wants one."""
        return "method, URL, headers and body"

    def _asked(self, request: Request, run_id: str) -> Asked:
        headers = tuple((name.lower(), _joined(value)) for name, value in request.headers.items())
        url = with_template_port(request.uri, self._base_url)
        return Asked(request.method, url, headers, request.body or b"", run_id)


class Player:
    """Plays one cassette for one target."""

    def __init__(
        self, cassette: Cassette, comparison: Comparison, label: CassetteLabel, exchanges: Sequence[Exchange]
    ) -> None:
        self._cassette = cassette
        self._comparison = comparison
        self._label = label
        pairs = zip(cassette.responses, exchanges, strict=True)
        self._exchanges = {id(response): exchange for response, exchange in pairs}
        comparison.knows(cassette, label.run_id)

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
        request = Request(method, url, body, dict(headers))
        if not self._cassette.can_play_response_for(request):
            return self._missing(request, headers)
        recorded = self._exchanges[id(self._cassette.play_response(request))]
        return replace(recorded, request_body=body)

    def _unplayed(self) -> Iterator[str]:
        for index, request in enumerate(self._cassette.requests):
            if not self._cassette.play_counts[index]:
                asked = self._comparison.asked(request)
                yield f"{asked.shown} {_beginning(asked)}".strip()

    def _missing(self, request: Request, headers: tuple[tuple[str, str], ...]) -> Exchange:
        asked = self._comparison.asked(request)
        counts = self._cassette.play_counts
        left = [r for index, r in enumerate(self._cassette.requests) if not counts[index]]
        other = nearest(asked, map(self._comparison.asked, left))
        differs = difference(asked, other) if other else "every recorded request was played already"
        message = f"{self._label.name}: no such request: {differs}, expected one that was recorded"
        return Exchange(
            method=request.method,
            url=request.uri,
            request_body=request.body or b"",
            request_headers=headers,
            started_at=self._label.recorded_at,
            mode=self.mode,
            error=ProbeError(ErrorKind.NOT_RECORDED, message, Phase.PLAN),
        )


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _beginning(asked: Asked) -> str:
    """Return what tells a request from others to the same URL: the model and the prompt's first words."""
    value = asked.value if isinstance(asked.value, dict) else {}
    return " ".join(one_line(repr(value[name])) for name in ("model", "stream") if name in value)
