"""
Which kind of error a venue reports: its own signs first, then codes with one meaning everywhere, then the status.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pytest_darkhost.dialects.envelope import Envelope
from pytest_darkhost.dialects.error_codes import CODES, EVENT_CODES
from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.specs.access import ErrorSign
from pytest_darkhost.specs.models import VenueSpec

_WORDS: Mapping[ErrorKind, str] = MappingProxyType(
    {
        ErrorKind.AUTH_REFUSED: "the venue refused the key",
        ErrorKind.FORBIDDEN: "the key may not do this",
        ErrorKind.NO_CREDIT: "the account has no credit",
        ErrorKind.NO_SUCH_MODEL: "the venue knows no such model",
        ErrorKind.NO_SUCH_ROUTE: "the venue has no such route",
        ErrorKind.BAD_REQUEST: "the venue refused the request",
        ErrorKind.RATE_LIMITED: "the venue limits the rate",
        ErrorKind.OVERLOADED: "the venue is overloaded",
        ErrorKind.SERVER_ERROR: "the venue failed",
        ErrorKind.UNEXPECTED_STATUS: "a status that no venue documents, expected 2xx",
    }
)

_STATUSES: Mapping[int, ErrorKind] = MappingProxyType(
    {
        401: ErrorKind.AUTH_REFUSED,
        402: ErrorKind.NO_CREDIT,
        403: ErrorKind.FORBIDDEN,
        404: ErrorKind.NO_SUCH_ROUTE,
        405: ErrorKind.NO_SUCH_ROUTE,
        408: ErrorKind.SERVER_ERROR,
        429: ErrorKind.RATE_LIMITED,
        498: ErrorKind.OVERLOADED,
        503: ErrorKind.OVERLOADED,
        529: ErrorKind.OVERLOADED,
    }
)
"""498 is Groq's flex tier, 529 Anthropic's."""

_NO_ROUTE_WORDS = frozenset({"not found", "404 page not found", "file not found", "404 not found"})
"""Whole messages of frameworks for a path that is not served, some with a type that fits a model as well."""

_NO_ROUTE_STARTS = (
    "invalid url",
    "unknown request url",
    "no route matched",
    "no route for ",
    "no api found for ",
    "could not route to ",
    "cannot get ",
    "cannot post ",
)
"""Databricks has no API, Cloudflare cannot route."""

_FAILURES = frozenset({ErrorKind.OVERLOADED, ErrorKind.RATE_LIMITED})
"""What a code may make of a 5xx. A failing server's word on the key or the model is no judgement of them."""


def words(kind: ErrorKind) -> str:
    """Return a kind in a few words for the reader."""
    return _WORDS.get(kind, kind.value.replace("_", " "))


def kind_of_status(spec: VenueSpec, status: int, envelope: Envelope | None) -> ErrorKind:
    """
    Return the kind of a response that is not 2xx. `envelope` is `None` where the body was no JSON error.

    A sign with code or words counts first, then a known code, then a sign that is a bare status, then the status.
    A bare 400 says that a model is unknown only where the venue speaks of a model: many mistakes share it.
    """
    if envelope is None:
        return _default(status)
    if status == 404 and _is_about_a_route(envelope):
        return ErrorKind.NO_SUCH_ROUTE
    signs = [(kind, sign) for kind, sign in _signs(spec) if matches(sign, status, envelope)]
    exact = next((kind for kind, sign in signs if _is_exact(sign)), None)
    bare = next((kind for kind, _ in signs if _may_be_bare(kind, status, envelope)), None)
    return exact or _told_by_code(status, envelope) or bare or _told_by_status(status, envelope)


def without_model(kind: ErrorKind, status: int) -> ErrorKind:
    """Return the kind of an answer to a request that names no model, as that for a list of models: none lacks."""
    return _default(status) if kind is ErrorKind.NO_SUCH_MODEL else kind


def kind_of_event(spec: VenueSpec, envelope: Envelope) -> ErrorKind:
    """Return the kind of an error event inside a stream."""
    if envelope.status is not None:
        return kind_of_status(spec, envelope.status, envelope)
    return _by_code(CODES, envelope) or _by_code(EVENT_CODES, envelope) or ErrorKind.ERROR_IN_200


def matches(sign: ErrorSign, status: int, envelope: Envelope) -> bool:
    """Return whether an error bears a sign: any of its statuses, and its code and words where it has them."""
    if status not in sign.status or (sign.code and _shared(sign, envelope) is None):
        return False
    return sign.message_contains is None or sign.message_contains.lower() in (envelope.message or "").lower()


def matched_code(spec: VenueSpec, kind: ErrorKind, envelope: Envelope) -> str | None:
    """Return the envelope's code that the sign of this kind names; `None` where there is none."""
    shared = (_shared(sign, envelope) for sign_kind, sign in _signs(spec) if sign_kind is kind)
    return next((code for code in shared if code), None)


def _signs(spec: VenueSpec) -> Iterator[tuple[ErrorKind, ErrorSign]]:
    """Yield the spec's signs, those with words first, then those with codes: one status can have several meanings."""
    signs = (
        (ErrorKind.AUTH_REFUSED, spec.errors.refused_key),
        (ErrorKind.NO_SUCH_MODEL, spec.errors.unknown_model),
        (ErrorKind.NO_CREDIT, spec.errors.exhausted_credit),
    )
    given = [(kind, sign) for kind, sign in signs if sign is not None]
    yield from sorted(given, key=lambda item: (item[1].message_contains is None, not item[1].code))


def _shared(sign: ErrorSign, envelope: Envelope) -> str | None:
    named = {code.lower() for code in sign.code}
    return next((code for code in envelope.codes if code.lower() in named), None)


def _by_code(table: Mapping[ErrorKind, frozenset[str]], envelope: Envelope) -> ErrorKind | None:
    codes = {code.lower() for code in envelope.codes}
    return next((kind for kind, known in table.items() if codes & known), None)


def _is_exact(sign: ErrorSign) -> bool:
    return bool(sign.code) or sign.message_contains is not None


def _may_be_bare(kind: ErrorKind, status: int, envelope: Envelope) -> bool:
    shared = _default(status) is ErrorKind.BAD_REQUEST
    return kind is not ErrorKind.NO_SUCH_MODEL or not shared or _is_about_a_model(envelope)


def _told_by_code(status: int, envelope: Envelope) -> ErrorKind | None:
    """Return the kind of a known code where the status lets it speak."""
    known = _by_code(CODES, envelope)
    if status == 429:
        return known if known is ErrorKind.NO_CREDIT else ErrorKind.RATE_LIMITED
    return known if status < 500 or known in _FAILURES else None


def _told_by_status(status: int, envelope: Envelope) -> ErrorKind:
    return ErrorKind.NO_SUCH_MODEL if status == 404 and _is_about_a_model(envelope) else _default(status)


def _is_about_a_route(envelope: Envelope) -> bool:
    message = (envelope.message or "").strip().lower().rstrip(".")
    return message in _NO_ROUTE_WORDS or message.startswith(_NO_ROUTE_STARTS)


def _is_about_a_model(envelope: Envelope) -> bool:
    codes = {code.lower() for code in envelope.codes}
    return "not_found_error" in codes or envelope.param == "model" or "model" in (envelope.message or "").lower()


def _default(status: int) -> ErrorKind:
    if status in _STATUSES:
        return _STATUSES[status]
    if 500 <= status <= 599:
        return ErrorKind.SERVER_ERROR
    return ErrorKind.BAD_REQUEST if 400 <= status <= 499 else ErrorKind.UNEXPECTED_STATUS
