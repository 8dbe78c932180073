"""
Faults against checks: each fault is caught by the check that should catch it, and by no other than follows from it.

The venues are composed stand-ins on loopback. All cases of the module are driven once, side by side.
"""

from collections.abc import Callable, Iterable

import pytest

from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.observations import ErrorKind
from support.asked import Kind
from support.cases import Case, Driven
from support.expected_verdicts import ANTHROPIC, EXPECTED, KINDS, NONE, failed
from support.faults import Fault
from support.keys import KEY
from support.profiles import PROFILES

_CEILINGS = {
    Fault.HANG: {"first_byte_timeout_ms": 100},
    Fault.ENDLESS_BODY: {"total_timeout_ms": 300},
    Fault.HUGE_BODY: {"body_bytes": 100_000},
}
_SMALL = {"ms": 20, "size": 300_000}
_WIRE = frozenset(
    {
        *(Fault.ACCEPT_AND_CLOSE, Fault.NO_ANSWER, Fault.RESET_MID_HEADERS, Fault.HANG, Fault.ENDLESS_HEADERS),
        *(Fault.MALFORMED_HTTP, Fault.HTTP_1_0, Fault.SLOW_HEADERS, Fault.HUGE_BODY, Fault.ENDLESS_BODY),
        *(Fault.HTML_200, Fault.HTML_502, Fault.NO_ROUTE_TEXT, Fault.NO_ROUTE_HTML, Fault.REDIRECT, Fault.GZIP),
    },
)
"""Faults that know nothing of the dialect: played in one only."""


def _fault_case(profile: str, fault: Fault) -> Case:
    own = ANTHROPIC if profile == "anthropic" else {}
    ceilings = {"ceilings": _CEILINGS[fault]} if fault in _CEILINGS else {}
    return Case(f"{profile}-{fault}", profile, own.get(fault, EXPECTED[fault]), fault, _SMALL, ceilings)


def _planted(name: str, fault: Fault, kind: Kind, check: str, word: str = "failed") -> Case:
    return Case(name, "groq", {check: word}, fault, {**_SMALL, "on": frozenset({kind})}, _ceilings(fault))


def _ceilings(fault: Fault) -> dict[str, dict[str, int]]:
    return {"ceilings": _CEILINGS[fault]} if fault in _CEILINGS else {}


HEALTHY = tuple(Case(f"healthy-{name}", name, NONE) for name in PROFILES)
IN_OPENAI = tuple(_fault_case("openai", fault) for fault in Fault)
IN_ANTHROPIC = tuple(_fault_case("anthropic", fault) for fault in Fault if fault not in _WIRE)
NEGATIVE = (
    # What must be refused is not refused by a venue that is dead, limited, failing or behind a proxy.
    _planted("dead-refused_key", Fault.NO_ANSWER, Kind.REFUSED_KEY, "refused_key"),
    _planted("silent-refused_key", Fault.HANG, Kind.REFUSED_KEY, "refused_key"),
    _planted("failing-refused_key", Fault.SERVER_ERROR, Kind.REFUSED_KEY, "refused_key"),
    _planted("proxied-refused_key", Fault.HTML_502, Kind.REFUSED_KEY, "refused_key"),
    _planted("limited-refused_key", Fault.RATE_LIMITED, Kind.REFUSED_KEY, "refused_key", "rate_limited"),
    _planted("dead-unknown_model", Fault.NO_ANSWER, Kind.UNKNOWN_MODEL, "unknown_model"),
    _planted("failing-unknown_model", Fault.SERVER_ERROR, Kind.UNKNOWN_MODEL, "unknown_model"),
    _planted("no_route-unknown_model", Fault.NO_ROUTE_TEXT, Kind.UNKNOWN_MODEL, "unknown_model"),
    _planted("limited-unknown_model", Fault.RATE_LIMITED, Kind.UNKNOWN_MODEL, "unknown_model", "rate_limited"),
    _planted("proxied-model_list", Fault.HTML_200, Kind.MODELS, "model_listed"),
    _planted("limited-model_list", Fault.RATE_LIMITED, Kind.MODELS, "model_listed", "rate_limited"),
    _planted("failing-json_schema", Fault.SERVER_ERROR, Kind.JSON_SCHEMA, "json_schema"),
    _planted("cut-tool_stream", Fault.CUT, Kind.TOOL_STREAM, "tool_call_stream"),
)
OWN_COST = (
    Case("deepinfra-wrong_cost", "deepinfra", failed("cost"), Fault.WRONG_COST),
    Case("xai-wrong_cost", "xai", failed("cost"), Fault.WRONG_COST),
    # The total is what tells xAI's billed output, so that a wrong one changes the cost as well.
    Case("xai-wrong_usage_sum", "xai", failed("usage", "cost"), Fault.WRONG_USAGE_SUM),
)
CASES = {case.name: case for case in (*HEALTHY, *IN_OPENAI, *IN_ANTHROPIC, *NEGATIVE, *OWN_COST)}
FAULTY = [name for name, case in CASES.items() if case.fault]


@pytest.fixture(scope="module")
def driven(drive: Callable[[Iterable[Case]], dict[str, Driven]]) -> dict[str, Driven]:
    """Return what came of all cases."""
    return drive(CASES.values())


@pytest.mark.parametrize("name", CASES)
def test_a_fault_turns_its_checks_and_no_others(driven: dict[str, Driven], name: str) -> None:
    """The checks that do not pass are those of the table, each in the way of the table."""
    assert driven[name].deviations == dict(CASES[name].expected)


@pytest.mark.parametrize("case", IN_OPENAI, ids=lambda case: str(case.fault))
def test_a_fault_has_its_own_kind_of_error(driven: dict[str, Driven], case: Case) -> None:
    """The first call that the fault spoils ends in the error of the table, or in none."""
    calls = {"cold", "stream", "model_list"}
    seen = [o for o in driven[case.name].smoked.observations if o.probe.name in calls and o.error]
    first = next((o.error.kind for o in seen if o.error), None)
    assert case.fault is not None
    assert first == KINDS.get(case.fault)


@pytest.mark.parametrize("name", FAULTY)
def test_no_output_holds_any_part_of_the_key(driven: dict[str, Driven], name: str) -> None:
    """Neither verdicts nor observations, whatever the venue echoes; its beginning and end count as parts."""
    text = repr(driven[name].smoked.verdicts) + repr(driven[name].smoked.observations)
    assert [part for part in (KEY, KEY[:8], KEY[-8:]) if part in text] == []


def test_nothing_follows_a_redirect(driven: dict[str, Driven]) -> None:
    """Where it points no request arrives, so no key does; the verdict says where that is."""
    one = driven["openai-redirect"]
    assert one.key_kinds == ()
    error = next(o.error for o in one.smoked.observations if o.error)
    assert error.kind is ErrorKind.REDIRECTED
    assert (error.location or "").startswith("http://127.0.0.1:")


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.RATE_LIMITED_DATE])
def test_a_rate_limit_says_when_to_come_back(driven: dict[str, Driven], fault: Fault) -> None:
    """In seconds, whether the venue gave seconds or a date."""
    errors = [o.error for o in driven[f"openai-{fault}"].smoked.observations if o.error]
    assert {error.retry_after_s for error in errors} == {7.0}


def test_the_tables_cover_all_faults_and_checks() -> None:
    """No fault is left out, and each live check is turned by some fault."""
    turned = {name for case in CASES.values() for name in case.expected}
    live = {check.name for check in STANDARD} - {"catalog_parity"}
    assert set(EXPECTED) == set(Fault)
    assert turned == live


def test_a_stream_s_longest_gap_is_a_figure(driven: dict[str, Driven]) -> None:
    """A single stall fails no budget of the mean; the figure shows it."""
    figures = driven["openai-stall"].smoked.verdicts["inter_token_latency"].figures
    assert isinstance(figures["max_gap_ms"], float)
    assert figures["max_gap_ms"] >= 19
