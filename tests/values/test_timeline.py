"""Where the times of a call begin and end: our own client's work is in none of them."""

import pytest

from pytest_darkhost.observations import Timeline

COLD = Timeline(dns_ms=10, tcp_ms=30, tls_ms=80, request_sent_ms=95, first_token_ms=300, end_ms=500)
WARM = Timeline(request_sent_ms=5, first_token_ms=205, first_answer_token_ms=305, end_ms=405)


def test_ttft_begins_when_the_request_is_on_its_way() -> None:
    """Neither the connection's set-up nor what we do between it and the writing is in it."""
    assert (COLD.ttft_ms, WARM.ttft_ms, WARM.first_answer_ms) == (205, 200, 300)


def test_a_chat_takes_its_set_up_and_its_answer() -> None:
    """The 15 ms between the end of TLS and the writing are ours, as the 5 ms on the open connection."""
    assert (COLD.took_ms, WARM.took_ms) == (485, 400)


def test_without_the_time_of_writing_it_begins_with_the_connection() -> None:
    """A request whose writing was not seen began no earlier than its connection was ready."""
    assert Timeline(tcp_ms=30, first_token_ms=100, end_ms=200).ttft_ms == 70
    assert Timeline(tcp_ms=30, first_token_ms=100, end_ms=200).took_ms == 200


@pytest.mark.parametrize("name", ["ttft_ms", "first_answer_ms", "took_ms"])
def test_what_did_not_happen_has_no_time(name: str) -> None:
    """No token, no end."""
    assert getattr(Timeline(request_sent_ms=5), name) is None


def test_a_token_before_the_request_was_written_came_at_once() -> None:
    """A venue that answers before it has read all has no negative time."""
    early = Timeline(tcp_ms=5, request_sent_ms=50, first_token_ms=40, end_ms=45)
    assert (early.ttft_ms, early.took_ms) == (0, 5)
