"""Reports of a live run of three targets as our own writer writes them, made fit where loopback stand-ins are not."""

import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.commands import Command
from benchmarks.stand_ins import stand_ins
from pytest_darkhost.evidence.keys import write_new
from support import evidence as composed
from support.repository import commit_all

_MODELS = 3
_APART_S = 0.2
"""Between two calls of a run."""
_OF_A_VENUE = (
    *("url.full", "network.peer.address", "tls.protocol.version", "tls.server.hash.sha256", "tls_verified"),
    *("ca_source", "started_at", "response_date"),
)
_OF_A_RUN = ("run_id", "started_at", "finished_at", "catalog")


def real_report(project: Path, environment: dict[str, str]) -> Callable[[int, datetime], dict[str, Any]]:
    """Run three targets of one stand-in, and return what makes the report of a run by its number and time of it."""
    key = project.with_suffix(".pem")
    write_new(key, None)
    with stand_ins(project, venues=1, models=_MODELS, delay_ms=5):
        commit_all(project)
        signed = ("--darkhost-evidence=../signed", f"--darkhost-key={key}", "--darkhost-evidence-record")
        Command(project, ("-q", "-m", "live", *signed), environment).run(0, 1)
    (path,) = (project.parent / "signed" / "reports").iterdir()
    report = json.loads(path.read_bytes())
    return lambda number, at: _of_run(report, number, at)


def _of_run(report: dict[str, Any], number: int, at: datetime) -> dict[str, Any]:
    made = deepcopy(report)
    said = composed.record(number, at=at)
    made["darkhost"] |= {name: said[name] for name in _OF_A_RUN}
    for spec in made["darkhost"]["specs"]:
        spec |= {"base_url": said["specs"][0]["base_url"], "managed": False}
    for call, record in enumerate(made["darkhost"]["probes"].values()):
        seen = composed.probe(number, call, at + timedelta(seconds=call * _APART_S))
        record |= {name: seen[name] for name in _OF_A_VENUE}
        if record["gen_ai.response.id"] is not None:
            record["gen_ai.response.id"] += f"-{number}"
        record["response_digest"] = {"sha256": hashlib.sha256(f"{call} of {number}".encode()).hexdigest()}
    return made
