"""
in-toto statements (Statement v1, test-result v0.1): how each kind is made, and how one is read back.

What is made of a report is a pure function of it and of the place in the chain. The verifier makes it again and
compares: nothing that a statement claims about its report is taken from the statement.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.envelope import Line
from pytest_darkhost.evidence.keys import PublicKey, pem_of
from pytest_darkhost.evidence.kinds import STATEMENT, Kind
from pytest_darkhost.evidence.outcomes import Outcomes
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.shape import Shape
from pytest_darkhost.evidence.unfit import Unfit

NOTHING_BEFORE = "0" * 64
_KINDS = {each.value: each for each in Kind}
_OPENING_KEYS = ("venues", "configuration", "vcs", "catalog", "operator")


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain."""

    sequence: int
    """The number of the line."""
    previous: str
    """SHA-256 of the line before."""
    time: str
    """RFC 3339, UTC."""

    def as_json(self) -> dict[str, Any]:
        """Return it as each predicate holds it."""
        return {"sequence": self.sequence, "previous": {"sha256": self.previous}, "time": self.time}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line states."""

    kind: Kind
    link: Link
    moment: datetime
    """The link's time."""
    shape: Shape
    """The predicate."""
    value: Mapping[str, Any]
    """All of it."""
    data: bytes
    """As it was signed."""


def read(line: Line) -> Statement:
    """
    Return the statement of a line.

    :raises EvidenceError: `json` or `statement`, when it is none of ours.
    """
    value = strict_json.loads(line.payload, f"{line.place}: payload", line.number)
    whole = Shape(value if isinstance(value, dict) else {}, line.place, "statement", line.number)
    if whole.text("_type") != STATEMENT:
        whole.refuse(f"`_type` is {value['_type']!r:.80}", STATEMENT)
    if whole.text("predicateType") not in _KINDS:
        whole.refuse(f"`predicateType` is {value['predicateType']!r:.120}", "one of docs/evidence.md")
    predicate = Shape(whole.object("predicate"), line.place, "statement", line.number)
    place = predicate.object("darkhost")
    moment = predicate.moment("darkhost", "time")
    link = Link(
        predicate.number("darkhost", "sequence"), predicate.text("darkhost", "previous", "sha256"), place["time"]
    )
    return Statement(_KINDS[value["predicateType"]], link, moment, predicate, value, line.payload)


def opening(record: Mapping[str, Any], link: Link) -> dict[str, Any]:
    """Return the statement that a run begins, from its `darkhost` object as far as it is known."""
    plan = {"count": record["plan"]["count"], "sha256": record["plan"]["digest"]["sha256"]}
    said = {name: record.get(name) for name in _OPENING_KEYS}
    predicate = {"runId": record["run_id"], "plan": plan, **said, "darkhost": link.as_json()}
    return _statement(Kind.OPENED, "plan", plan["sha256"], predicate)


def opening_again(said: Statement) -> dict[str, Any]:
    """
    Return the opening that says what this one does, and no more.

    :raises EvidenceError: `statement`, when part of it is missing.
    """
    shape = said.shape
    count = shape.number("plan", "count")
    plan = {"count": count, "digest": {"sha256": shape.text("plan", "sha256")}}
    for name in _OPENING_KEYS:
        if name not in shape.value:
            shape.refuse(f"has no `{name}`", "what a run is opened with")
    shape.venues()
    shape.objects("configuration")
    if count < 0:
        shape.refuse(f"`plan.count` is {count}", "how many ids there are")
    return opening({**shape.value, "run_id": shape.text("runId"), "plan": plan}, said.link)


def closing(report: Report, link: Link, *, opened: str, outcomes: Outcomes, unfit: Sequence[Unfit]) -> dict[str, Any]:
    """Return the statement that a run has ended, from its report; `opened` is the digest of its opening line."""
    run = report.run
    own = {
        **link.as_json(),
        "runId": run["run_id"],
        "opened": {"sha256": opened},
        "plan": {"count": run["plan"]["count"], "sha256": run["plan"]["digest"]["sha256"]},
        "notApplicable": list(outcomes.not_applicable),
        "notRun": list(outcomes.not_run),
        "timeStarted": run["started_at"],
        "timeFinished": run["finished_at"],
    }
    if unfit:
        own["unfit"] = [{"code": each.code, "what": each.what} for each in unfit]
    predicate: dict[str, Any] = {
        "result": outcomes.result,
        "configuration": configuration_of(run),
        **_url(run),
        "passedTests": list(outcomes.passed),
        "warnedTests": list(outcomes.warned),
        "failedTests": list(outcomes.failed),
        "darkhost": own,
    }
    kind = Kind.RECORD if unfit else Kind.RESULT
    return _statement(kind, report_name(link.sequence, run["run_id"]), report.sha256, predicate)


def rotation(old: PublicKey, new: PublicKey, link: Link) -> dict[str, Any]:
    """Return the statement that later lines are signed by another key."""
    pem = pem_of(new)
    predicate = {
        "from": {"keyid": old.keyid, "publicKey": pem_of(old).decode()},
        "to": {"keyid": new.keyid, "publicKey": pem.decode()},
        "darkhost": link.as_json(),
    }
    return _statement(Kind.ROTATED, "public key", hashlib.sha256(pem).hexdigest(), predicate)


def report_name(sequence: int, run_id: str) -> str:
    """Return the file name of a report in the folder."""
    return f"{sequence:04d}-{run_id}.json"


def configuration_of(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the run was made with as in-toto's resource descriptors: its files, and the commit."""
    found = [dict(each) for each in run["configuration"]]
    vcs = run["vcs"] if isinstance(run["vcs"], Mapping) else {}
    if revision := vcs.get(semconv.VCS_REF_HEAD_REVISION):
        source: dict[str, Any] = {"name": "source", "digest": {"gitCommit": revision}}
        if url := vcs.get(semconv.VCS_REPOSITORY_URL_FULL):
            source["uri"] = f"git+{url}"
        found.append(source)
    return found


def _url(run: Mapping[str, Any]) -> dict[str, str]:
    cicd = run["cicd"] if isinstance(run["cicd"], Mapping) else {}
    url = cicd.get(semconv.CICD_PIPELINE_RUN_URL_FULL)
    return {"url": url} if isinstance(url, str) else {}


def _statement(kind: Kind, name: str, sha256: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    subject = [{"name": name, "digest": {"sha256": sha256}}]
    return {"_type": STATEMENT, "subject": subject, "predicateType": kind.value, "predicate": predicate}
