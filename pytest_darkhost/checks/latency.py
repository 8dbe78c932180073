"""
How long whole chats take: the first on a connection of its own, the following on the open one, and their ratio.

A streamed chat is as warm as another, and is one here where the spec plans no other. The two are never mixed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from pytest_darkhost.checks.availability import AN_ANSWER, Trouble, label, problem
from pytest_darkhost.checks.bounds import Bound, Sample, lag_on_last_byte, lost_of, rounded, within
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.streams import end_words, terminated
from pytest_darkhost.checks.target import budget_of, model_of, seen
from pytest_darkhost.checks.texts import count, number
from pytest_darkhost.observations import Observation
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, ReasonCode, Verdict

NOT_FRESH = "the connection was not fresh"
NOT_OPEN = "no warm chat went over an open connection"
_CLOSES = "the venue closes it after each answer. Leave warm_ms and cold_to_warm_ratio_max out: none can be warm there"


def _warm(case: Case) -> ProbeName:
    """Return the probe of the warm chats. `--darkhost-quick` makes an unstreamed one, whatever the spec plans."""
    streamed = model_of(case).streams_are_warm and not seen(case, ProbeName.WARM)
    return ProbeName.STREAM if streamed else ProbeName.WARM


def _told(verdict: Verdict, case: Case, probe: ProbeName, more: Mapping[str, JSON] | None = None) -> Verdict:
    """Return a verdict on warm chats that says which they were, and what to do where streams cannot be any."""
    streamed = probe is ProbeName.STREAM
    figures = {**verdict.figures, **(more or {}), "calls": "streams" if streamed else "chats"}
    verdict = replace(verdict, figures=figures)
    if not isinstance(verdict, NotJudged) or verdict.code != ReasonCode.TOO_FEW_SAMPLES:
        return verdict
    words = _why_not_warm(seen(case, probe), streamed=streamed)
    return replace(verdict, reason=f"{verdict.reason}: {words}") if words else verdict


def _why_not_warm(chats: Sequence[Observation], *, streamed: bool) -> str | None:
    """Return why chats were not warm, and what to do: streams are not where a venue closes after each of them."""
    own = sum(_on_connection(observation, fresh=True) for observation in chats)
    if streamed and own:
        return f"{count(own, 'stream')} had to open a connection. Set samples.warm for chats that are not streamed"
    return _CLOSES if own and own == len(chats) else None


def _unfinished(observation: Observation) -> Trouble | None:
    """Return why a call has no end that could be timed: it failed, or its stream was cut."""
    found = problem(observation)
    if found or observation.probe.name != ProbeName.STREAM or terminated(observation):
        return found
    return Failed(AN_ANSWER, end_words(observation))


def _on_connection(observation: Observation, *, fresh: bool) -> bool:
    connection = observation.exchange.connection if observation.exchange else None
    return connection is not None and connection.fresh is fresh


def _durations(case: Case, name: ProbeName, *, fresh: bool) -> list[tuple[Observation, float]]:
    """Return the good calls of a probe on a connection of this kind, with what they took in ms."""
    good = [o for o in seen(case, name) if _unfinished(o) is None and _on_connection(o, fresh=fresh)]
    return [(o, o.timeline.took_ms) for o in good if o.timeline.took_ms is not None]


def _chats(case: Case, name: ProbeName, bound: Bound, nothing: str) -> Verdict:
    allowed = bound.value or 0.0
    timed = _durations(case, name, fresh=name is ProbeName.COLD)
    samples = [Sample(ms, lag_on_last_byte(observation), allowed) for observation, ms in timed]
    calls = seen(case, name)
    lost = lost_of(calls, [observation for observation, _ in timed])
    return within(bound, calls, samples, _unfinished, nothing=nothing, names=(name,), lost=lost)


def _slow_on_own_connection(case: Case, budget_ms: float) -> str | None:
    """Return which warm chat that opened a connection of its own was too slow even without the set-up."""
    own = _durations(case, _warm(case), fresh=True)
    spans = [(o, ms - o.timeline.connected_ms) for o, ms in own]
    slow = [(o, ms) for o, ms in spans if ms > budget_ms and Sample(ms, lag_on_last_byte(o), budget_ms).usable]
    return f"{label(slow[0][0])}: {number(slow[0][1])} ms without the set-up of its connection" if slow else None


def latency_cold(case: Case) -> Verdict:
    """Return whether the first chat, with name resolution, TCP and TLS set-up, ends within `cold_ms`."""
    bound = Bound("the cold chat", "cold_ms", budget_of(case).cold_ms)
    return _chats(case, ProbeName.COLD, bound, NOT_FRESH)


def latency_warm(case: Case) -> Verdict:
    """
    Return whether the median chat on the open connection ends within `warm_ms`.

    A chat that had to open a connection of its own is no warm sample, and leaves too few. One that exceeds the budget
    even without that set-up fails.
    """
    probe = _warm(case)
    what = "median of the warm chats" + (", which are the streams," if probe is ProbeName.STREAM else "")
    bound = Bound(what, "warm_ms", budget_of(case).warm_ms)
    verdict = _chats(case, probe, bound, NOT_OPEN)
    verdict = _told(verdict, case, probe)
    slow = None if bound.value is None else _slow_on_own_connection(case, bound.value)
    if slow is None or isinstance(verdict, Failed):
        return verdict
    return Failed(bound.expected, slow, figures=verdict.figures)


def cold_to_warm(case: Case) -> Verdict:
    """Return whether the cold chat takes at most `cold_to_warm_ratio_max` times the median warm chat."""
    bound = Bound(
        "cold chat over the median warm chat",
        "cold_to_warm_ratio_max",
        budget_of(case).cold_to_warm_ratio_max,
        unit="times",
        figure="ratio_{}",
    )
    cold = _durations(case, ProbeName.COLD, fresh=True)
    probe = _warm(case)
    warm = [(o, ms) for o, ms in _durations(case, probe, fresh=False) if ms > 0]
    samples = [
        Sample(cold_ms / warm_ms, max(lag_on_last_byte(first), lag_on_last_byte(then)), warm_ms)
        for first, cold_ms in cold
        for then, warm_ms in warm
    ]
    names = (ProbeName.COLD, probe)
    calls = seen(case, *names)
    nothing = NOT_OPEN if cold else NOT_FRESH
    lost = lost_of(calls, [observation for observation, _ in (*cold, *warm)])
    verdict = within(bound, calls, samples, _unfinished, nothing=nothing, names=names, lost=lost)
    times = {"cold_ms": [ms for _, ms in cold], "warm_median_ms": [ms for _, ms in warm]}
    medians = {name: rounded(median(values)) for name, values in times.items() if values}
    return _told(verdict, case, probe, medians)
