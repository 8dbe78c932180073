"""
How true the times of a live run are: 18 loopback venues at once, against the servers' own log of what they wrote.

The plugin is measured as a whole command, `pytest -m live`; the yardsticks are other clients in processes of their own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.clocked_venues import ROOT, burning, serving, write_project
from benchmarks.commands import workplace
from benchmarks.figures import Figure
from pytest_darkhost.checks.bounds import FREE_LAG_MS

_VENUES = 18
_CALLS = 3
SCHEDULES = {"50 ms, then 10 ms a token": (50.0, 50, 10.0), "20 ms, then 2 ms a token": (20.0, 100, 2.0)}
_YARDSTICKS = ("socket", "httpx", "openai")


@dataclass(slots=True)
class Errors:
    """What a client said, less what the server wrote, in ms."""

    ttft_ms: list[float] = field(default_factory=list)
    unmarked_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    """Of the first call to each venue."""
    inter_token_ms: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Ran:
    """One run of the command."""

    errors: Errors
    to_first_request_s: float
    wall_s: float
    """From the first request to the last token, as the servers saw it."""
    slowest_s: float
    """What the slowest venue needed by itself: the sum of its calls."""
    peak_mb: float
    not_complete: int
    busy: int
    """Verdicts that were `client_busy`."""


def ttft(repeats: int) -> Iterator[Figure]:
    """Yield the figures for each schedule, on a machine as it is and with all cores busy."""
    for title, schedule in SCHEDULES.items():
        for busy in (False, True):
            with workplace() as (directory, environment), burning(os.cpu_count() or 1 if busy else 0):
                _run(directory / "first", environment, schedule)  # fills the byte code cache
                rounds = [_round(directory / str(number), environment, schedule) for number in range(repeats)]
            yield from _figures(f"{title}{', cores busy' if busy else ''}", rounds)


def _round(
    directory: Path, environment: Mapping[str, str], schedule: tuple[float, int, float]
) -> tuple[Ran, dict[str, Errors]]:
    ran = _run(directory, environment, schedule)
    return ran, {name: _yardstick(name, environment, schedule) for name in _YARDSTICKS}


def _run(directory: Path, environment: Mapping[str, str], schedule: tuple[float, int, float]) -> Ran:
    with serving(schedule, _VENUES) as (ports, ended):
        write_project(directory, ports, streams=_CALLS)
        line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-m", "live"]
        line += ["-k", "latency_cold or ttft or stream_terminates", "--json-report-file=report.json"]
        started_ns = time.perf_counter_ns()
        with subprocess.Popen(line, cwd=directory, env=dict(environment), stdout=subprocess.DEVNULL) as process:
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        log = ended()["log"]
    report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    probes = _probes(report)
    arrivals = [each["arrived_ns"] for each in log]
    last_ns = max(max(each["tokens_ns"]) for each in log)
    return Ran(
        _compared(probes, log, ports),
        (min(arrivals) - started_ns) / 1e9,
        (last_ns - min(arrivals)) / 1e9,
        max(_own_s(log, port) for port in ports),
        usage.ru_maxrss / 1024,
        sum(probe["stream_end"] not in {"complete", None} for probe in probes.values()),
        sum(
            test.get("metadata", {}).get("darkhost", {}).get("reason_code") == "client_busy" for test in report["tests"]
        ),
    )


def _probes(report: Any) -> dict[str, Any]:
    """Return what was seen of each probe, by its id."""
    probes: dict[str, Any] = report["darkhost"]["probes"]
    return probes


def _compared(probes: Mapping[str, Any], log: Sequence[Any], ports: Sequence[int]) -> Errors:
    true = {(each["port"], each["prompt"].rsplit("-", 2)[-2], each["prompt"].rsplit("-", 1)[-1]): each for each in log}
    errors = Errors()
    for name, probe in probes.items():
        venue, _, call = name.split("/")
        kind, _, sample = call.rstrip("]").partition("[")
        served = true[ports[int(venue.rpartition("-")[2])], kind, f"{sample}."]
        truth_ms = (served["tokens_ns"][0] - served["arrived_ns"]) / 1e6
        if kind == "cold":
            errors.first_ms.append(probe["end_ms"] - probe["request_sent_ms"] + probe["tcp_ms"] - truth_ms)
            continue
        error_ms = probe["first_token_ms"] - probe["request_sent_ms"] - truth_ms
        errors.ttft_ms.append(abs(error_ms))
        if probe["loop_lag_ms"] <= FREE_LAG_MS:
            errors.unmarked_ms.append(abs(error_ms))
        span_ms = probe["last_token_ms"] - probe["first_token_ms"]
        errors.inter_token_ms.append(abs(_inter_token_error_ms(span_ms, served)))
    return errors


def _inter_token_error_ms(span_ms: float, served: Any) -> float:
    written = served["tokens_ns"]
    return float((span_ms - (written[-1] - written[0]) / 1e6) / (len(written) - 1))


def _own_s(log: Sequence[Any], port: int) -> float:
    calls = [each for each in log if each["port"] == port]
    return float(sum(each["tokens_ns"][-1] - each["arrived_ns"] for each in calls) / 1e9)


def _yardstick(name: str, environment: Mapping[str, str], schedule: tuple[float, int, float]) -> Errors:
    with serving(schedule, _VENUES) as (ports, ended):
        line = [sys.executable, "-m", "benchmarks.stream_clients", name, str(_CALLS + 1), *map(str, ports)]
        done = subprocess.run(line, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=True)
        true = {each["prompt"]: each for each in ended()["log"]}
    errors = Errors()
    for call in json.loads(done.stdout):
        served = true[call["prompt"]]
        error_ms = call["ttft_ms"] - (served["tokens_ns"][0] - served["arrived_ns"]) / 1e6
        (errors.first_ms if call["prompt"].endswith("-0") else errors.ttft_ms).append(error_ms)
        errors.inter_token_ms.append(abs(_inter_token_error_ms(call["span_ms"], served)))
    return errors


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile, interpolated."""
    return quantiles(values, n=20, method="inclusive")[-1]


def _figures(title: str, rounds: Sequence[tuple[Ran, dict[str, Errors]]]) -> Iterator[Figure]:
    def figure(what: str, unit: str, value: Callable[[Ran], float], must: float, yardstick: str = "must") -> Figure:
        samples = tuple(value(ran) for ran, _ in rounds)
        return Figure("ttft", f"{title}: {what}", unit, samples, yardstick, (must,), 1.0)

    def beside(what: str, name: str, value: Callable[[Errors], float]) -> Figure:
        ours = tuple(value(ran.errors) for ran, _ in rounds)
        theirs = tuple(value(others[name]) for _, others in rounds)
        return Figure("ttft", f"{title}: {what}", "ms", ours, name, theirs)

    yield figure("error of TTFT, median", "ms", lambda ran: median(ran.errors.ttft_ms), 1.0)
    yield figure("error of TTFT, p95", "ms", lambda ran: p95(ran.errors.ttft_ms), 5.0)
    yield figure("largest error of TTFT not marked", "ms", lambda ran: max(ran.errors.unmarked_ms, default=0.0), 10.0)
    yield figure("bias of the first call", "ms", lambda ran: median(ran.errors.first_ms), 3.0)
    yield figure("error of the inter-token latency, median", "ms", lambda ran: median(ran.errors.inter_token_ms), 0.1)
    for name in _YARDSTICKS:
        yield beside("error of TTFT, median", name, lambda errors: median(errors.ttft_ms))
        yield beside("error of TTFT, p95", name, lambda errors: p95(errors.ttft_ms))
        yield beside("bias of the first call", name, lambda errors: median(errors.first_ms))
    yield figure("wall over the slowest venue's own", "times", lambda ran: ran.wall_s / ran.slowest_s, 1.15)
    yield figure("command to first request", "s", lambda ran: ran.to_first_request_s, 1.5)
    yield figure("peak memory", "MB", lambda ran: ran.peak_mb, 150.0)
    yield figure("verdicts that our own lag spoiled", "of 36", lambda ran: float(ran.busy), 1.0)
    yield figure("streams not seen complete", "of 54", lambda ran: float(ran.not_complete), 1.0)
