"""
`python -m benchmarks plot [JSON …]`: small SVGs of what was measured, for the docs. It measures nothing.

Vega-Lite by vl-convert, of the extra `html`: no browser, no network. The same figures give the same file.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

_ROOT = Path(__file__).resolve().parent.parent
_IMAGES = _ROOT / "docs" / "images"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_SMALLEST_MS = 0.001
_QUIET, _BUSY = "quiet machine", "both cores busy"
_CLIENTS = {"socket": "a socket, threads", "httpx": "httpx", "openai": "OpenAI SDK"}
_PEERS = {"aiperf": "AIPerf", "guidellm": "GuideLLM"}
_OURS = "pytest-darkhost"
_WRONG = re.compile(r"(?P<kind>.*), n=(?P<n>\d+)(?:, the default)?: wrong verdicts")

Row: TypeAlias = dict[str, Any]


def plot(paths: Iterable[Path]) -> Iterator[Path]:
    """Write what the figures of these files can show; yield the paths of the images."""
    import vl_convert

    figures = [each for path in paths for each in json.loads(path.read_text(encoding="utf-8"))["figures"]]
    _IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (rows_of, chart) in _PLOTS.items():
        rows = list(rows_of(figures))
        if rows:
            path = _IMAGES / f"{name}.svg"
            path.write_text(vl_convert.vegalite_to_svg(chart(rows)) + "\n", encoding="utf-8")
            yield path


def _errors(figures: Iterable[Row]) -> Iterator[Row]:
    """Yield the median errors of the first token, ours once and those of each other client."""
    seen: dict[tuple[str, str], float] = {}
    for each in figures:
        title, _, what = each["what"].partition(": ")
        if what != "error of TTFT, median" or "50 ms" not in title:
            continue
        machine = _BUSY if "busy" in title else _QUIET
        if each["benchmark"] == "ttft":
            seen[_OURS, machine] = median(each["samples"])
            if each["yardstick"] in _CLIENTS:
                seen[_CLIENTS[each["yardstick"]], machine] = median(each["yardstick_samples"])
        elif each["benchmark"] == "peers":
            seen[_PEERS[title.partition(",")[0]], machine] = median(each["samples"])
    yield from (
        {"client": client, "machine": machine, "ms": max(_SMALLEST_MS, abs(ms))}
        for (client, machine), ms in seen.items()
    )


def _misjudged(figures: Iterable[Row]) -> Iterator[Row]:
    for each in figures:
        found = _WRONG.match(each["what"]) if each["benchmark"] == "misjudgement" else None
        if found and "in a row" not in each["what"] and "own loop" not in each["what"]:
            yield {
                "calls": found["kind"].replace("composed, log sd", "spread"),
                "n": f"n = {found['n']}",
                "wrong": median(each["samples"]),
            }


def _chart(title: str, width: int, rows: list[Row], **parts: Any) -> Row:
    view = {"view": {"stroke": None}, "font": "sans-serif", "background": "white"}
    return {"$schema": _SCHEMA, "title": title, "width": width, "data": {"values": rows}, "config": view, **parts}


def _errors_chart(rows: list[Row]) -> Row:
    scale = {"type": "log", "domainMin": _SMALLEST_MS}
    ticks = {"values": [0.001, 0.01, 0.1, 1, 10, 100]}
    return _chart(
        "Error of the time to the first token, median, 18 streams at once",
        460,
        rows,
        mark="bar",
        encoding={
            "y": {"field": "client", "type": "nominal", "title": None, "sort": {"field": "ms", "op": "min"}},
            "yOffset": {"field": "machine", "type": "nominal", "sort": [_QUIET, _BUSY]},
            "x": {"field": "ms", "type": "quantitative", "scale": scale, "title": "ms, logarithmic", "axis": ticks},
            "x2": {"datum": _SMALLEST_MS},
            "color": {"field": "machine", "type": "nominal", "title": None, "sort": [_QUIET, _BUSY]},
        },
    )


def _misjudged_chart(rows: list[Row]) -> Row:
    must = {"mark": {"type": "rule", "strokeDash": [4, 4]}, "encoding": {"x": {"datum": 5}}}
    bars = {
        "mark": "bar",
        "encoding": {
            "y": {"field": "calls", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 400}},
            "yOffset": {"field": "n", "type": "nominal"},
            "x": {"field": "wrong", "type": "quantitative", "title": "wrong verdicts of 1,000; at most 5 (dashed)"},
            "color": {"field": "n", "type": "nominal", "title": None},
        },
    }
    return _chart("Venues at 80 % and at 120 % of their budget: misjudged", 380, rows, layer=[bars, must])


_PLOTS: Mapping[str, tuple[Callable[[Iterable[Row]], Iterator[Row]], Callable[[list[Row]], Row]]] = {
    "ttft-error": (_errors, _errors_chart),
    "misjudgement": (_misjudged, _misjudged_chart),
}
