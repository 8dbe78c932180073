"""
AIPerf and GuideLLM, if installed, at the same loopback venue: how far the times that they say are from its own log.

Their commands are named by `DARKHOST_AIPERF` and `DARKHOST_GUIDELLM`, or lie in `.darkhost/peers-aiperf/bin` and
`.darkhost/peers-guidellm/bin`. They want a tokenizer, and get a composed one from disk: the venue counts tokens.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from benchmarks.clocked_venues import burning, serving
from benchmarks.commands import workplace
from benchmarks.figures import Figure
from benchmarks.ttft import SCHEDULES, p95

_ROOT = Path(__file__).resolve().parent.parent
_STREAMS, _REQUESTS = 18, 72
"""As many at once as `ttft` has venues, and as many altogether: the first of each is on a new connection."""
_TOKENIZER = "composed/words"

Said: TypeAlias = list[tuple[float, float]]
"""When each request began, in any unit, and its TTFT in ms."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool that measures streams, and where it leaves what it measured."""

    name: str
    arguments: Callable[[str], Sequence[str]]
    """Called with the venue's URL."""
    read: Callable[[Path], Said]

    @property
    def command(self) -> str | None:
        """The path of its command, or `None` where it is not installed."""
        named = os.environ.get(f"DARKHOST_{self.name.upper()}")
        return named or shutil.which(self.name, path=str(_ROOT / f".darkhost/peers-{self.name}/bin"))


def peers(repeats: int) -> Iterator[Figure]:
    """Yield the errors of each that is installed, on a machine as it is and with all cores busy."""
    for peer in _PEERS:
        if peer.command is None:
            print(f"{peer.name}: not installed, not measured")
            continue
        title, schedule = next(iter(SCHEDULES.items()))
        for busy in (False, True):
            with workplace() as (directory, environment), burning(os.cpu_count() or 1 if busy else 0):
                _write_inputs(directory)
                runs = [_errors_ms(peer, directory, environment, schedule) for _ in range(repeats)]
            yield from _figures(f"{peer.name}, {title}{', cores busy' if busy else ''}", runs)


def _write_inputs(directory: Path) -> None:
    rows = (json.dumps({"text": f"peer-{number}", "prompt": f"peer-{number}"}) for number in range(_REQUESTS))
    (directory / "prompts.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    cached = directory / "huggingface/hub" / f"models--{_TOKENIZER.replace('/', '--')}"
    snapshot = cached / "snapshots/0"
    snapshot.mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text("0", encoding="utf-8")
    model = {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}
    split = {"type": "Whitespace"}
    files = {
        "tokenizer.json": {"version": "1.0", "added_tokens": [], "pre_tokenizer": split, "model": model},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]"},
        "config.json": {"model_type": "gpt2"},
    }
    for name, data in files.items():
        (snapshot / name).write_text(json.dumps(data), encoding="utf-8")


def _errors_ms(
    peer: Peer, directory: Path, environment: Mapping[str, str], schedule: tuple[float, int, float]
) -> tuple[list[float], list[float]]:
    """Return the errors of the first call of each stream, and of the others."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(directory / "huggingface")}
    with serving(schedule, 1) as (ports, ended):
        line = [str(peer.command), *peer.arguments(f"http://127.0.0.1:{ports[0]}")]
        done = subprocess.run(
            line, cwd=directory, env={**environment, **offline}, capture_output=True, text=True, check=False
        )
        log = [each for each in ended()["log"] if each["streamed"]]
    if done.returncode:
        msg = f"{' '.join(line)}: exit code {done.returncode}, expected 0\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(msg)
    true_ms = [(each["tokens_ns"][0] - each["arrived_ns"]) / 1e6 for each in log if each["tokens_ns"]]
    truth_ms = median(true_ms)  # the venue keeps its schedule to a few hundredths of a millisecond
    errors = [said_ms - truth_ms for _, said_ms in sorted(peer.read(directory))]
    return errors[:_STREAMS], errors[_STREAMS:]


def _aiperf(url: str) -> Sequence[str]:
    return (
        *("profile", "--model", "composed", "--url", url, "--endpoint-type", "chat", "--streaming"),
        *("--concurrency", str(_STREAMS), "--request-count", str(_REQUESTS), "--tokenizer", _TOKENIZER),
        *("--input-file", "prompts.jsonl", "--custom-dataset-type", "single_turn", "--use-server-token-count"),
        *("--ui", "none", "--artifact-dir", "aiperf", "--export-level", "records"),
    )


def _aiperf_said(directory: Path) -> Said:
    lines = (directory / "aiperf/profile_export.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["metadata"]["request_start_ns"], row["metrics"]["time_to_first_token"]["value"]) for row in rows]


def _guidellm(url: str) -> Sequence[str]:
    return (
        *("run", "--backend", f"kind=openai_http,target={url},model=composed"),
        *("--profile", f"kind=concurrent,streams={_STREAMS}", "--constraint", f"kind=max_requests,count={_REQUESTS}"),
        *("--tokenizer", f"kind=huggingface_auto,model={_TOKENIZER}", "--data", "kind=json_file,path=prompts.jsonl"),
        *("--output", "kind=json,path=guidellm.json", "--disable-console"),
    )


def _guidellm_said(directory: Path) -> Said:
    data: Any = json.loads((directory / "guidellm.json").read_text(encoding="utf-8"))
    rows = data["benchmarks"][0]["requests"]["successful"]
    return [(row["request_start_time"], row["time_to_first_token_ms"]) for row in rows]


_PEERS = (Peer("aiperf", _aiperf, _aiperf_said), Peer("guidellm", _guidellm, _guidellm_said))


def _figures(title: str, runs: Sequence[tuple[list[float], list[float]]]) -> Iterator[Figure]:
    measures: tuple[tuple[str, Callable[[list[float], list[float]], float], float], ...] = (
        ("error of TTFT, median", lambda _first, later: median(later), 1.0),
        ("error of TTFT, p95", lambda _first, later: p95(later), 5.0),
        ("bias of the first call", lambda first, _later: median(first), 3.0),
    )
    for what, value, must in measures:
        samples = tuple(value(first, later) for first, later in runs)
        yield Figure("peers", f"{title}: {what}", "ms", samples, "what we must reach", (must,))
