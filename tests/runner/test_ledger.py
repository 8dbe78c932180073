"""The spending cap holds before each call, counting what is in flight."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.probes import Probe
from pytest_darkhost.runner.ledger import Ledger

PROBE = Probe(name="cold", venue="acme", model="small", worst_case_usd=Decimal("0.02"))


def numbered(number, **changes):
    """Return one of many probes."""
    return replace(PROBE, sample=number, **changes)


@pytest.fixture
def ledger():
    """A ledger in memory with a cap of 5 cents for the run and 3 for the venue `narrow`."""
    with Ledger(None, Decimal("0.05"), {"narrow": Decimal("0.03")}) as opened:
        yield opened


def test_reservations_in_flight_count(ledger):
    """The third call of 2 cents would exceed 5 cents although nothing has been spent yet."""
    assert [ledger.reserve(numbered(n)) for n in (1, 2)] == [None, None]

    assert "of the cap of $0.05 for run are spent or in flight" in ledger.reserve(numbered(3)).message


def test_settling_frees_what_was_not_spent(ledger):
    """After the venue has reported its usage, the reservation is replaced by the true cost."""
    for number in (1, 2):
        ledger.reserve(numbered(number))
    ledger.settle(numbered(1), Decimal("0.0001"))

    assert ledger.reserve(numbered(3)) is None
    assert ledger.total_usd() == Decimal("0.0401")


def test_a_ledger_that_was_stopped_lets_no_call_out(tmp_path):
    """Whichever process stops it, also a call that costs nothing."""
    path = tmp_path / "ledger.sqlite"
    with Ledger(path, None, {}) as worker, Ledger(path, None, {}) as controller:
        assert worker.reserve(numbered(1)) is None
        controller.stop()

        refusal = worker.reserve(numbered(2, worst_case_usd=Decimal(0)))

    assert (refusal.kind, refusal.message) == (
        ErrorKind.CANCELLED,
        "the run was stopped before this call was sent",
    )


def test_a_call_that_cost_more_than_its_worst_case_counts_in_full(ledger):
    """A venue that ignores the token ceiling stops the calls after it."""
    ledger.reserve(numbered(1))
    ledger.settle(numbered(1), Decimal("0.07"))

    assert ledger.reserve(numbered(2)) is not None


def test_the_cap_of_a_venue_holds_beside_the_runs(ledger):
    """The narrower of both caps decides, and other venues do not count for it."""
    ledger.reserve(numbered(1, worst_case_usd=Decimal("0.01")))
    assert ledger.reserve(numbered(1, venue="narrow")) is None

    assert "for narrow" in ledger.reserve(numbered(2, venue="narrow", worst_case_usd=Decimal("0.011"))).message


def test_exactly_the_cap_is_allowed(ledger):
    """The cap is what may be spent, not what must not be reached."""
    assert ledger.reserve(replace(PROBE, worst_case_usd=Decimal("0.05"))) is None


def test_free_calls_need_no_room(ledger):
    """A model list is asked for even when the cap is used up."""
    ledger.reserve(replace(PROBE, worst_case_usd=Decimal("0.05")))

    assert ledger.reserve(numbered(2, worst_case_usd=Decimal(0))) is None


def test_without_caps_everything_is_reserved():
    """A managed venue needs no cap."""
    with Ledger(None, None, {}) as ledger:
        assert ledger.reserve(replace(PROBE, worst_case_usd=Decimal(1000))) is None


def test_a_file_is_one_ledger_for_many_openers(tmp_path):
    """Workers that reserve at the same time never exceed the cap together."""
    path = tmp_path / "ledger.sqlite"
    granted = []

    def worker(number):
        with Ledger(path, Decimal("0.05"), {}) as ledger:
            for sample in range(5):
                if ledger.reserve(numbered(sample, venue=f"v{number}", worst_case_usd=Decimal("0.01"))) is None:
                    granted.append((number, sample))

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(granted) == 5


def test_small_amounts_add_up_exactly(ledger):
    """Ten times a tenth of a cent is a cent: amounts are decimal."""
    for number in range(10):
        ledger.reserve(numbered(number, worst_case_usd=Decimal("0.001")))

    assert ledger.total_usd() == Decimal("0.010")


def test_a_call_that_was_sent_is_not_sent_again(ledger):
    """A worker that replaces one that crashed has the same plan, and must not pay for it a second time."""
    ledger.reserve(numbered(1))
    ledger.settle(numbered(1), Decimal("0.0001"))

    refusal = ledger.reserve(numbered(1))

    assert refusal.kind is ErrorKind.CANCELLED
    assert "was sent already" in refusal.message
    assert ledger.total_usd() == Decimal("0.0001")


def test_calls_are_counted_whatever_they_cost(ledger):
    """The run's number of calls is that of the ledger."""
    ledger.reserve(numbered(1))
    ledger.reserve(numbered(2, worst_case_usd=Decimal(0)))

    assert ledger.calls() == 2


def test_a_full_disk_refuses_calls_and_loses_none(tmp_path):
    """What cannot be noted is not sent; what was sent keeps its worst case; what was noted stays readable."""
    with Ledger(tmp_path / "ledger.sqlite", Decimal(10), {}) as full:
        full._connection.execute("PRAGMA max_page_count=8")
        refusals = [full.reserve(numbered(n, model="m" * 500)) for n in range(1, 100)]
        noted = refusals.index(next(filter(None, refusals)))
        full.settle(numbered(noted, model="m" * 500), Decimal("0." + "1" * 30_000))

        assert 0 < noted == full.calls()
        assert full.total_usd() == noted * PROBE.worst_case_usd
        assert {refusal.kind for refusal in refusals[noted:]} == {ErrorKind.CANCELLED}
        assert refusals[-1].message.startswith("the ledger of the run: database or disk is full, expected ")


def test_a_ledger_that_cannot_be_made_is_a_usage_error(tmp_path):
    """With the place, and no traceback of SQLite."""
    with pytest.raises(UsageError, match=r"ledger\.sqlite: unable to open database file, expected a place"):
        Ledger(tmp_path / "nowhere" / "ledger.sqlite", None, {})


@pytest.mark.parametrize(
    ("run_cap", "venue_caps", "expected"),
    [("0.50", {}, "0.50"), (None, {"a": "0.1", "b": "0.2"}, "0.3"), ("0.25", {"a": "0.1", "b": "0.2"}, "0.25")],
)
def test_what_a_run_may_cost_is_the_narrower_of_its_caps(run_cap, venue_caps, expected):
    """The run's own, or those of its venues together."""
    caps = {venue: Decimal(cap) for venue, cap in venue_caps.items()}
    with Ledger(None, Decimal(run_cap) if run_cap else None, caps) as ledger:
        assert ledger.cap_over(["a", "b"]) == Decimal(expected)


def test_a_venue_without_a_cap_bounds_nothing():
    """Caps of other venues do not hold for it."""
    with Ledger(None, None, {"a": Decimal("0.1")}) as ledger:
        assert ledger.cap_over(["a", "b"]) is None
