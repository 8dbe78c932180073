"""
The report as evidence reads it: bytes, their digest, and the parts that are judged, of which none may be missing.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from operator import lt
from typing import Any

from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.items import Item, read_items
from pytest_darkhost.evidence.kinds import REPORT
from pytest_darkhost.evidence.shape import Shape
from pytest_darkhost.evidence.shared_calls import SharedCalls

RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODE = "report"
_OF_A_FILE = 2
"""What is said of a file: name and digest."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report of pytest-json-report with the `darkhost` object of a run."""

    place: str
    sha256: str
    data: Mapping[str, Any]
    """All of it, for who shows it."""
    run: Mapping[str, Any]
    """Its object `darkhost`."""
    items: tuple[Item, ...]
    """Its tests, of the plan or not."""
    line: int | None
    """Of the bundle, where the report is that of one."""


def parse(data: bytes, place: str, line: int | None = None, sha256: str | None = None) -> Report:
    """
    Return a report; `sha256` is the digest of its bytes, where it is known.

    :raises EvidenceError: `json` or `report`, when it is no report of a run that can be judged.
    """
    value = strict_json.loads(data, place, line)
    if not isinstance(value, dict):
        Shape({}, place, _CODE, line).refuse("no object", "a report of a run of darkhost")
    whole = Shape(value, place, _CODE, line)
    calls = SharedCalls(value, place, line)
    tests = _tests(whole)
    run = Shape(whole.object("darkhost"), place, _CODE, line)
    _check_name(run)
    _check_run(run)
    _check_plan(run)
    items = read_items(tests, frozenset(run.value["reruns"]), calls.read_by)
    return Report(place, sha256 or hashlib.sha256(data).hexdigest(), value, run.value, items, line)


def plan_sha256(ids: list[str]) -> str:
    """Return the digest of a plan: of its node ids, each followed by a line break, in UTF-8."""
    return _sha256(_lines_of(ids))


def _lines_of(ids: list[str]) -> str:
    return "".join([f"{each}\n" for each in ids])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _tests(whole: Shape) -> list[dict[str, Any]]:
    tests = whole.objects("tests")
    ids = [test.get("nodeid") for test in tests]
    if not {str}.issuperset(map(type, ids)):
        whole.refuse("a test without `nodeid`", "text")
    if len(set(ids)) != len(ids):
        again = next(node_id for node_id, times in Counter(ids).items() if times > 1)
        whole.refuse(f"the test {again!r:.200} is there twice", "each once")
    return tests


def _check_name(run: Shape) -> None:
    if run.text("schema") != REPORT:
        run.refuse(f"`schema` is {run.value['schema']!r:.120}", REPORT)
    if not RUN_ID.fullmatch(run.text("run_id")):
        run.refuse(f"`run_id` is {run.value['run_id']!r:.60}", "a UUID")


def _check_run(run: Shape) -> None:
    if run.moment("finished_at") < run.moment("started_at"):
        run.refuse("`finished_at` is before `started_at`", "a run that ends after its start")
    run.number("exit_status")
    run.flag("truncated")
    for name in ("reruns", "duplicates"):
        run.texts(name)
    for name in ("specs", "configuration"):
        for each in run.objects(name):
            if not _is_named(each):
                part = Shape(each, f"{run.place}: {name}", _CODE, run.line)
                part.text("name")
                part.text("digest", "sha256")
    _check_files(run)
    for name in ("interrupted", "vcs", "cicd"):
        if name not in run.value:
            run.refuse(f"has no `{name}`", "it, or null")
    run.object("catalog")
    run.venues()


def _is_named(file: Mapping[str, Any]) -> bool:
    """Return whether a file has a name and a digest. Who refuses it has the words for what it has not."""
    digest = file.get("digest")
    return type(file.get("name")) is str and type(digest) is dict and type(digest.get("sha256")) is str


def _check_files(run: Shape) -> None:
    """Refuse what would be signed of a file besides its digest, such as a commit, or a digest beside it."""
    files = run.value["configuration"]
    names = [file["name"] for file in files]
    for name in (
        name for name, file in zip(names, files, strict=True) if len(file) > _OF_A_FILE or len(file["digest"]) > 1
    ):
        run.refuse(f"`configuration` says more of {name!r:.120}", "name and SHA-256")
    if len(set(names)) != len(names):
        again = next(name for name, times in Counter(names).items() if times > 1)
        run.refuse(f"`configuration` has {again!r:.120} twice", "each file once")


def _check_plan(run: Shape) -> None:
    ids = run.texts("plan", "ids")
    if not all(map(lt, ids, ids[1:])):
        run.refuse("`plan.ids` is not in order", "node ids in order, each once")
    if run.number("plan", "count") != len(ids):
        run.refuse(f"`plan.count` is {run.number('plan', 'count')}", f"the number of its ids, {len(ids)}")
    lines = _lines_of(ids)
    if lines.count("\n") != len(ids):  # two plans would have one digest
        run.refuse("`plan.ids` holds a line break", "node ids of one line each")
    try:
        expected = _sha256(lines)
    except UnicodeEncodeError:
        run.refuse("`plan.ids` holds what has no UTF-8", "text")
    if run.text("plan", "digest", "sha256") != expected:
        run.refuse("`plan.digest` is another one", f"that of its ids, {expected}")
