"""What a replayed check costs beyond an empty test, and whether that grows with the number of cassettes."""

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from benchmarks.commands import Command, interleaved, workplace
from benchmarks.figures import Figure
from benchmarks.projects import write_plain, write_specs
from pytest_darkhost.specs.loader import load_venue
from support.composing import compose
from support.loop_thread import LoopThread

_TARGETS = (1, 100, 1000)
_GOAL_MS = 1.0
RUN = ("-q", "-m", "replay")
_FIRST = b"composed-0000"
_RAN = frozenset({"passed", "skipped"})


def replay(repeats: int) -> Iterator[Figure]:
    """Yield the figures: CPU milliseconds of an item, over an empty test and the start-up of a session."""
    with workplace() as (directory, environment):
        items = {targets: write(directory / str(targets), targets) for targets in _TARGETS}
        for targets, count in items.items():
            write_plain(directory / f"plain-{targets}", count)
        places = [str(targets) for targets in _TARGETS] + [f"plain-{targets}" for targets in _TARGETS]
        commands = {name: Command(directory / name, _arguments(name), environment) for name in places}
        for name, command in commands.items():
            expect(command.run(), items[int(name.rpartition("-")[2])], name)
        cpu = interleaved(repeats, {name: command.cpu_s for name, command in commands.items()})
    yield from _figures(cpu, items)


def _arguments(name: str) -> tuple[str, ...]:
    return ("-q",) if name.startswith("plain") else RUN


def write(directory: Path, targets: int) -> int:
    """Write a project of one venue with cassettes for so many targets; return how many items are replayed."""
    items = write_specs(directory, files=1, models=targets, source="replay")
    loaded = load_venue(directory / "venue_specs" / "venue-0.yaml", directory)
    with LoopThread() as thread, patch("pytest_darkhost.transport.wire._SETTLE_S", 0):
        paths = list(compose(loaded, directory / "cassettes", thread, profile="openai-plain", first=1))
    data = paths[-1].read_bytes()
    for number in range(1, targets):
        name = f"composed-{number:04d}".encode()
        paths[-1].with_name(f"composed-{number:04d}-venue-0.yaml").write_bytes(data.replace(_FIRST, name))
    return items


def expect(output: str, items: int, name: str) -> None:
    """Raise `RuntimeError` unless so many items ran, and none failed."""
    counted = sum(int(number) for number, word in re.findall(r"(\d+) (\w+)", output.splitlines()[-1]) if word in _RAN)
    if counted != items:
        msg = f"{name}: {output.splitlines()[-1]!r}, expected {items} items that passed or were not judged"
        raise RuntimeError(msg)


def _figures(cpu: dict[str, tuple[float, ...]], items: dict[int, int]) -> Iterator[Figure]:
    one, few, many = _TARGETS

    def per_item(smaller: int, larger: int) -> tuple[float, ...]:
        """Return the milliseconds by which an item more costs more than an empty test more."""
        pairs = [(cpu[str(larger)], cpu[str(smaller)]), (cpu[f"plain-{larger}"], cpu[f"plain-{smaller}"])]
        replayed, plain = ([big - small for big, small in zip(*pair, strict=True)] for pair in pairs)
        more = items[larger] - items[smaller]
        return tuple((ours - theirs) / more * 1000 for ours, theirs in zip(replayed, plain, strict=True))

    first, later = per_item(one, few), per_item(few, many)
    yield Figure("replay", f"one item, to {few} targets, over an empty test", "CPU ms", first, "goal", (_GOAL_MS,), 1.0)
    yield Figure("replay", f"one item, to {many} targets", "CPU ms", later, "goal", (_GOAL_MS,), 1.0)
    yield Figure("replay", f"one item, to {many} targets", "CPU ms", later, f"to {few} targets", first, 1.15)
    start_up = tuple(ours - theirs for ours, theirs in zip(cpu[str(one)], cpu[f"plain-{one}"], strict=True))
    yield Figure("replay", "start-up with 1 target, beyond pytest's", "CPU s", start_up, "pytest", cpu[f"plain-{one}"])
