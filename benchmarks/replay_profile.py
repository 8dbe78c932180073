"""
`python -m benchmarks.replay_profile [TARGETS]`: where a replayed run spends its time, by cProfile, of both its threads.

A profile makes small functions dear, so that its seconds are shares and no figures: those are `replay`'s.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from cProfile import Profile
from pathlib import Path
from pstats import Stats

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT / "tests"))  # the stand-in venue is shared with the tests

import pytest  # noqa: E402

from benchmarks.commands import workplace  # noqa: E402
from benchmarks.replay import RUN, write  # noqa: E402
from pytest_darkhost.runner.replaying import Replayer  # noqa: E402

_SHOWN = 25


class _Profiled:
    """Profiles the thread that plays, from its start to its end."""

    def __init__(self) -> None:
        self.profile = Profile()
        self.serve = Replayer._serve

    def serving(self) -> Callable[[Replayer], None]:
        """Return what takes the place of `Replayer._serve`."""

        def serve(replayer: Replayer) -> None:
            self.profile.runcall(self.serve, replayer)

        return serve


def main() -> int:
    """Print the profiles; return pytest's exit code."""
    targets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with workplace() as (directory, environment):
        write(directory / "project", targets)
        os.environ |= environment
        os.chdir(directory / "project")
        played, tests = _Profiled(), Profile()
        Replayer._serve = played.serving()  # type: ignore[method-assign]
        code = tests.runcall(pytest.main, ["-p", "no:cacheprovider", *RUN])
        os.chdir(_ROOT)
    for title, profile in (("the tests' thread", tests), ("the thread that plays", played.profile)):
        print(f"\n{title}")
        print("\n".join(_lines(Stats(profile))))
    return int(code)


def _lines(stats: Stats) -> Iterator[str]:
    """Yield the functions that cost most: their own seconds, those with what they call, calls, and where they are."""
    rows = [(own, whole, calls, _place(*key)) for key, (_, calls, own, whole, _) in stats.stats.items()]  # type: ignore[attr-defined]
    yield f"{'own s':>8} {'with':>8} {'calls':>9}"
    for own, whole, calls, place in sorted(rows, reverse=True)[:_SHOWN]:
        yield f"{own:8.2f} {whole:8.2f} {calls:9d}  {place}"
    yield "  by what they call"
    for own, whole, calls, place in sorted(rows, key=lambda row: -row[1])[: 2 * _SHOWN]:
        yield f"{own:8.2f} {whole:8.2f} {calls:9d}  {place}"


def _place(file: str, line: int, name: str) -> str:
    return name if file == "~" else f"{'/'.join(Path(file).parts[-3:])}:{line} {name}"


if __name__ == "__main__":
    assert threading.current_thread() is threading.main_thread()
    sys.exit(main())
