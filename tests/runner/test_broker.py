"""The broker sends a plan from its own loop, fills what tests wait for, and stops at once when it is told to."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.plan import Owner, make_plan
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.runner.broker import Broker
from pytest_darkhost.runner.ledger import Ledger
from pytest_darkhost.runner.probing import VenueRun
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.resolution import adapter_path
from support.faults import Fault
from support.keys import KEY
from support.spec_factory import target
from support.venue_server import VenueServer


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a broker for stand-in venues; all are closed at the end."""
    brokers, ledgers = [], []

    def open_for(*servers, names=frozenset({ProbeName.COLD, ProbeName.WARM}), cap="1", together=None, **options):
        specs = [target(server, f"v{number}", **options)[0] for number, server in enumerate(servers)]
        needs = {Owner(spec.venue, model.slug): names for spec in specs for model in spec.models}
        runs = [VenueRun(spec, Credential(KEY), adapter_path(spec, {})) for spec in specs]
        ledgers.append(Ledger(None, Decimal(cap), {}))
        broker = Broker(
            make_plan(specs, needs, nonce="n"),
            runs,
            ledger=ledgers[-1],
            redactor=Redactor.of([KEY]),
            make_adapter=lambda _venue, _client: None,
            log_directory=tmp_path,
            together=together,
        )
        brokers.append(broker)
        return broker, runs

    yield open_for
    for opened in (*brokers, *ledgers):
        opened.close()


def test_lazy_broker_sends_when_somebody_waits(opened):
    """A worker of pytest-xdist pays only for the venues whose tests it was given."""
    with VenueServer() as one, VenueServer() as two:
        broker, runs = opened(one, two)

        seen = broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert [observation.probe.name for observation in seen] == ["cold", "warm"]
        assert (len(one.log), len(two.log)) == (2, 0)


def test_lanes_of_a_group_begin_together(opened):
    """Who asks for one has the others probed beside it, once each; the lanes of other groups wait."""
    group = ("v0", "v2")
    with VenueServer() as one, VenueServer() as two, VenueServer() as three:
        one.play = replace(one.play, delay_ms=300)
        broker, runs = opened(one, two, three, together=dict.fromkeys(group, group))
        for run in (runs[0], runs[2], runs[0]):
            broker.observations(run, run.spec.models[0].slug)

        assert [len(server.log) for server in (one, two, three)] == [2, 0, 2]
        assert three.log[0].at_ns < one.log[1].at_ns


def test_each_probe_is_sent_once_however_often_it_is_read(opened):
    """Reading again costs nothing."""
    with VenueServer() as server:
        broker, runs = opened(server)

        for _ in range(3):
            broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert len(server.log) == 2


def test_eager_broker_starts_all_lanes(opened):
    """Venues are probed side by side without anybody asking."""
    with VenueServer() as one, VenueServer() as two:
        broker, _runs = opened(one, two)
        broker.start_all()
        deadline = time.monotonic() + 10
        while sum(broker.status().done.values()) < 4 and time.monotonic() < deadline:
            time.sleep(0.005)

        assert (len(one.log), len(two.log)) == (2, 2)
        assert broker.status().spent_usd > 0
        assert broker.status().in_flight == ()


def test_status_names_what_is_in_flight(opened):
    """A person who waits sees for what."""
    with VenueServer(fault=Fault.HANG) as server:
        broker, _runs = opened(server)
        broker.start_all()
        deadline = time.monotonic() + 10
        while not server.log and time.monotonic() < deadline:
            time.sleep(0.005)

        assert broker.status().in_flight == ("v0/plain-1-v0/cold[1]",)
        assert (broker.status().done, broker.status().planned) == ({}, {"v0": 2})


def test_closing_stops_at_once_and_leaves_nobody_waiting(opened):
    """What was under way and what was not sent become observations that say so."""
    with VenueServer(fault=Fault.HANG) as server:
        broker, runs = opened(server)
        broker.start_all()
        deadline = time.monotonic() + 10
        while not server.log and time.monotonic() < deadline:
            time.sleep(0.005)
        broker.close()

        seen = broker.observations(runs[0], runs[0].spec.models[0].slug)
        assert {observation.error.kind for observation in seen} == {ErrorKind.CANCELLED}
        assert len(server.log) == 1


def test_closing_twice_and_without_a_start_is_fine(opened):
    """A run that ends early closes what it never used."""
    with VenueServer() as server:
        broker, runs = opened(server)
        broker.close()
        broker.close()

        seen = broker.observations(runs[0], runs[0].spec.models[0].slug)
        assert {observation.error.kind for observation in seen} == {ErrorKind.CANCELLED}
        assert server.log == ()


def test_one_failing_probe_does_not_stop_the_others(opened):
    """The second sample is sent although the first was answered with an error."""
    with VenueServer(fault=Fault.SERVER_ERROR, times=1) as server:
        broker, runs = opened(server)

        cold, warm = broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert cold.error.kind is ErrorKind.SERVER_ERROR
        assert warm.error is None


def test_a_call_beyond_the_cap_is_not_sent(opened):
    """The observation says why, and nothing is spent."""
    with VenueServer() as server:
        broker, runs = opened(server, cap="0")

        seen = broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert {observation.error.kind for observation in seen} == {ErrorKind.COST_CAP}
        assert "of the cap of $0 for run are spent or in flight" in seen["cold"][0].error.message
        assert (server.log, broker.status().spent_usd) == ((), 0)


def test_costs_are_reconciled_with_reported_usage(opened):
    """A call that stayed far below its ceilings is charged for what it used."""
    with VenueServer() as server:
        broker, runs = opened(server)

        cold, _warm = broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert 0 < cold.cost_usd < cold.probe.worst_case_usd


@pytest.mark.parametrize(
    ("fault", "charged"),
    [(Fault.SERVER_ERROR, True), (Fault.RATE_LIMITED, False), (Fault.ACCEPT_AND_CLOSE, True), (Fault.NO_USAGE, True)],
    ids=str,
)
def test_what_a_failed_call_costs(opened, fault, charged):
    """A refused call is free; where the venue may have generated something and did not say, the worst case stands."""
    with VenueServer(fault=fault) as server:
        broker, runs = opened(server, ceilings={"rate_limit_wait_ms": 1})

        cold, _warm = broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert cold.cost_usd == (cold.probe.worst_case_usd if charged else 0)


def test_a_lane_holds_one_probe_at_a_time(opened):
    """The targets of a venue follow each other: latencies are not self-inflicted."""
    with VenueServer(models=("a/one", "a/two"), delay_ms=40) as server:
        broker, _runs = opened(server)
        broker.start_all()
        deadline = time.monotonic() + 10
        while sum(broker.status().done.values()) < 4 and time.monotonic() < deadline:
            time.sleep(0.005)

        gaps = [b.at_ns - a.at_ns for a, b in zip(server.log, server.log[1:], strict=False)]
        assert min(gaps) >= 40e6


@pytest.fixture
def never_calm(monkeypatch):
    """Have nothing read in the background, so that what comes without it is seen."""
    monkeypatch.setattr("pytest_darkhost.runner.readings._CALM_S", 3600)
    monkeypatch.setattr("pytest_darkhost.runner.readings._LONGEST_S", 3600)


STREAMS = {"names": frozenset({ProbeName.STREAM}), "defaults": {"samples": {"stream": 3}}}


def answered(server, calls):
    """Wait until a venue has seen so many calls."""
    deadline = time.monotonic() + 20
    while len(server.log) < calls and time.monotonic() < deadline:
        time.sleep(0.005)
    return len(server.log)


@pytest.mark.usefixtures("never_calm")
def test_the_next_call_does_not_wait_for_an_answer_to_be_read(opened):
    """All calls of whole streams go out although none of their answers is read; none is lost when the run ends."""
    with VenueServer() as server:
        broker, runs = opened(server, **STREAMS)
        broker.start_all()

        assert answered(server, 3) == 3
        assert broker.status().done == {}
        while broker.status().in_flight:
            time.sleep(0.005)
        broker.close()

        seen = broker.observations(runs[0], runs[0].spec.models[0].slug)
        assert [observation.error for observation in seen] == [None] * 3
        assert (broker.status().done, broker.status().spent_usd > 0) == ({"v0": 3}, True)


@pytest.mark.usefixtures("never_calm")
def test_the_cap_is_held_by_what_calls_cost_although_they_are_read_later(opened):
    """Where the cap has no room for a call, what was answered is read and settled first, and the cap is kept."""
    with VenueServer() as server:
        broker, runs = opened(server, **STREAMS)
        broker.start_all()
        answered(server, 3)
        while broker.status().in_flight:
            time.sleep(0.005)
        broker.close()
        seen = list(broker.observations(runs[0], runs[0].spec.models[0].slug))
    costs, worst = [each.cost_usd for each in seen], seen[0].probe.worst_case_usd
    assert 0 < costs[0] < worst

    for cap, calls in ((costs[0] + costs[1] + worst, 3), (costs[0] + worst, 2)):
        with VenueServer() as server:
            broker, runs = opened(server, cap=str(cap), **STREAMS)
            broker.start_all()
            answered(server, calls)
            while broker.status().in_flight:
                time.sleep(0.005)
            broker.close()
            seen = list(broker.observations(runs[0], runs[0].spec.models[0].slug))
            assert [each.error is None for each in seen] == [number < calls for number in range(3)]
            assert len(server.log) == calls
            assert broker.status().spent_usd <= cap


@pytest.mark.usefixtures("never_calm")
def test_an_answer_that_the_next_call_depends_on_is_read_before_it(opened):
    """A venue that asks to wait for longer than we do is sent nothing more."""
    with VenueServer(fault=Fault.RATE_LIMITED, times=1) as server:
        broker, runs = opened(server, ceilings={"rate_limit_wait_ms": 1}, **STREAMS)

        seen = broker.observations(runs[0], runs[0].spec.models[0].slug)

        assert {each.error.kind for each in seen} == {ErrorKind.RATE_LIMITED}
        assert len(server.log) == 1


@pytest.mark.usefixtures("never_calm")
def test_a_target_whose_calls_were_answered_is_told_when_the_next_one_is_stopped(opened):
    """What was paid for is not lost because it was still to be read when the run ended."""
    with VenueServer(models=("a/one", "a/two"), delay_ms=400) as server:
        broker, runs = opened(server, names=frozenset({ProbeName.STREAM}), defaults={"samples": {"stream": 2}})
        broker.start_all()
        answered(server, 3)
        broker.close()

        one, two = (list(broker.observations(runs[0], model.slug)) for model in runs[0].spec.models)
        assert [each.error for each in one] == [None, None]
        assert [each.error.kind for each in two] == [ErrorKind.CANCELLED] * 2
