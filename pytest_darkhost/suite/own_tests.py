"""
A team's own tests that ask for a target or its observations: one item for each target of the chosen venues.
"""

from collections.abc import Iterator

import pytest

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite.own import probe_names, unknown_probe
from pytest_darkhost.suite.run import Run

NEEDS_MARK = "darkhost_needs"
"""Names of the probes that a test reads; without it, all."""


def parametrize(run: Run, metafunc: pytest.Metafunc) -> None:
    """
    Give a test that asks for `darkhost_target` its targets, live and replayed if it reads observations.

    :raises pytest.Collector.CollectError: if a spec is wrong.
    """
    if "darkhost_target" not in metafunc.fixturenames:
        return
    _refuse_unknown_needs(run, metafunc.definition)
    targets = _targets(run)
    if "darkhost_observations" not in metafunc.fixturenames:
        metafunc.parametrize("darkhost_target", targets, ids=[target.id for target in targets])
        return
    live = [pytest.param(target, id=target.id, marks=pytest.mark.live) for target in targets]
    replay = [pytest.param(target, id=f"{target.id}-replay", marks=pytest.mark.replay) for target in targets]
    metafunc.parametrize("darkhost_target", [*live, *replay])


def needs_marked(item: pytest.Item) -> Iterator[object]:
    """Yield what the marks of a test name; nothing where it has none."""
    return (name for mark in item.iter_markers(NEEDS_MARK) for name in mark.args)


def _targets(run: Run) -> list[Target]:
    try:
        loaded = map(run.specs.load, run.specs.wanted)
        return [target for each in loaded for target in each.spec.targets]
    except DarkhostError as error:
        raise pytest.Collector.CollectError(str(error)) from None


def _refuse_unknown_needs(run: Run, definition: pytest.Item) -> None:
    known = probe_names(run.own_probes)
    for name in needs_marked(definition):
        if fault := unknown_probe(name, known):
            pytest.fail(f"{definition.nodeid}: {NEEDS_MARK}: {fault}", pytrace=False)
