"""
What a verified bundle holds, as a reader is told: runs, runs that were never closed, changes of keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.items import Item
from pytest_darkhost.evidence.judging import Judgement
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.statement import Statement
from pytest_darkhost.evidence.unfit import Unfit

_MODES = frozenset({"live", "replay", "composed", "unseen", "catalog"})
_NO_MODE = "unknown"
"""Of what a report says besides: it could look like more than a mode where it is shown."""


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A planned check that the run did not judge."""

    node_id: str
    code: str
    """A reason code of the report, or `not_run`, or `not_ended`."""
    why: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row."""

    what: str
    """`run`, `abandoned` or `key`."""
    line: int
    time: str
    run_id: str = ""
    commit: str = ""
    venues: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    result: str = ""
    """`PASSED`, `WARNED` or `FAILED`; for a key, the id of the new one."""
    counts: Mapping[str, int] | None = None
    """By list, and `planned`."""
    unfit: tuple[Unfit, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    report: str = ""
    operator: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {
            "what": self.what,
            "line": self.line,
            "time": self.time,
            "run_id": self.run_id,
            "commit": self.commit,
            "venues": self.venues,
            "modes": self.modes,
            "result": self.result,
            "counts": self.counts,
            "unfit": [{"code": each.code, "what": each.what} for each in self.unfit],
            "not_judged": [{"node_id": each.node_id, "code": each.code, "why": each.why} for each in self.not_judged],
            "report": self.report,
            "operator": self.operator,
        }


def run_entry(said: Statement, report: Report, judged: Judgement) -> Entry:
    """Return the row of a run that was closed."""
    planned = [seen.item for seen in judged.planned]
    return Entry(
        what="run",
        line=said.link.sequence,
        time=said.link.time,
        run_id=report.run["run_id"],
        commit=_commit(report.run.get("vcs")),
        venues=_venues(report.run),
        modes=_modes(planned),
        result=judged.outcomes.result,
        counts=_counts(judged),
        unfit=judged.unfit,
        not_judged=tuple(_not_judged(judged, planned)),
        report=said.value["subject"][0]["name"],
        operator=_operator(report.run),
    )


def abandoned_entry(opening: Statement) -> Entry:
    """Return the row of a run that was opened and not closed."""
    return Entry(
        what="abandoned",
        line=opening.link.sequence,
        time=opening.link.time,
        run_id=opening.shape.text("runId"),
        commit=_commit(opening.shape.value.get("vcs")),
        venues=_venues(opening.shape.value),
        counts={"planned": opening.shape.number("plan", "count")},
        operator=_operator(opening.shape.value),
    )


def key_entry(said: Statement) -> Entry:
    """Return the row of a change of keys."""
    return Entry(what="key", line=said.link.sequence, time=said.link.time, result=said.shape.text("to", "keyid"))


def _modes(items: Iterable[Item]) -> tuple[str, ...]:
    said = [item.said.get("mode") for item in items]
    texts = {each if type(each) is str else _NO_MODE for each in said if each is not None}
    return tuple(sorted({each if each in _MODES else _NO_MODE for each in texts}))


def _counts(judged: Judgement) -> dict[str, int]:
    counts = {name: len(getattr(judged.outcomes, name)) for name in judged.outcomes.__slots__}
    return {"planned": sum(counts.values()), **counts}


def _not_judged(judged: Judgement, planned: Iterable[Item]) -> list[NotJudged]:
    outcomes = judged.outcomes
    skipped = frozenset((*outcomes.warned, *outcomes.not_applicable))
    said = sorted([(i.node_id, i.said) for i in planned if i.node_id in skipped], key=itemgetter(0)) if skipped else ()
    found = [NotJudged(node_id, *_reason(data)) for node_id, data in said]
    return found + [NotJudged(each, "not_run", "planned, and not run") for each in outcomes.not_run]


def _reason(data: Mapping[str, Any]) -> tuple[str, str]:
    code = data.get("reason_code")
    if code is None:
        return "not_ended", "not judged at once, or not to its end"
    return str(code), str(data.get("actual"))


def _commit(vcs: Any) -> str:
    return str(vcs.get(semconv.VCS_REF_HEAD_REVISION, "")) if isinstance(vcs, Mapping) else ""


def _venues(said: Mapping[str, Any]) -> tuple[str, ...]:
    found = said.get("venues")
    return tuple(str(each) for each in found) if isinstance(found, list) else ()


def _operator(said: Mapping[str, Any]) -> str:
    found = said.get("operator")
    return str(found.get("id", "")) if isinstance(found, Mapping) else ""
