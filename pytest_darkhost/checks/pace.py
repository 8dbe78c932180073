"""
How fast streams bring their tokens: the first one, the time between two, and how many a second.

Tokens are those that the venue bills, not chunks: one event may carry several.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from pytest_darkhost.checks.bounds import Bound, Sample, lag_of, lag_on_first_token, lost_of, rounded, within
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.streams import stream_problem, terminated
from pytest_darkhost.checks.tail import with_tail
from pytest_darkhost.checks.target import budget_of, quirks_of, seen
from pytest_darkhost.checks.texts import number
from pytest_darkhost.dialects.venue_times import venue_times
from pytest_darkhost.observations import Observation, Usage
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.verdicts import JSON, NotJudged, ReasonCode, Verdict

_NAMES = (ProbeName.STREAM,)
_MOST_ARRIVALS = 80
"""Of one stream, in the report."""
_NOTHING_CAME = "no stream brought a token"
_NO_PACE = "no stream that came to its end gave a usage and two visible tokens at different times"


@dataclass(frozen=True, slots=True)
class Pace:
    """The decoding part of one stream."""

    observation: Observation
    steps: int
    """Tokens after the first."""
    span_ms: float
    """From the first token to the last."""


def _visible_tokens(observation: Observation, usage: Usage) -> int:
    """Return the billed output without reasoning that the venue did not stream: it came before the first token."""
    streamed = any(delta.reasoning for delta in observation.deltas)
    return usage.billed_output_tokens - (0 if streamed else usage.reasoning_tokens or 0)


def _pace(observation: Observation) -> Pace | None:
    first, last = observation.timeline.first_token_ms, observation.timeline.last_token_ms
    if observation.usage is None or first is None or last is None or not terminated(observation):
        return None
    steps = _visible_tokens(observation, observation.usage) - 1
    return Pace(observation, steps, last - first) if steps >= 1 and last > first else None


def _paces(case: Case) -> tuple[Pace, ...]:
    good = (o for o in seen(case, *_NAMES) if stream_problem(o) is None)
    return tuple(pace for pace in map(_pace, good) if pace is not None)


def _ended(calls: Sequence[Observation]) -> list[Observation]:
    """Return the streams that owe a sample: what was cut is reported by `stream_terminates`."""
    return [observation for observation in calls if terminated(observation)]


def _max_gap_ms(case: Case) -> dict[str, JSON]:
    gaps = [b.at_ms - a.at_ms for o in seen(case, *_NAMES) for a, b in pairwise(o.deltas)]
    return {"max_gap_ms": rounded(max(gaps))} if gaps else {}


def _arrivals_ms(case: Case) -> dict[str, JSON]:
    """Return the offsets of tokens in each stream, as those of its probe are; of many every second one, or fewer."""
    arrivals: dict[str, JSON] = {}
    for observation in seen(case, *_NAMES):
        offsets = [round(delta.at_ms, 1) for delta in observation.deltas]
        step = -(-len(offsets) // _MOST_ARRIVALS) or 1
        arrivals[observation.probe.id] = list(offsets[::step])
    return {"arrivals_ms": arrivals} if arrivals else {}


def _with(verdict: Verdict, figures: dict[str, JSON]) -> Verdict:
    return replace(verdict, figures={**verdict.figures, **figures})


def ttft(case: Case) -> Verdict:
    """
    Return whether the median time to the first token of any kind keeps `ttft_ms`, and the 95th percentile
    `ttft_p95_ms`, where there is one.

    Reasoning is a token, a bare role is none; the time begins when the request is on its way, so that neither the
    connection's set-up nor our own work is in it. The first token of the answer proper is given as a figure.
    """
    bound = Bound("median time to the first token", "ttft_ms", budget_of(case).ttft_ms)
    good = [o for o in seen(case, *_NAMES) if stream_problem(o) is None]
    started = [(o, o.timeline.ttft_ms) for o in good if o.timeline.ttft_ms is not None]
    samples = [Sample(ms, lag_on_first_token(o), bound.value or 0.0) for o, ms in started]
    calls = seen(case, *_NAMES)
    lost = lost_of(_ended(calls), [observation for observation, _ in started])
    verdict = within(bound, calls, samples, stream_problem, nothing=_NOTHING_CAME, names=_NAMES, lost=lost)
    usable = [sample.value for sample in samples if sample.usable]
    verdict = with_tail(verdict, usable, budget_of(case).ttft_p95_ms)
    verdict = _beside_the_venues_own(verdict, good)
    answers = [o.timeline.first_answer_ms for o in good if o.timeline.first_answer_ms is not None]
    return _with(verdict, {"first_answer_token_median_ms": rounded(median(answers))} if answers else {})


def _beside_the_venues_own(verdict: Verdict, streams: Sequence[Observation]) -> Verdict:
    """Return the verdict with the time that the venue itself counts before its first token, where it tells."""
    told = [(o.timeline.ttft_ms, venue_times(o.exchange)) for o in streams if o.exchange is not None]
    pairs = [(ms, times) for ms, times in told if ms is not None and times is not None]
    if not pairs:
        return verdict
    own_ms = median(times.to_first_token_ms for _, times in pairs)
    rest_ms = median(ms - times.to_first_token_ms for ms, times in pairs)
    queues = [times.queue_ms for _, times in pairs if times.queue_ms is not None]
    figures: dict[str, JSON] = {"venue_median_ms": rounded(own_ms), "outside_venue_median_ms": rounded(rest_ms)}
    figures |= {"venue_queue_median_ms": rounded(median(queues))} if queues else {}
    words = (
        f"{number(own_ms)} ms by {pairs[0][1].source}; {number(rest_ms)} ms are the network's, or a queue not counted"
    )
    return replace(_with(verdict, figures), context=(*verdict.context, ("the venue's own clock", words)))


def _judged(case: Case, bound: Bound, samples: list[Sample]) -> Verdict:
    if not quirks_of(case).stream_usage:
        return NotJudged(ReasonCode.NOT_APPLICABLE, "spec declares that streams carry no usage, so tokens are unknown")
    calls = seen(case, *_NAMES)
    lost = lost_of(_ended(calls), [pace.observation for pace in _paces(case)])
    verdict = within(bound, calls, samples, stream_problem, nothing=_NO_PACE, names=_NAMES, lost=lost)
    return _with(verdict, _max_gap_ms(case))


def inter_token_latency(case: Case) -> Verdict:
    """Return whether the median of (last token - first token) / (tokens - 1) keeps `inter_token_latency_ms`."""
    budget = budget_of(case).inter_token_latency_ms
    bound = Bound("median time between two tokens", "inter_token_latency_ms", budget)
    samples = [
        Sample(pace.span_ms / pace.steps, lag_of(pace.observation), (budget or 0.0) * pace.steps)
        for pace in _paces(case)
    ]
    return _with(_judged(case, bound, samples), _arrivals_ms(case))


def throughput(case: Case) -> Verdict:
    """Return whether the median of (tokens - 1) per second, from first token to last, is `tokens_per_second_min`."""
    budget = budget_of(case).tokens_per_second_min
    bound = Bound(
        "median decode throughput",
        "tokens_per_second_min",
        budget,
        unit="tokens/s",
        figure="tokens_per_second_{}",
        at_least=True,
    )
    samples = [
        Sample(
            1000 * pace.steps / pace.span_ms, lag_of(pace.observation), 1000 * pace.steps / budget if budget else 0.0
        )
        for pace in _paces(case)
    ]
    return _judged(case, bound, samples)
