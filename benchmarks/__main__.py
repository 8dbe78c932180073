"""
`python -m benchmarks [NAME …]`: measures, prints the table and writes `.darkhost/benchmarks.json`.

`python -m benchmarks plot [JSON …]` draws what such files hold.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_RESULTS = _ROOT / ".darkhost" / "benchmarks.json"
sys.path.insert(0, str(_ROOT / "tests"))  # the stand-in venue is shared with the tests

from benchmarks.figures import Figure, show  # noqa: E402

BENCHMARKS = (
    "collection",
    "evidence",
    "evidence_run",
    "migrations",
    "misjudgement",
    "peers",
    "probing",
    "replay",
    "replay_peers",
    "scale",
    "to_first_request",
    "ttft",
)
"""Modules, each with a function of its name. What a command needs of memory counts from what its parent has: none is
imported before it is run."""


def main() -> int:
    """Return 0 when everything was measured, whatever the figures: a benchmark is not a test."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios of the plugin's costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="samples of each figure (default: 5)")
    if sys.argv[1:2] == ["plot"]:
        return _plot([Path(name) for name in sys.argv[2:]] or [_RESULTS])
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown or arguments.repeat < 1:
        parser.error(f"{unknown or arguments.repeat}: expected names of {', '.join(BENCHMARKS)} and --repeat above 0")
    figures = [each for name in arguments.names or BENCHMARKS for each in _function(name)(arguments.repeat)]
    show(figures)
    print(f"written: {_write(figures).relative_to(_ROOT)}")
    return 0


def _function(name: str) -> Callable[[int], Iterable[Figure]]:
    function: Callable[[int], Iterable[Figure]] = getattr(import_module(f"benchmarks.{name}"), name)
    return function


def _write(figures: list[Figure]) -> Path:
    _RESULTS.parent.mkdir(exist_ok=True)
    data = {"machine": _machine(), "figures": [figure.as_json() for figure in figures]}
    _RESULTS.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return _RESULTS


def _plot(paths: list[Path]) -> int:
    from benchmarks.plots import plot

    for path in plot(paths):
        print(f"written: {path.relative_to(_ROOT)}")
    return 0


def _machine() -> dict[str, str | int | None]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "pytest": version("pytest"),
    }


if __name__ == "__main__":
    sys.exit(main())
