"""
What is concluded of calls that hold no answer.
"""

from dataclasses import replace

import pytest

from checks.factory import SLUG, VENUE, broken, make_case, make_exchange, unsent
from pytest_darkhost.checks.availability import each, error_line, problem, trouble
from pytest_darkhost.observations import ErrorKind, Mode, Observation, ProbeError
from pytest_darkhost.probes import Probe
from pytest_darkhost.verdicts import Failed, NotJudged, Passed

PROBE = Probe("warm", VENUE, SLUG, sample=2)
WARM = make_case().observations["warm"]
HANDLED = {ErrorKind.COST_CAP: "cost_cap", ErrorKind.CANCELLED: "cancelled", ErrorKind.RATE_LIMITED: "rate_limited"}


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_has_a_verdict(kind: ErrorKind) -> None:
    """A call that failed is Failed; one that was not sent, or limited, is not judged; none passes."""
    found = problem(broken(kind)(WARM[0]))

    if kind in HANDLED:
        assert isinstance(found, NotJudged)
        assert found.code == HANDLED[kind]
    else:
        assert isinstance(found, Failed)
        assert (found.expected, found.actual) == ("an answer", f"{kind}: composed {kind}")
        assert dict(found.context).keys() == ({"record again"} if kind is ErrorKind.NOT_RECORDED else set())


def test_a_good_call_has_no_problem() -> None:
    """An answered call can be read."""
    assert problem(WARM[0]) is None


def test_an_adapter_that_nothing_saw_is_not_judged() -> None:
    """Neither an exchange nor an error means that the wire was not seen."""
    assert problem(Observation(PROBE, None)).code == "wire_unseen"


def test_an_unseen_exchange_is_not_judged_even_if_it_failed() -> None:
    """An error that came over no wire we observe says nothing of the venue."""
    exchange = make_exchange(mode=Mode.UNSEEN, status=500)
    error = ProbeError(ErrorKind.SERVER_ERROR, "forged", status=500)

    assert problem(Observation(PROBE, exchange, error)).code == "wire_unseen"


def test_a_server_that_did_not_start_fails() -> None:
    """A call that was not sent because a managed venue did not start is a failure of the venue."""
    assert isinstance(problem(unsent(ErrorKind.NOT_SERVED)(WARM[0])), Failed)


def test_the_line_of_an_error_names_all_that_is_known() -> None:
    """Kind, message, status, the venue's own words, request id and target of a redirect, on one line."""
    error = ProbeError(
        ErrorKind.REDIRECTED,
        "redirected\nelsewhere",
        status=308,
        venue_code="moved",
        venue_message="gone\tto " + "x" * 500,
        request_id="req_7",
        location="https://other.example/v1",
    )
    line = error_line(error)

    assert line.startswith("redirected: redirected elsewhere (status 308, code 'moved', venue says 'gone to xxx")
    assert line.endswith("…', request id req_7, to https://other.example/v1)")
    assert len(line) < 300


def test_a_limit_says_when_to_come_back() -> None:
    """The venue's Retry-After is in the reason."""
    limited = broken(ErrorKind.RATE_LIMITED, 429, retry_after_s=7.5)(WARM[0])

    assert problem(limited).reason.endswith("(status 429); retry after 7.5 s")


def test_a_failure_outweighs_what_was_not_judged() -> None:
    """One bad answer is proof, even where another call was rate limited."""
    calls = [broken(ErrorKind.RATE_LIMITED, 429)(WARM[0]), broken(ErrorKind.TLS)(WARM[1]), WARM[2]]
    found = trouble(calls, problem)

    assert isinstance(found, Failed)
    assert found.actual == "1 of 3 calls failed: warm[2]: tls: composed tls"


def test_failures_of_one_sort_make_one_line() -> None:
    """Request ids alone make no other failure; another kind is in the context."""
    calls = [broken(ErrorKind.OVERLOADED, 503, request_id=f"req_{n}")(call) for n, call in enumerate(WARM)]
    calls[1] = broken(ErrorKind.CUT)(WARM[1])
    found = trouble(calls, problem)

    assert (
        found.actual == "3 of 3 calls failed: warm[1]: overloaded: composed overloaded (status 503, request id req_0)"
    )
    assert found.context == (("warm[2]", "cut: composed cut"),)


def test_the_context_stays_short() -> None:
    """However many failures of different sorts there are, three are listed besides the first."""
    calls = [replace(WARM[0], probe=replace(PROBE, sample=n)) for n in range(1, 9)]
    found = trouble(calls, lambda call: Failed("other", f"fault {call.probe.sample}"))

    assert found.actual == "8 of 8 calls: warm[1]: fault 1"
    assert [text for _, text in found.context] == ["fault 2", "fault 3", "fault 4"]


def test_nothing_planned_is_never_a_pass() -> None:
    """A check without an observation is not judged."""
    verdict = each((), problem, Passed(), names=("cold", "warm"))

    assert verdict == NotJudged("too_few_samples", "no call of 'cold' or 'warm' was planned")
