"""
Which lanes one worker of pytest-xdist probes: as many groups as workers, worked out by each from the same node ids.

A worker that comes to the first test of its group begins all lanes of it, side by side as in one process. pytest-xdist
hands out the groups (`xdist`); nothing here knows it.
"""

from collections.abc import Iterable, Mapping

from pytest_darkhost.suite.run import Run


def lanes_by_place(run: Run) -> dict[str, str]:
    """Return the lane by spec file name and by `[venue/slug]`, as they occur in node ids."""
    loaded = [run.specs.load(path) for path in run.specs.wanted]
    by_file = {item.path.name: item.spec.lane for item in loaded}
    by_target = {f"[{target.id}]": item.spec.lane for item in loaded for target in item.spec.targets}
    return by_file | by_target


def lane_of(nodeid: str, lanes: Mapping[str, str]) -> str | None:
    """Return the lane of a node id, or `None` for a test that is no concern of ours."""
    path, _, rest = nodeid.partition("::")
    by_file = lanes.get(path.rsplit("/", maxsplit=1)[-1])
    if by_file:
        return by_file
    bracket = rest[rest.find("[") :] if "[" in rest else ""
    targets = (name for name in lanes if name.startswith("[") and name[1:-1] in bracket)
    longest = max(targets, key=len, default=None)
    return lanes[longest] if longest else None


def groups(nodeids: Iterable[str], lanes: Mapping[str, str], workers: int) -> dict[str, tuple[str, ...]]:
    """Return the lanes of each one's group, by lane, dealt out in the order in which they occur."""
    found = (lane_of(nodeid, lanes) for nodeid in nodeids)
    ordered = tuple(dict.fromkeys(lane for lane in found if lane is not None))
    return {lane: ordered[number % workers :: workers] for number, lane in enumerate(ordered)}
