"""What the report says of a probe is bounded, whatever a venue sends."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pytest_darkhost.observations import Answer, Exchange, Mode, Observation
from pytest_darkhost.probes import Probe
from pytest_darkhost.suite.probe_record import probe_record

EXCHANGE = Exchange("POST", "https://acme.example/", b"{}", datetime(2026, 11, 22, tzinfo=UTC), Mode.LIVE, status=200)
PROBE = Probe("cold", "acme", "small-acme")


@pytest.mark.parametrize(
    ("name", "key"), [("x-request-id", "request_id"), ("cf-ray", "request_id"), ("date", "response_date")]
)
def test_a_header_of_any_length_is_a_short_line_of_the_report(name: str, key: str) -> None:
    """A venue that sends kilobytes there makes no report of megabytes."""
    exchange = replace(EXCHANGE, headers=((name, "é\x1b" + "r" * 50_000),))
    told = probe_record(Observation(PROBE, exchange))[key]
    assert told.startswith("é\\x1br")
    assert len(told) <= 120


def test_a_finish_reason_of_any_length_is_a_short_line_of_the_report() -> None:
    """The same, for the words of an answer."""
    answer = Answer(text="", finish_reason="s" * 50_000)
    told = probe_record(Observation(PROBE, EXCHANGE, answer=answer))["gen_ai.response.finish_reasons"]
    assert [len(each) for each in told] == [60]
