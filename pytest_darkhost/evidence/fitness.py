"""
Whether a run can be evidence, judged from its report alone, and if not, why.

`unfit_run` judges what is known before the first call; `unfit` all of it. Nothing here judges the venue: a failed run
is as good an evidence as one that passed.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pytest_darkhost import semconv
from pytest_darkhost.evidence.observed import Calls, faults_of_test, host_of, probes_of, was_answered
from pytest_darkhost.evidence.outcomes import darkhost_of, outcome_of
from pytest_darkhost.evidence.unfit import Unfit, gathered, listed

Window = tuple[datetime, datetime]
"""When the calls of a run can have been sent: from its opening to its closing."""
_INTERRUPTED = {2: "interrupted", 3: "internal error"}
"""Exit codes of pytest."""
_LOCAL = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


def unfit_run(record: Mapping[str, Any]) -> tuple[Unfit, ...]:
    """Return why no run with this `darkhost` object can be evidence. What it does not say yet is no reason."""
    return gathered(_faults_of_run(record))


def unfit(report: Mapping[str, Any], window: Window | None = None) -> tuple[Unfit, ...]:
    """
    Return why the run of this report is no evidence; nothing when it is.

    Without a window, calls are expected between the run's own times.
    """
    run = report["darkhost"]
    window = window or (_moment(run["started_at"]), _moment(run["finished_at"]))
    return gathered((*_faults_of_run(run), *_not_live(report), *_faults_of_tests(report, window)))


def _faults_of_run(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _of_sources(run)
    yield from _of_specs(run)
    yield from _of_ending(run)


def _of_sources(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    vcs = run.get("vcs")
    if not isinstance(vcs, Mapping) or not vcs.get(semconv.VCS_REF_HEAD_REVISION):
        yield "no_vcs", str(run.get("vcs_problem") or "no commit is known")
    elif vcs.get("dirty") is not False:
        changes = vcs.get("changes")
        names = [str(each) for each in changes] if isinstance(changes, list) else []
        yield "dirty", f"the tree differs from its commit: {listed(names) or 'unknown files'}"
    catalog = run.get("catalog")
    source = catalog.get("source") if isinstance(catalog, Mapping) else None
    if source == "reference":
        yield "reference_catalog", "the catalog is the one that the package carries"
    elif source != "database":
        yield "no_catalog", "no catalog was read"


def _of_specs(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for spec in run.get("specs", ()):
        name, url = spec.get("name"), str(spec.get("base_url"))
        if not url.lower().startswith("https://"):
            yield "http", f"{name}: {url}"
        if spec.get("managed") is not False or _is_local(url):
            yield "loopback", f"{name}: {url}"


def _of_ending(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    status = run.get("exit_status", 0)
    if run.get("interrupted") is not None or status in _INTERRUPTED:
        yield "interrupted", str(run.get("interrupted") or _INTERRUPTED.get(status, "interrupted"))
    if run.get("truncated", False) is not False:
        yield "truncated", "the report ends before the run did"
    plan = run.get("plan")
    planned = frozenset(plan["ids"]) if plan else frozenset()
    for code, name in (("rerun", "reruns"), ("duplicate_ids", "duplicates")):
        if found := sorted(planned.intersection(run.get(name, ()))):
            yield code, listed(found)
    if plan and not planned:
        yield "not_live", "no live check was planned"


def _not_live(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    planned = frozenset(report["darkhost"]["plan"]["ids"])
    live = (test["nodeid"] for test in report["tests"] if darkhost_of(test).get("source") == "live")
    if planned and planned.isdisjoint(live):
        yield "not_live", "no planned live check was run"


def _faults_of_tests(report: Mapping[str, Any], window: Window) -> Iterator[tuple[str, str]]:
    planned = frozenset(report["darkhost"]["plan"]["ids"])
    tests = [test for test in report["tests"] if test["nodeid"] in planned]
    observed = {_target(test) for test in tests if any(map(was_answered, probes_of(test)))}
    calls = Calls(window, _hosts(report["darkhost"]))
    for test in tests:
        passed = outcome_of(test, again=False) == "passed"
        for code, what in faults_of_test(test, calls, passed=passed, observed=_target(test) in observed):
            yield code, f"{test['nodeid']}: {what}"


def _hosts(run: Mapping[str, Any]) -> frozenset[str | None] | None:
    """Return the hosts of the venues; `None` where their specs are at fault, which is said once."""
    if next(_of_specs(run), None):
        return None
    return frozenset(host_of(str(spec.get("base_url"))) for spec in run["specs"])


def _target(test: Mapping[str, Any]) -> tuple[str, str]:
    """Return venue and model of a test, as texts whatever a hostile report has there."""
    data = darkhost_of(test)
    return str(data.get("venue")), str(data.get("model"))


def _is_local(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        address = ipaddress.ip_address(host)
    except ValueError:
        return _is_local_name(url)
    return address.is_loopback or address.is_unspecified


def _is_local_name(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    return host in _LOCAL or host.endswith(".localhost")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
