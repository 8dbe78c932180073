"""Composed reports as a live run writes them, keys, and bundles made of both."""

import base64
import hashlib
import json
import re
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import envelope, keys
from pytest_darkhost.evidence.bundle import Bundle
from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.report import plan_sha256
from pytest_darkhost.evidence.verifying import walk
from pytest_darkhost.suite.compact import spelled

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
REVISION = "5f8a1c0e9d7b6a5f4e3d2c1b0a9f8e7d6c5b4a39"
CHECKS = ("availability", "identity", "json_schema")


def run_id(number):
    """Return a composed run id."""
    return f"00000000-0000-4000-8000-{number:012d}"


def node_id(check, venue="acme", model="small-acme"):
    """Return the id of a live check."""
    return f"venue_specs/{venue}.yaml::{model}::{check}[live]"


def text(moment):
    """Return a time as reports have it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def probe(run, number=1, at=START, **changes):
    """Return the record of a call that a live venue answered."""
    name = f"acme/small-acme/chat[{number}]"
    seen = {
        "probe": name,
        "mode": "live",
        "gen_ai.operation.name": "chat",
        "gen_ai.response.id": f"chatcmpl-{run}-{number}",
        "started_at": text(at),
        "url.full": "https://api.acme.example/v1/chat/completions",
        "http.response.status_code": 200,
        "network.peer.address": "[2606:4700::6810:1]:443",
        "tls.protocol.version": "1.3",
        "tls.server.hash.sha256": "AB" * 32,
        "tls_verified": True,
        "proxy": None,
        "ca_source": "certifi",
        "response_date": format_datetime(at, usegmt=True),
        "request_id": f"req-{run}-{number}",
        "response_digest": {"sha256": hashlib.sha256(f"{run} {name}".encode()).hexdigest()},
        "error.type": None,
    }
    return seen | changes


def passed(check, *probes, **changes):
    """Return a test that passed on these calls."""
    judged = {
        "check": check,
        "verdict": "passed",
        "reason_code": None,
        "source": "live",
        "mode": "live",
        "venue": "acme",
        "model": "small-acme",
        "actual": "fine",
        "cassette": None,
        "probes": list(probes),
    }
    stage = {"duration": 0.001, "outcome": "passed"}
    return {
        "nodeid": node_id(check),
        "outcome": "passed",
        "setup": dict(stage),
        "call": dict(stage),
        "teardown": dict(stage),
        "metadata": {"darkhost": judged | changes},
    }


def failed(check, *probes, **changes):
    """Return a test that failed."""
    made = passed(check, *probes, verdict="failed", **changes)
    return made | {"outcome": "failed", "call": {"duration": 0.001, "outcome": "failed"}}


def skipped(check, code, why="declared"):
    """Return a test that was not judged."""
    made = passed(check, verdict="not_judged", reason_code=code, actual=why, mode=None)
    return made | {"outcome": "skipped", "call": {"duration": 0.001, "outcome": "skipped"}}


def plan(ids):
    """Return the plan of some node ids."""
    ids = sorted(ids)
    return {"count": len(ids), "digest": {"sha256": plan_sha256(ids)}, "ids": ids}


def record(run, ids=None, at=START, **changes):
    """Return the `darkhost` object of a fit run."""
    made = {
        "schema": "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/report.md#v1",
        "run_id": run_id(run),
        "started_at": text(at),
        "finished_at": text(at + timedelta(seconds=9)),
        "venues": ["acme"],
        "exit_status": 0,
        "truncated": False,
        "interrupted": None,
        "plan": plan(ids if ids is not None else [node_id(check) for check in CHECKS]),
        "reruns": [],
        "duplicates": [],
        "specs": [
            {
                "name": "venue_specs/acme.yaml",
                "digest": {"sha256": "1" * 64},
                "venue": "acme",
                "base_url": "https://api.acme.example",
                "managed": False,
            }
        ],
        "configuration": [{"name": "venue_specs/acme.yaml", "digest": {"sha256": "1" * 64}}],
        "operator": {"id": "ada", "source": "system"},
        "vcs": {
            "vcs.repository.url.full": "https://example.org/team/router",
            "vcs.ref.head.revision": REVISION,
            "vcs.ref.head.name": "main",
            "dirty": False,
            "changes": [],
        },
        "cicd": None,
        "invocation": {"arguments": ["-m", "live"], "plugins": {}, "packages": {}},
        "catalog": {"source": "database", "location": "postgresql://db.example/catalog", "dialect": "postgresql"},
        "vantage": [{"worker": "main", "host": "ci", "platform": "linux", "python": "3.11", "address": None}],
        "semconv": "1.37.0",
    }
    return made | changes


def report(run=1, tests=None, at=START, **changes):
    """Return the report of a fit run in which every check passed."""
    made = record(run, at=at, **changes)
    if tests is None:
        tests = [passed(check, probe(run, 1, at)) for check in CHECKS]
    return counted({"created": 1.5, "tests": tests, "darkhost": made})


def counted(value):
    """Return a report with the figures of its tests and its run."""
    outcomes = Counter(str(test["outcome"]) for test in value["tests"])
    return value | {
        "exitcode": value["darkhost"]["exit_status"],
        "summary": {"total": len(value["tests"])} | outcomes,
    }


def signer(directory, name="darkhost"):
    """Return the signer of a new key in a directory."""
    path = Path(directory) / f"{name}.pem"
    keys.write_new(path, None)
    return keys.load_signer(path, None)


class Clock:
    """A clock that is set by hand and goes on by a second whenever it is read."""

    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        """Return the time."""
        self.now += timedelta(seconds=1)
        return self.now


def written(directory, value):
    """Write a report somewhere outside of a folder and return its path."""
    path = Path(directory) / "report.json"
    path.write_bytes(spelled(value))
    return path


def add_run(folder, key, value, clock=None, cassettes=None):
    """Open and close one run with this report; return its closing."""
    at = datetime.fromisoformat(value["darkhost"]["started_at"])
    with Bundle.open(folder, key, clock=clock or Clock(at)) as bundle:
        bundle.open_run(value["darkhost"])
        return bundle.close_run(written(folder.parent, value), cassette_ids=cassettes or {})


def add_runs(folder, key, count):
    """Add fit runs, a minute apart; return the last one's closing."""
    closing = None
    for number in range(1, count + 1):
        closing = add_run(folder, key, report(number, at=START + timedelta(minutes=number)))
    return closing


def line_bytes(folder):
    """Return the lines of a bundle."""
    return (folder / "bundle.intoto.jsonl").read_bytes().splitlines()


def statements(folder):
    """Return what the lines state."""
    return [json.loads(base64.b64decode(json.loads(line)["payload"])) for line in line_bytes(folder)]


def write_lines(folder, lines):
    """Write a bundle of these lines."""
    (folder / "bundle.intoto.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def sign_again(folder, key, said):
    """Write a bundle in which a key's holder states these things, each linked to the line before as it must be."""
    lines, before = [], "0" * 64
    for number, statement in enumerate(said, 1):
        own = statement["predicate"]["darkhost"]
        own |= {"sequence": number, "previous": {"sha256": before}}
        if "opened" in own:
            own["opened"] = {"sha256": before}
        lines.append(envelope.written(json.dumps(statement).encode(), [key]))
        before = hashlib.sha256(lines[-1]).hexdigest()
    write_lines(folder, lines)


def refusal(folder, *trusted, head=None):
    """Return why a folder is refused, with digests and the folder's place left out; `None` when it is verified."""
    try:
        verify(folder, *trusted, head=head)
    except EvidenceError as error:
        return error.code, error.line, plain(error, folder)
    return None


def plain(error, folder):
    """Return the text of an error that is the same in each run."""
    return re.sub(r"\b[0-9a-f]{64}\b|(?<!-)\b[0-9a-f]{12}\b", "…", str(error).replace(f"{folder}/", ""))


def verify(folder, *trusted, head=None):
    """Verify a folder and return its entries."""
    heads = Heads([head] if head else [])
    with closing(Identities()) as identities:
        steps = list(walk(folder, trusted, identities))
    for step in steps:
        heads.meet(step.chain)
    heads.check(steps[-1].chain, "bundle.intoto.jsonl")
    return [entry for step in steps for entry in step.entries]
