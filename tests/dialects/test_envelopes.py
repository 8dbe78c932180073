"""Error bodies of every shape are understood, and classified by sign, code and status in this order."""

import json
from typing import Any

import pytest

from dialects.builders import JSON_TYPE, venue
from pytest_darkhost.dialects.envelopes import classify
from pytest_darkhost.observations import ErrorKind as K
from pytest_darkhost.observations import Phase, ProbeError
from pytest_darkhost.specs.models import VenueSpec


def classified(
    value: Any, status: int = 400, spec: VenueSpec | None = None, headers: tuple[tuple[str, str], ...] = JSON_TYPE
) -> ProbeError:
    """Return the error of a body; one that is not bytes is sent as JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return classify(spec or venue(), status, headers, body)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"message": "no", "type": "t", "code": "c"}}, "c", "no"),
        ({"error": {"message": "no", "type": "t", "param": None, "code": None}}, "t", "no"),
        ({"id": "composed", "error": {"message": "no", "type": "t", "code": "c"}}, "c", "no"),
        ({"error": {"message": "no"}}, None, "no"),
        ({"error": {"object": "error", "message": "no", "code": "c"}, "request_id": "r"}, "c", "no"),
        ({"error": "no"}, None, "no"),
        ({"code": "c", "error": "no"}, "c", "no"),
        ({"code": 400, "reason": "WHY", "message": "no", "metadata": {}}, "WHY", "no"),
        ({"message": "no", "type": "server_error"}, "server_error", "no"),
        ({"message": "no"}, None, "no"),
        ({"detail": {"error": "no"}}, None, "no"),
        ({"detail": {"error": {"message": "no", "code": "c"}}}, "c", "no"),
        ({"detail": {"message": "no", "code": "c"}}, "c", "no"),
        ({"detail": "no"}, None, "no"),
        ({"detail": [{"loc": ["body", "n"], "msg": "too big", "type": "x"}]}, None, "body.n: too big"),
        ({"detail": [{"loc": ["a"], "msg": "b"}, {"loc": [0, "c"], "msg": "d"}]}, None, "a: b; 0.c: d"),
        ({"object": "error", "message": "no", "type": "t", "param": None, "code": "1500"}, "1500", "no"),
        ({"type": "error", "error": {"type": "t", "message": "no"}, "request_id": "r"}, "t", "no"),
        ([{"error": {"code": 400, "message": "no", "status": "BAD", "details": []}}], "BAD", "no"),
        ({"error": {"code": 400, "message": "no"}}, "400", "no"),
        ({"error": "no", "error_type": "validation"}, "validation", "no"),
        ({"error_code": "ENDPOINT_NOT_FOUND", "message": "no"}, "ENDPOINT_NOT_FOUND", "no"),
        ({"success": False, "errors": [{"code": 10000, "message": "no"}], "messages": []}, "10000", "no"),
        ({"success": False, "error": [{"code": 2009, "message": "no"}], "result": []}, "2009", "no"),
        ({"errors": ["no"]}, None, "no"),
        ({"message": "no", "errors": {"model": ["is invalid"]}}, None, "no"),
        ({"detail": "no", "code": "authentication_failed"}, "authentication_failed", "no"),
        ({"type": "about:blank", "title": "Bad key", "status": 400, "detail": "no"}, "Bad key", "no"),
        ({"errors": []}, None, '{"errors": []}'),
        ({"error": {"message": "no", "code": True, "type": "t"}}, "t", "no"),
        (b"plain words", None, "plain words"),
        (b"", None, None),
        (b"{}", None, "{}"),
        (b"null", None, "null"),
    ],
)
def test_every_shape_of_envelope(body: Any, code: str | None, message: str | None) -> None:
    """The venue's code and words are found wherever they stand; without an envelope, the body is quoted."""
    error = classified(body)
    assert (error.kind, error.status, error.phase) == (K.BAD_REQUEST, 400, Phase.BODY)
    assert (error.venue_code, error.venue_message) == (code, message)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (100, K.UNEXPECTED_STATUS),
        (302, K.UNEXPECTED_STATUS),
        (400, K.BAD_REQUEST),
        (401, K.AUTH_REFUSED),
        (402, K.NO_CREDIT),
        (403, K.FORBIDDEN),
        (404, K.NO_SUCH_ROUTE),
        (405, K.NO_SUCH_ROUTE),
        (408, K.SERVER_ERROR),
        (413, K.BAD_REQUEST),
        (422, K.BAD_REQUEST),
        (429, K.RATE_LIMITED),
        (498, K.OVERLOADED),
        (500, K.SERVER_ERROR),
        (502, K.SERVER_ERROR),
        (503, K.OVERLOADED),
        (504, K.SERVER_ERROR),
        (520, K.SERVER_ERROR),
        (529, K.OVERLOADED),
        (600, K.UNEXPECTED_STATUS),
    ],
)
@pytest.mark.parametrize("body", [b"", {"error": {"message": "no"}}], ids=["empty", "envelope"])
def test_status_decides_where_nothing_else_does(status: int, kind: K, body: Any) -> None:
    """Without a sign and a known code the status gives the kind."""
    assert classified(body, status).kind is kind


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"code": "insufficient_quota"}, K.NO_CREDIT),
        (429, {"code": "engine_overloaded"}, K.RATE_LIMITED),
        (429, {"code": "invalid_api_key"}, K.RATE_LIMITED),
        (403, {"code": "invalid_api_key"}, K.AUTH_REFUSED),
        (403, {"code": "NOT_ENOUGH_BALANCE"}, K.NO_CREDIT),
        (403, {"type": "permission_error"}, K.FORBIDDEN),
        (401, {"code": "insufficient_quota"}, K.NO_CREDIT),
        (400, {"code": 400, "details": [{"reason": "API_KEY_INVALID"}]}, K.AUTH_REFUSED),
        (400, {"type": "invalid_model", "code": "1500"}, K.NO_SUCH_MODEL),
        (404, {"code": "model_not_available"}, K.NO_SUCH_MODEL),
        (404, {"code": "NOT_FOUND", "param": "model", "message": "gone"}, K.NO_SUCH_MODEL),
        (404, {"type": "not_found_error", "message": "gone: x"}, K.NO_SUCH_MODEL),
        (404, {"status": "NOT_FOUND", "message": "models/x is not found"}, K.NO_SUCH_MODEL),
        (404, {"code": "NOT_FOUND", "message": "gone"}, K.NO_SUCH_ROUTE),
        (404, {"type": "not_found_error", "message": "Not Found"}, K.NO_SUCH_ROUTE),
        (404, {"type": "not_found_error", "message": "File Not Found"}, K.NO_SUCH_ROUTE),
        (404, {"type": "invalid_request_error", "message": "Invalid URL (POST /v1/models/x)"}, K.NO_SUCH_ROUTE),
        (404, {"code": "unknown_url", "message": "no model here"}, K.NO_SUCH_ROUTE),
        (500, {"code": "invalid_api_key"}, K.SERVER_ERROR),
        (500, {"type": "overloaded_error"}, K.OVERLOADED),
        (503, {"code": "rate_limit_exceeded"}, K.RATE_LIMITED),
    ],
)
def test_codes_are_weighed_against_the_status(status: int, error: dict[str, Any], kind: K) -> None:
    """A code with one meaning everywhere beats the status, but a 429 stays one and a 5xx judges no key."""
    assert classified({"error": error}, status).kind is kind


@pytest.mark.parametrize(
    ("name", "status", "body", "kind"),
    [
        ("deepinfra", 403, {"detail": {"error": "Not authenticated"}}, K.AUTH_REFUSED),
        ("xai", 400, {"code": "invalid-argument", "error": "Incorrect API key provided"}, K.AUTH_REFUSED),
        ("xai", 400, {"code": "invalid-argument", "error": "Argument not supported"}, K.BAD_REQUEST),
        ("gemini", 400, [{"error": {"code": 400, "message": "API key not valid"}}], K.AUTH_REFUSED),
        ("gemini", 400, [{"error": {"code": 400, "message": "Bad schema"}}], K.BAD_REQUEST),
        ("fireworks", 412, {"error": {"message": "suspended"}}, K.NO_CREDIT),
        ("fireworks", 404, {"error": {"code": "NOT_FOUND", "message": "gone"}}, K.NO_SUCH_MODEL),
        (
            "mistral",
            400,
            {"object": "error", "message": "no", "type": "invalid_model", "code": "1500"},
            K.NO_SUCH_MODEL,
        ),
        ("openai", 429, {"error": {"type": "insufficient_quota", "message": "used up"}}, K.NO_CREDIT),
        ("openai", 429, {"error": {"type": "tokens", "message": "slow down"}}, K.RATE_LIMITED),
        ("novita", 403, {"code": 403, "reason": "NOT_ENOUGH_BALANCE", "message": "no"}, K.NO_CREDIT),
        ("novita", 403, {"code": 403, "reason": "model_access_denied", "message": "no"}, K.FORBIDDEN),
        ("novita", 404, b"404 page not found", K.NO_SUCH_ROUTE),
        ("together", 403, {"error": {"message": "context too long", "type": "invalid_request_error"}}, K.FORBIDDEN),
    ],
)
def test_signs_of_the_venue_come_first(name: str, status: int, body: Any, kind: K) -> None:
    """What the spec says of its venue's errors beats what is true elsewhere."""
    assert classified(body, status, venue(name)).kind is kind


def test_the_more_exact_sign_wins() -> None:
    """Of two signs with one status, the one with words decides."""
    errors = {
        "refused_key": {"status": [400]},
        "unknown_model": {"status": [400], "message_contains": "MODEL"},
    }
    spec = venue(errors=errors)
    assert classified({"error": {"message": "no such model"}}, 400, spec).kind is K.NO_SUCH_MODEL
    assert classified({"error": {"message": "no such key"}}, 400, spec).kind is K.AUTH_REFUSED


def test_words_are_more_exact_than_a_code() -> None:
    """Where one code stands for two errors, the sign with words decides."""
    errors = {
        "refused_key": {"status": [400], "code": ["invalid"]},
        "unknown_model": {"status": [400], "code": ["invalid"], "message_contains": "model"},
    }
    spec = venue(errors=errors)
    assert classified({"error": {"code": "invalid", "message": "no such model"}}, 400, spec).kind is K.NO_SUCH_MODEL
    assert classified({"error": {"code": "invalid", "message": "no such key"}}, 400, spec).kind is K.AUTH_REFUSED


def test_the_code_that_matched_the_sign_is_shown() -> None:
    """Of several codes the one that the spec names is the venue's code, so that both can be compared."""
    errors = {"refused_key": {"status": [401]}, "unknown_model": {"status": [400], "code": ["INVALID_MODEL"]}}
    body = {"object": "error", "message": "no", "type": "invalid_model", "code": "1500"}
    assert classified(body, 400, venue(errors=errors)).venue_code == "invalid_model"


def test_a_known_code_beats_a_bare_status_of_the_spec() -> None:
    """A refused key that is any 401 or 403 does not swallow a 403 that says it is about money."""
    body = {"error": {"code": "insufficient_balance", "message": "no"}}
    assert classified(body, 403, venue("deepinfra")).kind is K.NO_CREDIT


def test_a_wide_sign_does_not_make_a_missing_route_a_model() -> None:
    """A venue whose unknown model is any 404 still has missing routes."""
    errors = {"refused_key": {"status": [401]}, "unknown_model": {"status": [404]}}
    spec = venue(errors=errors)
    assert classified({"detail": "Not Found"}, 404, spec).kind is K.NO_SUCH_ROUTE
    assert classified(b"404 page not found", 404, spec).kind is K.NO_SUCH_ROUTE
    assert classified({"error": {"message": "unknown: x"}}, 404, spec).kind is K.NO_SUCH_MODEL


def test_a_bare_400_is_about_a_model_only_where_the_venue_says_so() -> None:
    """A gateway whose unknown model is any 400 still refuses other things with it."""
    spec = venue(errors={"refused_key": {"status": [401]}, "unknown_model": {"status": [400]}})
    assert classified({"error": {"message": "No connected db."}}, 400, spec).kind is K.BAD_REQUEST
    assert classified({"error": {"message": "Invalid model name: x"}}, 400, spec).kind is K.NO_SUCH_MODEL


def test_a_429_alone_is_no_sign_of_credit() -> None:
    """A sign without code or words cannot turn a rate limit into an exhausted credit."""
    errors = {
        "refused_key": {"status": [401]},
        "unknown_model": {"status": [404]},
        "exhausted_credit": {"status": [402, 429]},
    }
    assert classified({"error": {"message": "slow down"}}, 429, venue(errors=errors)).kind is K.RATE_LIMITED


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, K.HTML), (403, K.HTML), (404, K.HTML), (429, K.RATE_LIMITED), (502, K.SERVER_ERROR), (503, K.OVERLOADED)],
)
def test_a_web_page_never_refuses_a_key(status: int, kind: K) -> None:
    """A page of a proxy is not the venue's own refusal; its rate limits and failures are what they are."""
    body = b"\n<!DOCTYPE html><html><head><title>Access &amp; denied</title></head><body>No.</body></html>"
    error = classified(body, status, headers=(("content-type", "text/html; charset=utf-8"),))
    assert error.kind is kind
    assert "an HTML page" in error.message
    assert error.venue_message == "Access & denied"


def test_the_venue_s_words_are_one_short_line() -> None:
    """Line ends and length are taken out of what a venue says, control characters are escaped."""
    error = classified({"error": {"message": "a\x1b[31m\r\n\tb\u202ec\ud800" + "x" * 1000, "code": "c\nd"}})
    assert error.venue_message is not None
    assert error.venue_message.startswith(r"a\x1b[31m b\u202ec\ud800x")
    assert len(error.venue_message) == 300
    assert error.venue_message.endswith("…")
    assert error.venue_code == "c d"


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"x-request-id": "a", "request-id": "b"}, {"request_id": "c"}, "a"),
        ({"request-id": "b"}, {"request_id": "c"}, "b"),
        ({"x-trace-id": "t"}, {}, "t"),
        ({"mistral-correlation-id": "m"}, {}, "m"),
        ({}, {"request_id": "c", "id": "d"}, "c"),
        ({}, {"id": "d"}, "d"),
        ({}, {"id": 7}, None),
        ({"x-request-id": ""}, {}, None),
        ({"x-request-id": "a" * 500}, {}, "a" * 119 + "…"),
    ],
)
def test_the_request_id(headers: dict[str, str], body: dict[str, Any], expected: str | None) -> None:
    """The request id comes from the headers first, then from the body."""
    error = classified({"error": {"message": "no"}, **body}, headers=tuple(headers.items()))
    assert error.request_id == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "12", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 -0000", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Sun, 99 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_when_to_retry(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, milliseconds and dates are read; a date counts from the response's own, never from our clock."""
    assert classified({"error": {"message": "no"}}, 429, headers=tuple(headers.items())).retry_after_s == expected


@pytest.mark.parametrize(
    "body",
    [
        {
            "error_code": "ENDPOINT_NOT_FOUND",
            "message": "No API found for 'POST /serving-endpoints/v1/chat/completions'",
        },
        {
            "errors": [
                {"code": 7003, "message": "Could not route to /ai/v1/chat/completions, perhaps a model is missing"}
            ]
        },
        {"errors": [{"code": 7000, "message": "No route for that URI"}]},
    ],
)
def test_a_host_that_has_no_such_route_says_nothing_of_the_model(body: Any) -> None:
    """A wrong base URL is not called an unknown model, although the spec has 404 for that."""
    assert classified(body, 404).kind is K.NO_SUCH_ROUTE


@pytest.mark.parametrize(("status", "kind"), [(404, K.NO_SUCH_ROUTE), (400, K.BAD_REQUEST)])
def test_a_request_without_a_model_has_no_unknown_one(status: int, kind: K) -> None:
    """A venue without a list of models lacks a route, whatever the spec says that an unknown model looks like."""
    body = json.dumps({"error": {"message": "no API 'GET /models'", "code": "model_not_found"}}).encode()
    assert classify(venue(), status, JSON_TYPE, body).kind is K.NO_SUCH_MODEL
    assert classify(venue(), status, JSON_TYPE, body, names_model=False).kind is kind
