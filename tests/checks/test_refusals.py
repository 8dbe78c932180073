"""
Negative checks: only the venue itself, in the declared way, satisfies them.
"""

from dataclasses import replace

import pytest

from checks.factory import broken, changed, judged, make_case, make_exchange, make_model
from pytest_darkhost.observations import Chunk, ErrorKind, Mode, ProbeError
from pytest_darkhost.plan import Owner, make_plan
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.access import ErrorSign, ErrorSigns
from pytest_darkhost.specs.target_settings import Quirks, TargetSettings
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

NEGATIVE = [(P.REFUSED_KEY, "refused_key"), (P.UNKNOWN_MODEL, "unknown_model")]
SPOKEN = {
    ErrorKind.AUTH_REFUSED,
    ErrorKind.FORBIDDEN,
    ErrorKind.NO_SUCH_MODEL,
    ErrorKind.BAD_REQUEST,
    ErrorKind.ERROR_IN_200,
    ErrorKind.UNEXPECTED_STATUS,
}
DEAD = [kind for kind in ErrorKind if kind not in SPOKEN]


def refused(error: ProbeError, sign: ErrorSign | None = None, **exchange: object) -> Verdict:
    """Return the verdict on a wrong key that was answered with this error."""
    known = make_case().venue.errors
    errors = ErrorSigns(refused_key=sign or known.refused_key, unknown_model=known.unknown_model)
    wire = make_exchange(status=error.status, **exchange)
    case = changed(
        make_case(venue={"errors": errors}), (P.REFUSED_KEY,), lambda seen: replace(seen, error=error, exchange=wire)
    )
    return judged(case)["refused_key"]


@pytest.mark.parametrize(("probe", "check"), NEGATIVE)
@pytest.mark.parametrize("kind", DEAD)
def test_a_host_that_is_down_refuses_nothing(probe: P, check: str, kind: ErrorKind) -> None:
    """No failure of the way or of a gateway passes, even with the declared status and code."""
    declared = (
        {"status": 401, "venue_code": "invalid_api_key"}
        if check == "refused_key"
        else {"status": 404, "venue_code": "model_not_available"}
    )

    assert not isinstance(judged(changed(make_case(), (probe,), broken(kind, **declared)))[check], Passed)


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "invalid_api_key"), (401, "other"), (401, None), (None, "invalid_api_key"), (500, "invalid_api_key")],
)
def test_status_and_code_must_be_as_declared(status: int | None, code: str | None) -> None:
    """A refusal in another way than the spec says fails, with what came and what was expected."""
    verdict = refused(ProbeError(ErrorKind.AUTH_REFUSED, "no", status=status, venue_code=code))

    assert isinstance(verdict, Failed)
    assert verdict.expected == "a wrong key refused with status 401, code 'invalid_api_key'"


@pytest.mark.parametrize(("words", "kind"), [("Invalid API Key given", Passed), ("expired", Failed), (None, Failed)])
def test_words_must_be_in_the_message_in_any_case(words: str | None, kind: type) -> None:
    """Where status and code are ambiguous, the spec names words."""
    sign = ErrorSign(status=(400,), message_contains="api key")
    error = ProbeError(ErrorKind.BAD_REQUEST, "no", status=400, venue_message=words)

    assert type(refused(error, sign)) is kind


def test_any_declared_status_will_do() -> None:
    """A sign may name several statuses, and no code."""
    sign = ErrorSign(status=(401, 403))

    assert isinstance(refused(ProbeError(ErrorKind.FORBIDDEN, "no", status=403), sign), Passed)


@pytest.mark.parametrize(
    "page",
    [
        {"headers": (("content-type", "text/html; charset=utf-8"),)},
        {"chunks": (Chunk(1, b"\n <!doctype html><p>401"),)},
    ],
    ids=["content type", "body"],
)
def test_a_page_is_not_the_venues_word(page: dict[str, object]) -> None:
    """A proxy's page with the right status is no refusal, whatever the envelope reader made of it."""
    error = ProbeError(ErrorKind.AUTH_REFUSED, "no", status=401, venue_code="invalid_api_key")

    verdict = refused(error, **page)

    assert isinstance(verdict, Failed)
    assert verdict.actual.endswith(": the sign, but of a page, as proxies send it")
    assert isinstance(refused(error), Passed)


def test_a_host_that_is_down_shows_the_sign_and_is_told_from_a_refusal() -> None:
    """The line says why a status that the spec names is not enough."""
    verdict = refused(ProbeError(ErrorKind.OVERLOADED, "no", status=503), ErrorSign(status=(503,)))

    assert isinstance(verdict, Failed)
    assert verdict.actual.endswith(": the sign, but of what refuses every request alike")


def test_a_forged_refusal_is_not_judged() -> None:
    """What no observed wire carried proves nothing."""
    error = ProbeError(ErrorKind.AUTH_REFUSED, "no", status=401, venue_code="invalid_api_key")

    assert isinstance(refused(error, mode=Mode.UNSEEN), NotJudged)


def test_a_limit_is_not_a_refusal() -> None:
    """A 429 to the wrong key is not judged."""
    assert refused(ProbeError(ErrorKind.RATE_LIMITED, "slow down", status=429)).code == "rate_limited"


def test_a_venue_that_answers_any_model_is_not_asked() -> None:
    """The quirk makes the check not applicable, with or without an observation."""
    model = make_model(quirks=Quirks(unknown_model="answered"))

    assert judged(make_case(model))["unknown_model"].code == "not_applicable"


def test_a_host_that_knows_no_model_proves_nothing() -> None:
    """Where the target's own model is refused in the same way, the refusal of an unknown one is no pass."""
    missing = broken(ErrorKind.NO_SUCH_MODEL, 404, venue_code="model_not_available")
    verdict = judged(changed(make_case(), (P.COLD,), missing))["unknown_model"]

    assert isinstance(verdict, Failed)
    assert verdict.actual.startswith("the model of the spec is refused in the same way")


def test_another_failure_of_the_chat_leaves_the_refusal_standing() -> None:
    """An overloaded model says nothing about the refusal of an unknown one."""
    case = changed(make_case(), (P.COLD,), broken(ErrorKind.OVERLOADED, 503))

    assert isinstance(judged(case)["unknown_model"], Passed)


@pytest.mark.parametrize(
    ("quirk", "check", "probe"),
    [
        (Quirks(refused_key="answered"), "refused_key", P.REFUSED_KEY),
        (Quirks(model_list="absent"), "model_listed", P.MODEL_LIST),
    ],
)
def test_a_quirk_of_the_venue_saves_its_call(quirk: Quirks, check: str, probe: P) -> None:
    """A venue that takes any key is not asked with a wrong one, and one without a list is not asked for it."""
    lax = {"defaults": TargetSettings(quirks=quirk)}
    plans = [
        make_plan([case.venue], {Owner(case.venue.venue): frozenset({probe})}, nonce="n").probes
        for case in (make_case(venue=lax), make_case())
    ]

    assert judged(make_case(venue=lax))[check].code == "not_applicable"
    assert [len(probes) for probes in plans] == [0, 1]
