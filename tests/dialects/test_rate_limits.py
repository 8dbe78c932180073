"""
When a venue takes the next request: each way in which the venues say it, composed after their documentation.
"""

import json

import pytest

from dialects.test_envelopes import classified
from pytest_darkhost.dialects.rate_limits import duration_s, reset_s

DATE = ("date", "Sun, 22 Nov 2026 10:00:00 GMT")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("172ms", 0.172),
        ("17.39s", 17.39),
        ("1m26.4s", 86.4),
        ("2h3m", 7380.0),
        ("1h0m0.5s", 3600.5),
        ("7", 7.0),
        ("0.25", 0.25),
        ("0", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1m 2s", None),
        ("5d", None),
        ("nan", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    """Go's notation, as Groq, OpenAI and Google have it, and plain seconds, as Together has them."""
    found = duration_s(text)
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m26.4s"}, 86.4),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "172ms"}, 0.172),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "1m26.4s"}, None),
        ({"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "2.5"}, 2.5),
        ({"x-ratelimit-remaining": "195", "x-ratelimit-limit": "100", "x-ratelimit-reset": "1"}, None),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-22T10:00:12Z",
            },
            12.0,
        ),
        (
            {
                "anthropic-ratelimit-output-tokens-remaining": "0",
                "anthropic-ratelimit-output-tokens-reset": "2026-11-22T11:00:12+01:00",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": "2026-11-22T10:09:00Z",
            },
            12.0,
        ),
        (
            {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-11-22T09:00:00Z"},
            0.0,
        ),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795341630"}, 30.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795341630000"}, 30.0),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "9s",
            },
            9.0,
        ),
        ({"x-ratelimit-remaining-requests": "0"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon"}, None),
        ({"x-ratelimit-remaining-req-60-second": "0"}, None),
        ({"retry-after": "1"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_when_used_up_limits_are_reset(headers: dict[str, str], seconds: float | None) -> None:
    """The last of those of which nothing remains; a moment counts from the response's own date."""
    found = reset_s((*headers.items(), DATE))
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_a_moment_without_a_date_says_nothing() -> None:
    """Our own clock has no part in it."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-22T10:00:12Z"}
    assert reset_s(tuple(headers.items())) is None


@pytest.mark.parametrize(
    ("headers", "status", "seconds"),
    [
        ({"retry-after": "3", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 429, 3.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 429, 9.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 400, None),
    ],
    ids=str,
)
def test_what_an_error_asks_for(headers: dict[str, str], status: int, seconds: float | None) -> None:
    """`Retry-After` is plainer than a reset; a used-up limit is no reason for another refusal than 429."""
    error = classified({"error": {"message": "no"}}, status, headers=tuple(headers.items()))
    assert error.retry_after_s == seconds


def test_googles_retry_delay() -> None:
    """It stands in the body, among the details."""
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "20.5s"}
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "QUOTA"}, info]
    body = json.loads(json.dumps([{"error": {"code": 429, "message": "no", "details": details}}]))

    assert classified(body, 429).retry_after_s == 20.5
