"""Loopback venues that write by a clock, each a port of one server; and what keeps the cores busy meanwhile."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks.projects import INI, venue_mapping

ROOT = Path(__file__).resolve().parent.parent
"""Where modules of `benchmarks` are run as commands."""
_SPIN = "while True: pass"


@contextmanager
def burning(processes: int) -> Iterator[None]:
    """Keep so many cores busy, at the priority of everybody."""
    with ExitStack() as stack:
        for _ in range(processes):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", _SPIN]))
            stack.callback(process.kill)
        yield


@contextmanager
def serving(schedule: tuple[float, int, float], venues: int) -> Iterator[tuple[list[int], Callable[[], Any]]]:
    """Yield the ports of the venues, and a function that ends them and returns their log."""
    line = [sys.executable, "-m", "benchmarks.clocked_server", str(venues), *map(str, schedule)]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        ports, output = json.loads(server.stdout.readline()), server.stdout

        def ended() -> Any:
            assert server.stdin is not None
            server.stdin.close()
            return json.loads(output.readline())

        try:
            yield ports, ended
        finally:
            server.kill()


def write_project(
    directory: Path,
    ports: Sequence[int],
    *,
    streams: int,
    models: int = 1,
    capabilities: Sequence[str] = ("stream", "tools"),
) -> None:
    """Write a project of one spec for each port."""
    specs = directory / "venue_specs"
    specs.mkdir(parents=True)
    (directory / "pytest.ini").write_text(INI, encoding="utf-8")
    for number, port in enumerate(ports):
        venue = {**venue_mapping(f"venue-{number}", models), "base_url": f"http://127.0.0.1:{port}"}
        venue["defaults"] = {
            "samples": {"warm": 1, "stream": streams},
            "latency_budget": {"cold_ms": 60_000, "ttft_ms": 60_000},
        }
        for model in venue["models"]:
            model["capabilities"] = list(capabilities)
        (specs / f"venue-{number}.yaml").write_text(yaml.safe_dump(venue), encoding="utf-8")
