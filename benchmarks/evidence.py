"""What verifying a run costs beyond reading and hashing its report, and whether time and memory grow with the chain."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.commands import interleaved, workplace
from benchmarks.evidence_reports import real_report
from benchmarks.figures import Figure
from pytest_darkhost.evidence import envelope, report, statement, strict_json
from pytest_darkhost.evidence.keys import Signer
from pytest_darkhost.evidence.outcomes import outcomes_of
from pytest_darkhost.evidence.statement import Link
from pytest_darkhost.suite.compact import spelled
from pytest_darkhost.suite.shared_calls import share
from support import evidence as composed

_FEW, _MANY = 1_000, 10_000
_GOAL_MS = 1.0
_CALLS, _CHECKS = 12, 4
_CODE = "import sys; from pytest_darkhost.__main__ import main; sys.exit(main())"
_START = """
import os, sys
process = os.posix_spawn(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
)
_, status, usage = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""
"""Starts the command from a small process: its peak counts from what the process that started it has."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of one command."""

    cpu_s: float
    peak_mib: float


def evidence(repeats: int) -> Iterator[Figure]:
    """Yield the figures: CPU of `darkhost verify`, a process of its own, and its peak memory."""
    with workplace() as (directory, environment):
        key = composed.signer(directory)
        one, few, many, large, real = (directory / name for name in ("one", "few", "many", "large", "real"))
        _write(few, key, _FEW, _small)
        _write(many, key, _MANY, _small)
        _write(large, key, _FEW, _large)
        _write(real, key, _FEW, real_report(directory / "project", environment))
        costs: dict[Path, list[_Cost]] = {folder: [] for folder in (few, many, large, real)}
        _write(one, key, 1, _small)

        def verify(folder: Path) -> Callable[[], float]:
            return lambda: (costs[folder].append(_verified(folder, key)), costs[folder][-1].cpu_s)[1]

        measures = {folder.name: verify(folder) for folder in costs}
        measures["one"] = lambda: _verified(one, key).cpu_s
        reading = {f"{folder.name} reading": lambda folder=folder: _hashed(folder) for folder in costs}
        cpu = interleaved(repeats, measures | reading)
    yield from _figures(cpu)
    memory = tuple(cost.peak_mib for cost in costs[many]), tuple(cost.peak_mib for cost in costs[few])
    yield Figure("evidence", f"peak memory of verify, {_MANY} runs", "MiB", memory[0], f"{_FEW} runs", memory[1], 1.05)


def _figures(cpu: dict[str, tuple[float, ...]]) -> Iterator[Figure]:
    def per_run(name: str, runs: int) -> tuple[float, ...]:
        """Return milliseconds of one run more, beyond reading and hashing its report."""
        samples = zip(cpu[name], cpu[f"{name} reading"], cpu["one"], strict=True)
        return tuple((whole - reading - one) / (runs - 1) * 1000 for whole, reading, one in samples)

    few, many = per_run("few", _FEW), per_run("many", _MANY)
    yield Figure("evidence", f"verify one run of {_MANY}, 3 checks", "CPU ms", many, "goal", (_GOAL_MS,), 1.0)
    yield Figure("evidence", f"verify one run of {_MANY}, 3 checks", "CPU ms", many, f"of {_FEW}", few, 1.15)
    for name, size in (("large", f"{_CALLS * _CHECKS} checks"), ("real", "three targets as they are reported")):
        what = f"verify one run of {_FEW}, {size}"
        yield Figure("evidence", what, "CPU ms", per_run(name, _FEW), "goal", (_GOAL_MS,), 1.0)


def _small(number: int, at: datetime) -> dict[str, object]:
    return _shared(composed.report(number, at=at))


def _large(number: int, at: datetime) -> dict[str, object]:
    """Return the report of 48 checks that read 12 calls."""
    calls = [composed.probe(number, call, at) for call in range(_CALLS)]
    tests = [composed.passed(f"check_{n}", calls[n % _CALLS], calls[0], calls[1]) for n in range(_CALLS * _CHECKS)]
    return _shared(composed.report(number, tests, at, plan=composed.plan([test["nodeid"] for test in tests])))


def _shared(report: dict[str, object]) -> dict[str, object]:
    share(report)
    return report


def _write(folder: Path, key: Signer, runs: int, made: Callable[[int, datetime], dict[str, object]]) -> None:
    """Write a folder as so many runs would have, without waiting for the disk after each."""
    (folder / "reports").mkdir(parents=True)
    head, lines = statement.NOTHING_BEFORE, 0
    with (folder / "bundle.intoto.jsonl").open("wb") as bundle:

        def append(said: dict[str, object]) -> str:
            line = envelope.written(strict_json.dumps(said), [key])
            bundle.write(line + b"\n")
            return hashlib.sha256(line).hexdigest()

        for number in range(1, runs + 1):
            at = composed.START + timedelta(minutes=number)
            value = made(number, at)
            data = spelled(value)
            lines += 2
            head = append(statement.opening(value["darkhost"], Link(lines - 1, head, composed.text(at))))
            link = Link(lines, head, composed.text(at + timedelta(seconds=10)))
            found = report.parse(data, "report")
            name = statement.report_name(lines, found.run["run_id"])
            (folder / "reports" / name).write_bytes(data)
            outcomes = outcomes_of(found.items, found.run["plan"]["ids"])
            said = statement.closing(found, link, opened=head, outcomes=outcomes, unfit=())
            head = append(said)


def _verified(folder: Path, key: Signer) -> _Cost:
    return _cost_of("verify", str(folder), "--key", str(key.path.with_suffix(".pub")), "--json")


def _cost_of(*arguments: str) -> _Cost:
    line = [sys.executable, "-c", _START, sys.executable, "-c", _CODE, *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    exit_code, cpu_s, peak = done.stdout.split()
    if exit_code != "0":
        msg = f"darkhost {' '.join(arguments)}: exit code {exit_code}, expected 0\n{done.stderr}"
        raise RuntimeError(msg)
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return _Cost(float(cpu_s), float(peak) / scale)


def _hashed(folder: Path) -> float:
    """Return the CPU seconds of reading and hashing all reports."""
    before = time.process_time()
    for path in (folder / "reports").iterdir():
        hashlib.sha256(path.read_bytes()).hexdigest()
    return time.process_time() - before
