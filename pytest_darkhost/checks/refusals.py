"""
Whether the venue itself refuses a wrong key and an unknown model, in the way that the spec declares.

A host that is down, overloaded or hidden behind a proxy's page refuses everything: it can satisfy neither check.
"""

from pytest_darkhost.checks.availability import Trouble, each, error_line, problem
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.target import quirks_of, seen
from pytest_darkhost.checks.texts import short
from pytest_darkhost.observations import ErrorKind, Exchange, Mode, Observation, ProbeError
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.access import ErrorSign
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

_VENUE_SPOKE = frozenset(
    {
        ErrorKind.AUTH_REFUSED,
        ErrorKind.FORBIDDEN,
        ErrorKind.NO_SUCH_MODEL,
        ErrorKind.BAD_REQUEST,
        ErrorKind.ERROR_IN_200,
        ErrorKind.UNEXPECTED_STATUS,
    }
)
"""Kinds in which the venue's own application answered: no transport, no gateway, no missing route."""


def sign_text(sign: ErrorSign) -> str:
    """Return a sign in words: `status 401 or 403, code 'invalid_api_key'`."""
    status = " or ".join(map(str, sign.status))
    code = f", code {' or '.join(map(repr, sign.code))}" if sign.code else ""
    words = f", message with {sign.message_contains!r}" if sign.message_contains else ""
    return f"status {status}{code}{words}"


def shows(sign: ErrorSign, error: ProbeError) -> bool:
    """Return whether an error carries all that a sign declares."""
    words = (sign.message_contains or "").lower()
    return (
        error.status in sign.status
        and (not sign.code or error.venue_code in sign.code)
        and words in (error.venue_message or "").lower()
    )


def _is_page(exchange: Exchange | None) -> bool:
    if exchange is None:
        return False
    return "html" in (exchange.header("content-type") or "").lower() or exchange.body.lstrip()[:1] == b"<"


def _refusal(observation: Observation, sign: ErrorSign, what: str) -> Trouble | None:
    """Return what is wrong with a refusal, or `None` when the venue refused as declared."""
    expected = f"{what} refused with {sign_text(sign)}"
    found = problem(observation)
    error = observation.error
    if isinstance(found, NotJudged) or (error is not None and error.kind is ErrorKind.NOT_RECORDED):
        return found
    if error is None:
        return Failed(expected, f"{what} was accepted{_said(observation)}")
    by_venue = error.kind in _VENUE_SPOKE and observation.mode is not Mode.UNSEEN and not _is_page(observation.exchange)
    if not shows(sign, error):
        return Failed(expected, error_line(error))
    return None if by_venue else Failed(expected, f"{error_line(error)}: the sign, but {_whose(error)}")


def _whose(error: ProbeError) -> str:
    """Return who refuses instead of the venue's application."""
    if error.kind in _VENUE_SPOKE:
        return "of a page, as proxies send it"
    return "of what refuses every request alike"


def _said(observation: Observation) -> str:
    if observation.answer is None or not observation.answer.text.strip():
        return ""
    return f", and answered {short(observation.answer.text, 80)!r}"


def _verdict(case: Case, name: ProbeName, sign: ErrorSign, what: str) -> Verdict:
    observations = seen(case, name)
    errors = [observation.error for observation in observations if observation.error is not None]
    actual = error_line(errors[0]) if errors else ""
    passed = Passed(f"{what} refused with {sign_text(sign)}", actual)
    return each(observations, lambda o: _refusal(o, sign, what), passed, names=(name,))


def refused_key(case: Case) -> Verdict:
    """Return whether the venue refused a wrong key with the status, code and words of the spec."""
    quirks = case.venue.defaults.quirks
    if quirks is not None and quirks.refused_key == "answered":
        return NotJudged(ReasonCode.NOT_APPLICABLE, "spec declares that the venue accepts any key")
    return _verdict(case, ProbeName.REFUSED_KEY, case.venue.errors.refused_key, "a wrong key")


def _refuses_all(case: Case) -> bool:
    """Return whether the chat of the known model was refused like that of an unknown one."""
    sign = case.venue.errors.unknown_model
    errors = [observation.error for observation in seen(case, ProbeName.COLD)]
    return bool(errors) and all(error is not None and shows(sign, error) for error in errors)


def unknown_model(case: Case) -> Verdict:
    """
    Return whether the venue refused a model that does not exist, as the spec declares.

    A chat of the target's own model is the control: where it ends in the same way, the refusal proves nothing.
    """
    if quirks_of(case).unknown_model == "answered":
        return NotJudged(ReasonCode.NOT_APPLICABLE, "spec declares that the venue answers any model name")
    sign = case.venue.errors.unknown_model
    verdict = _verdict(case, ProbeName.UNKNOWN_MODEL, sign, "an unknown model")
    if isinstance(verdict, Passed) and _refuses_all(case):
        return Failed(verdict.expected, f"the model of the spec is refused in the same way: {verdict.actual}")
    return verdict
