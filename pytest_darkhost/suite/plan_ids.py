"""
The plan of a run as the report states it: the ids of all live checks of the specs that run, selected or not.
"""

import hashlib
from typing import Any

from pytest_darkhost.checks.case import Source
from pytest_darkhost.suite.cassette_rules import items_of
from pytest_darkhost.suite.run import Run


def planned_ids(run: Run) -> tuple[str, ...]:
    """Return the node ids, sorted. What narrows a run (`-k`, ids, `--lf`, `-x`) takes none away."""
    paths = (path for path in run.specs.wanted if run.runnable(run.specs.load(path)))
    owners = (items_of(run, path, Source.LIVE) for path in paths)
    return tuple(sorted({nodeid for by_owner in owners for ids in by_owner.values() for nodeid in ids}))


def plan_record(ids: tuple[str, ...]) -> dict[str, Any]:
    """Return count, digest (of the ids, each ended by a line feed, in UTF-8) and ids."""
    digest = hashlib.sha256("".join(f"{nodeid}\n" for nodeid in ids).encode()).hexdigest()
    return {"count": len(ids), "digest": {"sha256": digest}, "ids": list(ids)}
