"""
Whether a run can be evidence, judged from its report alone, and if not, why.

`unfit_run` judges what is known before the first call; `faults` all of it. Nothing here judges the venue: a failed run
is as good an evidence as one that passed.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import Origin, host_of, is_private_literal, is_this_machine, origin_of
from pytest_darkhost.evidence.impossible import CODE as IMPOSSIBLE
from pytest_darkhost.evidence.mismatches import Places, faults_of_names, faults_of_specs
from pytest_darkhost.evidence.seen import Seen
from pytest_darkhost.evidence.unfit import Unfit, gathered, listed

_REVISION = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
"""Of git, by SHA-1 or SHA-256."""
_INTERRUPTED = {2: "interrupted", 3: "internal error"}
"""Exit codes of pytest."""


def unfit_run(record: Mapping[str, Any]) -> tuple[Unfit, ...]:
    """Return why no run with this `darkhost` object can be evidence. What it does not say yet is no reason."""
    return gathered(_faults_of_run(record))


def faults(run: Mapping[str, Any], planned: Collection[Seen]) -> Iterator[tuple[str, str]]:
    """
    Yield pairs of a code and what was found: why a run is no evidence; nothing when it is.

    `planned` is what the tests of its plan saw.
    """
    yield from _faults_of_run(run)
    if run["plan"]["ids"] and not any(seen.item.said.get("source") == "live" for seen in planned):
        yield "not_live", "no planned live check was run"
    places = Places(run["specs"])
    yield from _faults_of_items(planned, places)
    for what in faults_of_names(run, places.venues):
        yield IMPOSSIBLE, what


def _faults_of_run(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _of_sources(run)
    yield from _of_specs(run)
    yield from _of_ending(run)


def _of_sources(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    vcs = run.get("vcs")
    if not isinstance(vcs, Mapping) or not _REVISION.fullmatch(str(vcs.get(semconv.VCS_REF_HEAD_REVISION))):
        yield "no_vcs", str(run.get("vcs_problem") or "no commit is known")
    elif vcs.get("dirty") is not False or vcs.get("changes"):
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
        host = host_of(url) or ""
        if spec.get("managed") is not False or is_this_machine(host):
            yield "loopback", f"{name}: {url}"
        elif is_private_literal(host):
            yield "private_address", f"{name}: {url}"
    for what in faults_of_specs(run.get("specs", ())):
        yield IMPOSSIBLE, what


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


def _faults_of_items(planned: Collection[Seen], places: Places) -> Iterator[tuple[str, str]]:
    # Asked for by tests without a call alone, which most reports have not.
    asked = not all(seen.calls for seen in planned)
    observed = {seen.item.target for seen in planned if seen.answered} if asked else frozenset()
    for seen in planned:
        for code, what in seen.faults(observed):
            yield code, f"{seen.item.node_id}: {what}"
        for what in places.faults_of(seen):
            yield IMPOSSIBLE, f"{seen.item.node_id}: {what}"


def origins_of(run: Mapping[str, Any]) -> dict[str, Origin] | None:
    """Return where a run's venues are, by name; `None` where their specs are at fault, which is said once."""
    if next(_of_specs(run), None):
        return None
    return {str(spec.get("venue")): origin_of(str(spec.get("base_url"))) for spec in run["specs"]}
