"""
From selected items to a plan, and from a plan to a broker.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest

# Private, as pytest offers no public way to ask; tests/contract holds what is used.
from _pytest.skipping import evaluate_skip_marks

from pytest_darkhost.checks.case import Source
from pytest_darkhost.plan import Owner, Plan, make_plan
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.suite.items import CheckItem
from pytest_darkhost.suite.own import probe_names
from pytest_darkhost.suite.own_tests import needs_marked
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.selection import LIVE, matches, opts_in
from pytest_darkhost.suite.sources import is_live, source_of, target_of, venue_path
from pytest_darkhost.suite.xdist import together

if TYPE_CHECKING:
    from pytest_darkhost.runner.broker import Broker
    from pytest_darkhost.runner.ledger import Ledger

_QUICK = frozenset({ProbeName.COLD, ProbeName.WARM})


def deselect(run: Run, items: list[pytest.Item]) -> list[pytest.Item]:
    """
    Return the items that this session must not run: live is opt-in, and needs a key.

    A replay is none the less one where a test's own mark says `live`: that mark alone does not select it.
    """
    live = [item for item in items if is_live(item)]
    if not run.live:
        return live
    replays = (item for item in items if source_of(item) is Source.REPLAY and item.get_closest_marker(LIVE))
    return _unasked(run, live) + [item for item in replays if not _selected_otherwise(run, item)]


def _selected_otherwise(run: Run, item: pytest.Item) -> bool:
    return matches(run.config.option.markexpr, {mark.name for mark in item.iter_markers()} - {LIVE})


def _unasked(run: Run, live: list[pytest.Item]) -> list[pytest.Item]:
    # Thousands of items share a few sets of marks and a few files.
    asked_for = cache(lambda marks: opts_in(run.config.option.markexpr, marks))
    runnable = cache(lambda path: path is not None and run.runnable(run.specs.load(path)))
    return [
        item
        for item in live
        if not (
            asked_for(frozenset(mark.name for mark in item.iter_markers()))
            and _quick_enough(run, item)
            and runnable(venue_path(item))
        )
    ]


def _quick_enough(run: Run, item: pytest.Item) -> bool:
    return not (isinstance(item, CheckItem) and run.settings.quick and not item.check.quick)


def needs_of(run: Run, items: Iterable[pytest.Item], source: Source) -> dict[Owner, frozenset[str]]:
    """Return the names of the probes that the selected items of a source read, by owner."""
    needs: dict[Owner, frozenset[str]] = {}
    quick = run.settings.quick and source is Source.LIVE
    for item in items:
        if source_of(item) is source and not _is_skipped(item):
            owner, names = _needs(run, item, quick=quick)
            needs[owner] = needs.get(owner, frozenset()) | names
    return needs


def _is_skipped(item: pytest.Item) -> bool:
    """Return whether a mark skips an item, so that nobody would read what is paid for it."""
    try:
        return evaluate_skip_marks(item) is not None
    except (Exception, pytest.fail.Exception):
        return False  # a condition that cannot be evaluated is pytest's to report


def _needs(run: Run, item: pytest.Item, *, quick: bool) -> tuple[Owner, frozenset[str]]:
    if isinstance(item, CheckItem):
        able = item.check.capability is None or (
            item.model is not None and item.check.capability in (item.model.capabilities or ())
        )
        names = frozenset(item.check.needs_of(item.model) if able else ())
        return item.owner, names & _QUICK if quick else names
    target = target_of(item)
    owner = Owner(target.venue.venue, target.model.slug) if target else Owner("")
    return owner, frozenset(map(str, needs_marked(item))) or frozenset(probe_names(run.own_probes))


def plan_of(run: Run, items: Iterable[pytest.Item]) -> Plan:
    """Return the plan of the selected live items."""
    needs = needs_of(run, items, Source.LIVE)
    names = {owner.venue for owner in needs}
    venues = [run.specs.load(path).spec for path in run.specs.wanted if path.stem in names]
    return make_plan(venues, needs, nonce=run.id, own=run.own_probes, quick=run.settings.quick)


def open_ledger(run: Run, plan: Plan) -> "Ledger":
    """Return the ledger of the run: in memory, or the file that all workers share."""
    from pytest_darkhost.runner.ledger import Ledger

    names = {probe.venue for probe in plan.probes}
    specs = [run.specs.load(path).spec for path in run.specs.wanted if path.stem in names]
    caps = {spec.venue: spec.max_cost_usd for spec in specs if spec.max_cost_usd is not None}
    run.ledger = Ledger(run.ledger_path, run.settings.max_cost_usd, caps)
    return run.ledger


def prepare_shared_ledger(run: Run) -> None:
    """
    Make the file of the ledger that the workers of pytest-xdist will share, before one of them is started.

    :raises UsageError: when it cannot be written.
    """
    from pytest_darkhost.runner.ledger import Ledger

    Ledger(run.shared_ledger, None, {}).close()


@contextmanager
def opened_ledger(run: Run) -> "Iterator[Ledger | None]":
    """Yield the ledger of the run: this process's own, or the workers' common one; `None` if nothing was sent."""
    from pytest_darkhost.runner.ledger import Ledger

    if run.ledger is not None:
        yield run.ledger
    elif run.shared_ledger.is_file():
        with Ledger(run.shared_ledger, None, {}) as ledger:
            yield ledger
    else:
        yield None


def open_broker(run: Run, items: Sequence[pytest.Item]) -> "Broker | None":
    """Return a broker for the plan of the items, started unless this is a worker; `None` if nothing is to be sent."""
    from pytest_darkhost.checks.registry import import_standard
    from pytest_darkhost.runner.broker import Broker

    plan = plan_of(run, items)
    if not plan.probes:
        return None
    import_standard()
    names = {probe.venue for probe in plan.probes}
    venues = [run.venue_run(run.specs.load(path)) for path in run.specs.wanted if path.stem in names]
    hook = run.config.hook.pytest_darkhost_adapter
    broker = Broker(
        plan,
        venues,
        ledger=open_ledger(run, plan),
        redactor=run.redactor,
        make_adapter=lambda venue, http_client: hook(venue=venue, http_client=http_client),
        log_directory=run.log_directory,
        together=together(run, items),
    )
    if not run.worker:
        broker.start_all()
    return broker
