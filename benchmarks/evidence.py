"""What verifying a run costs beyond reading and hashing its report, and whether time and memory grow with the chain."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.commands import interleaved, workplace
from benchmarks.figures import Figure
from pytest_darkhost.evidence import envelope, report, statement, strict_json
from pytest_darkhost.evidence.keys import Signer
from pytest_darkhost.evidence.outcomes import outcomes_of
from pytest_darkhost.evidence.statement import Link
from support import evidence as composed

_FEW, _MANY = 1_000, 10_000
_GOAL_MS = 1.0
_CALLS, _CHECKS = 12, 4
"""Of a run as large as that of three targets."""
_CODE = "import sys; from pytest_darkhost.__main__ import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of one command."""

    cpu_s: float
    peak_mib: float


def evidence(repeats: int) -> Iterator[Figure]:
    """Yield the figures: CPU of `darkhost verify`, a process of its own, and its peak memory."""
    with workplace() as (directory, _):
        key = composed.signer(directory)
        few, many, large = directory / "few", directory / "many", directory / "large"
        _write(few, key, _FEW, _small)
        _write(many, key, _MANY, _small)
        _write(large, key, _FEW, _large)
        costs: dict[Path, list[_Cost]] = {folder: [] for folder in (few, many, large)}

        def verify(folder: Path) -> Callable[[], float]:
            return lambda: (costs[folder].append(_verified(folder, key)), costs[folder][-1].cpu_s)[1]

        measures = {folder.name: verify(folder) for folder in costs}
        reading = {f"{folder.name} reading": lambda folder=folder: _hashed(folder) for folder in costs}
        cpu = interleaved(repeats, measures | reading)
        start_up = _cpu_of("--version").cpu_s
    yield from _figures(cpu, start_up)
    memory = tuple(cost.peak_mib for cost in costs[many]), tuple(cost.peak_mib for cost in costs[few])
    yield Figure("evidence", f"peak memory of verify, {_MANY} runs", "MiB", memory[0], f"{_FEW} runs", memory[1], 1.05)


def _figures(cpu: dict[str, tuple[float, ...]], start_up: float) -> Iterator[Figure]:
    def per_run(name: str, runs: int) -> tuple[float, ...]:
        """Return milliseconds beyond start-up, and beyond reading and hashing the reports."""
        pairs = zip(cpu[name], cpu[f"{name} reading"], strict=True)
        return tuple((whole - reading - start_up) / runs * 1000 for whole, reading in pairs)

    few, many, large = per_run("few", _FEW), per_run("many", _MANY), per_run("large", _FEW)
    yield Figure("evidence", f"verify one run of {_MANY}, 3 checks", "CPU ms", many, "goal", (_GOAL_MS,), 1.0)
    yield Figure("evidence", f"verify one run of {_MANY}, 3 checks", "CPU ms", many, f"of {_FEW}", few, 1.15)
    size = _CALLS * _CHECKS
    yield Figure("evidence", f"verify one run of {_FEW}, {size} checks", "CPU ms", large, "goal", (_GOAL_MS,), 1.0)


def _small(number: int, at: datetime) -> dict[str, object]:
    return composed.report(number, at=at)


def _large(number: int, at: datetime) -> dict[str, object]:
    """Return the report of 48 checks that read 12 calls."""
    calls = [composed.probe(number, call, at) for call in range(_CALLS)]
    tests = [composed.passed(f"check_{n}", calls[n % _CALLS], calls[0], calls[1]) for n in range(_CALLS * _CHECKS)]
    return composed.report(number, tests, at, plan=composed.plan([test["nodeid"] for test in tests]))


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
            data = json.dumps(value).encode()
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
    return _cpu_of("verify", str(folder), "--key", str(key.path.with_suffix(".pub")), "--json")


def _cpu_of(*arguments: str) -> _Cost:
    process = subprocess.Popen([sys.executable, "-c", _CODE, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"darkhost {' '.join(arguments)}: exit code {process.returncode}, expected 0"
        raise RuntimeError(msg)
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return _Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def _hashed(folder: Path) -> float:
    """Return the CPU seconds of reading and hashing all reports."""
    before = time.process_time()
    for path in (folder / "reports").iterdir():
        hashlib.sha256(path.read_bytes()).hexdigest()
    return time.process_time() - before
