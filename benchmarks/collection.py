"""What it costs to collect 10,000 items from spec files, and to have the plugin installed where there is none."""

from collections.abc import Iterator
from operator import sub
from pathlib import Path

from benchmarks.commands import Command, interleaved, workplace
from benchmarks.figures import Figure
from benchmarks.projects import models_for, write_plain, write_specs

_ITEMS = 10_000
_GOAL = 1.15
_LISTING = ("--collect-only", "-q")
_EVERYTHING = (*_LISTING, "-m", "live or replay or parity")
"""Leaves no item out, so that every item is also printed."""


def collection(repeats: int) -> Iterator[Figure]:
    """Yield the figures: CPU seconds of whole commands, start-up included."""
    with workplace() as (directory, environment):
        sizes = _write(directory)

        def command(project: str, *arguments: str) -> Command:
            return Command(directory / project, arguments, environment)

        commands = {
            "plain": command("plain", *_LISTING),
            "plain, selected": command("plain", *_EVERYTHING),
            "one": command("one", *_LISTING),
            "one, selected": command("one", *_EVERYTHING),
            "twenty": command("twenty", *_LISTING),
            "twenty, selected": command("twenty", *_EVERYTHING),
            "tiny": command("tiny", *_LISTING),
            "no spec": command("single", *_LISTING),
            "no plugin": command("single", *_LISTING, "-p", "no:darkhost", "-o", "addopts="),
        }
        for name, each in commands.items():
            _expect(each.run(), sizes[each.directory.name], name, complete=each.arguments == _EVERYTHING)
        cpu = interleaved(repeats, {name: each.cpu_s for name, each in commands.items()})
    yield from _figures(cpu)


def _write(directory: Path) -> dict[str, int]:
    """Write the projects and return how many items each has, by name. The plain one has as many as the one file."""
    one = write_specs(directory / "one", files=1, models=models_for(_ITEMS, 1))
    twenty = write_specs(directory / "twenty", files=20, models=models_for(_ITEMS, 20))
    tiny = write_specs(directory / "tiny", files=1, models=1)
    write_plain(directory / "plain", one)
    write_plain(directory / "single", 1)
    return {"one": one, "twenty": twenty, "tiny": tiny, "plain": one, "single": 1}


def _expect(output: str, items: int, name: str, *, complete: bool) -> None:
    """
    Raise `RuntimeError` unless so many items were collected. This run also fills the byte code cache.

    :param complete: whether none of them may be left out.
    """
    summary = output.strip().splitlines()[-1]
    selected, _, counted = summary.split(" ", maxsplit=1)[0].rpartition("/")
    if counted != str(items) or (complete and selected):
        msg = f"{name}: {summary!r}, expected {items} items"
        raise RuntimeError(msg)


def _figures(cpu: dict[str, tuple[float, ...]]) -> Iterator[Figure]:
    def figure(what: str, name: str, yardstick: str, plain: str, goal: float | None = None) -> Figure:
        return Figure("collection", what, "CPU s", cpu[name], yardstick, cpu[plain], goal)

    plain = "as many by parametrize"
    yield figure("10,000 items of 1 file", "one", plain, "plain", _GOAL)
    yield figure("10,000 items of 20 files", "twenty", plain, "plain", _GOAL)
    yield figure("… of 1 file, all selected", "one, selected", plain, "plain, selected", _GOAL)
    yield figure("… of 20 files, all selected", "twenty, selected", plain, "plain, selected", _GOAL)
    yield Figure(
        "collection",
        "10,000 items of 1 file, less start-up",
        "CPU s",
        tuple(map(sub, cpu["one"], cpu["tiny"])),
        plain,
        tuple(map(sub, cpu["plain"], cpu["no spec"])),
    )
    yield figure("start-up, 1 model", "tiny", "start-up, no spec", "no spec")
    yield figure("start-up, no spec", "no spec", "without the plugin", "no plugin", 1.05)
