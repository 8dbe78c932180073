"""Which lanes a worker of pytest-xdist probes."""

from pytest_darkhost.suite.groups import groups, lane_of

LANES = {
    "a.yaml": "a",
    "b.yaml": "b",
    "c.yaml": "serve:one",
    "d.yaml": "serve:one",
    "e.yaml": "e",
    "[a/small]": "a",
    "[a/small-2]": "a",
    "[b/small]": "b",
}
IDS = [
    "venue_specs/a.yaml::small::ttft[live]",
    "venue_specs/b.yaml::small::ttft[live]",
    "test_it.py::test_plain",
    "venue_specs/c.yaml::m::ttft[live]",
    "venue_specs/d.yaml::m::ttft[live]",
    "venue_specs/e.yaml::m::ttft[live]",
    "test_it.py::test_own[a/small-2]",
]


def test_a_node_id_has_the_lane_of_its_spec_or_target():
    """Any other test is a matter of its own."""
    assert [lane_of(nodeid, LANES) for nodeid in IDS] == ["a", "b", None, "serve:one", "serve:one", "e", "a"]


def test_there_are_as_many_groups_as_workers():
    """Each lane is in one group, dealt out as they occur; controller and workers see the same ids."""
    assert groups(IDS, LANES, 2) == {
        "a": ("a", "serve:one"),
        "b": ("b", "e"),
        "serve:one": ("a", "serve:one"),
        "e": ("b", "e"),
    }


def test_more_workers_than_lanes_leave_each_lane_to_itself():
    """Nobody shares, and some workers have nothing to send."""
    assert groups(IDS, LANES, 9) == {lane: (lane,) for lane in ("a", "b", "serve:one", "e")}


def test_one_worker_has_all_lanes():
    """As one process has."""
    assert set(groups(IDS, LANES, 1).values()) == {("a", "b", "serve:one", "e")}
