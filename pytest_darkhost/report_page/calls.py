"""
What was sent and when each part of it was over: the calls of a run, each once, however many checks read it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.report_page.check_rows import CheckRow
from pytest_darkhost.report_page.texts import mapping, name, number, objects, shown

PHASES = ("DNS", "TCP", "TLS", "send", "wait", "tokens", "end")
"""In their order. `wait` ends with the first token, or the first byte of what is no stream; `end` is what follows."""
MOST_CALLS = 40
"""Of one target."""
ARRIVALS = "arrivals_ms"
"""The figure that holds the offsets of tokens, by probe."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a call."""

    name: str
    start_ms: float
    end_ms: float

    @property
    def took_ms(self) -> float:
        """How long it took."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    name: str
    """`warm[2]`."""
    status: str
    """Of HTTP, or the kind of error."""
    phases: tuple[Phase, ...]
    """Those that happened; none where nothing is known of its times."""
    arrivals_ms: tuple[float, ...]
    tokens: str
    cost: str
    error: str

    @property
    def end_ms(self) -> float | None:
        """When it was over."""
        return self.phases[-1].end_ms if self.phases else None

    def took_ms(self, phase: str) -> float | None:
        """Return how long a phase took; `None` where it did not happen."""
        return next((each.took_ms for each in self.phases if each.name == phase), None)


@dataclass(frozen=True, slots=True)
class TargetCalls:
    """The calls of one target, or of a venue itself."""

    target: str
    calls: tuple[Call, ...]
    left_out: int


def calls_of(rows: Iterable[CheckRow]) -> tuple[TargetCalls, ...]:
    """Return all calls by target, in the order sent."""
    found: dict[str, Mapping[str, Any]] = {}
    arrivals: dict[str, tuple[float, ...]] = {}
    for row in rows:
        for probe in objects(row.data.get("probes")):
            found.setdefault(str(probe.get("probe")), probe)
        for probe_name, offsets in mapping(row.figures.get(ARRIVALS)).items():
            arrivals[probe_name] = tuple(_numbers(offsets))
    by_target: dict[str, list[Call]] = {}
    for probe_name, probe in sorted(found.items(), key=_started):
        target, _, call = probe_name.rpartition("/")
        by_target.setdefault(target, []).append(_call(call, probe, arrivals.get(probe_name, ())))
    return tuple(
        TargetCalls(name(target), tuple(calls[:MOST_CALLS]), max(0, len(calls) - MOST_CALLS))
        for target, calls in sorted(by_target.items(), key=_models_first)
    )


def _models_first(item: tuple[str, list[Call]]) -> tuple[bool, str]:
    return "/" not in item[0], item[0]


def _started(item: tuple[str, Mapping[str, Any]]) -> str:
    return str(item[1].get("started_at"))


def _numbers(values: Any) -> Iterator[float]:
    for value in values if isinstance(values, list) else ():
        if (found := number(value)) is not None:
            yield found


def _call(call: str, probe: Mapping[str, Any], arrivals_ms: tuple[float, ...]) -> Call:
    error = mapping(probe.get("error"))
    tokens = (
        number(probe.get(each)) for each in (semconv.GEN_AI_USAGE_INPUT_TOKENS, semconv.GEN_AI_USAGE_OUTPUT_TOKENS)
    )
    counts = [f"{each:.0f}" for each in tokens if each is not None]
    status = probe.get(semconv.HTTP_RESPONSE_STATUS_CODE)
    return Call(
        name=name(call),
        status=name(status if status is not None else probe.get(semconv.ERROR_TYPE) or "not sent"),
        phases=tuple(_phases(probe)),
        arrivals_ms=arrivals_ms,
        tokens=" + ".join(counts),
        cost=name(probe.get("cost_usd")),
        error=": ".join(filter(None, (name(probe.get(semconv.ERROR_TYPE)), shown(error.get("message"))))),
    )


def _phases(probe: Mapping[str, Any]) -> Iterator[Phase]:
    """Yield the parts between the offsets that are known. One that lies before another is taken to be at it."""
    stream = number(probe.get("first_token_ms")) is not None
    ends = {
        "DNS": "dns_ms",
        "TCP": "tcp_ms",
        "TLS": "tls_ms",
        "send": "request_sent_ms",
        "wait": "first_token_ms" if stream else "first_byte_ms",
        "tokens": "last_token_ms",
        "end": "end_ms",
    }
    known = [(phase, number(probe.get(key))) for phase, key in ends.items()]
    marks = [("", 0.0), *((phase, ms) for phase, ms in known if ms is not None)]
    reached = 0.0
    for (_, _), (phase, ms) in pairwise(marks):
        start, reached = reached, max(reached, ms)
        if reached > start:
            yield Phase(phase, start, reached)
