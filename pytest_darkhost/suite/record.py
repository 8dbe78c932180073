"""
The `darkhost` object of one test in the JSON report: what was judged, how, and from which observations.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite import carrier
from pytest_darkhost.suite.probe_record import cassette_record, probe_record
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.observations import Observation, Observations
    from pytest_darkhost.suite.items import CheckItem

PROPERTY = carrier.PROPERTY
_WEAKEST_FIRST = ("unseen", "composed", "replay", "live")
"""Values of `Mode`, from the one that proves least."""
CLOCKS = {
    "kernel": "kernel receive time (SO_TIMESTAMPNS)",
    "user": "perf_counter_ns at data_received",
}
"""Values of `Clock`, in words."""
_ENCODER = json.JSONEncoder(allow_nan=False)


def record(item: "CheckItem", verdict: Verdict) -> dict[str, JSON]:
    """Return the JSON-safe object of one judged item, from which `as_text` takes keys."""
    read = _read_by(item)
    data: dict[str, Any] = {
        "check": item.check.name,
        "verdict": _word(verdict),
        "reason_code": verdict.code if isinstance(verdict, NotJudged) else None,
        "source": item.source.value,
        "mode": _mode(item, read),
        "venue": item.loaded.spec.venue,
        "model": item.model.slug if item.model else None,
        "logical_slug": item.model.logical_slug if item.model else None,
        "spec": {"name": item.place, "digest": {"sha256": item.loaded.digest}},
        "expected": "" if isinstance(verdict, NotJudged) else verdict.expected,
        "actual": verdict.reason if isinstance(verdict, NotJudged) else verdict.actual,
        "context": dict(verdict.context),
        "figures": dict(verdict.figures),
        "clock": _clock(read),
        "uncertainty_ms": _uncertainty_ms(read),
        "cassette": cassette_record(item.observations.cassette),
        "probes": [probe_record(observation) for observation in read] if item.run_state.reports else [],
    }
    return data


def as_text(data: dict[str, JSON], redactor: Redactor) -> str:
    """Return the JSON text of an object, without keys. Raises `ValueError` for a number that JSON has not."""
    # To look for keys in one text is faster than to clean each of its parts. Escapes would hide them.
    if redactor.knows_keys and redactor.found_in(json.dumps(data, ensure_ascii=False)):
        data = redactor.clean(data)
    return _ENCODER.encode(data)


def _uncertainty_ms(read: "tuple[Observation, ...]") -> float | None:
    """Return the longest that our event loop was late while the samples were taken, to the microsecond."""
    lags = [observation.exchange.loop_lag_ms for observation in read if observation.exchange]
    return round(max(lags), 3) if lags else None


def _clock(read: "tuple[Observation, ...]") -> str | None:
    """Return who stamped what was read: the kernel where it stamped all of it. `None` where a cassette does not say."""
    clocks = {observation.exchange.clock for observation in read if observation.exchange}
    if not read or None in clocks:
        return None
    return CLOCKS["kernel" if set(map(str, clocks)) == {"kernel"} else "user"]


def own_test_record(
    item: pytest.Item, seen: "Observations", target: Target | None, *, source: Source, passed: bool
) -> dict[str, JSON]:
    """Return the object of a team's own test that read observations."""
    return {
        "check": item.name,
        "verdict": "passed" if passed else "failed",
        "reason_code": None,
        "source": source.value,
        "mode": weakest_mode(seen),
        "venue": target.venue.venue if target else None,
        "model": target.model.slug if target else None,
        "cassette": cassette_record(seen.cassette),
        "probes": [probe_record(observation) for observation in seen],
    }


def _word(verdict: Verdict) -> str:
    if isinstance(verdict, NotJudged):
        return "not_judged"
    return "failed" if isinstance(verdict, Failed) else "passed"


def _read_by(item: "CheckItem") -> "tuple[Observation, ...]":
    """Return the observations that the check read, in the order sent."""
    groups, needs = item.observations.by_probe.items(), item.check.needs_of(item.model)
    return tuple(observation for name, group in groups if name in needs for observation in group)


def _mode(item: "CheckItem", read: "tuple[Observation, ...]") -> str | None:
    """Return how the observations came about: the weakest of them, and nothing where none was made."""
    if item.source is Source.CATALOG:
        return "catalog"
    return weakest_mode(read)


def weakest_mode(observations: "Iterable[Observation]") -> str | None:
    """Return the mode that proves least of those seen, or `None` where nothing was."""
    modes = {observation.mode.value for observation in observations if observation.exchange}
    return next((mode for mode in _WEAKEST_FIRST if mode in modes), None)
