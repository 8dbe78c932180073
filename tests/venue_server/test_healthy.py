"""Each venue answers each kind of request in its own documented shape."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pytest_darkhost.secrets import REFUSED_KEY
from support.asked import Asked, Kind
from support.fault_kinds import CHATTING
from support.keys import KEY
from support.loop_thread import LoopThread
from support.plain_client import Received, exchange
from support.profiles import HOSTED, PROFILES
from support.said import Prices, say
from support.venue_server import VenueServer

STREAMS = {Kind.STREAM, Kind.TOOL_STREAM}
ALL = sorted(PROFILES)
OPENAI = [name for name in ALL if name != "anthropic"]


def ask(thread: LoopThread, name: str, kind: Kind, key: str = KEY) -> Received:
    """Return what a healthy venue answers."""
    with VenueServer(name, thread=thread) as server:
        return exchange(server, kind, key=key)


def chunks(received: Received) -> list[dict[str, Any]]:
    """Return the JSON of all events but the terminator."""
    return [json.loads(data) for _, data in received.events if data != "[DONE]"]


def deltas(received: Received) -> list[dict[str, Any]]:
    """Return all deltas of an OpenAI stream."""
    return [chunk["choices"][0]["delta"] for chunk in chunks(received) if chunk["choices"]]


@pytest.mark.parametrize("kind", sorted(CHATTING))
@pytest.mark.parametrize("name", ALL)
def test_every_venue_answers_every_kind(thread: LoopThread, name: str, kind: Kind) -> None:
    """A 200 whose body or events are JSON."""
    received = ask(thread, name, kind)
    response = received.response()
    assert response.status == 200
    if kind in STREAMS:
        assert (response.getheader("content-type") or "").startswith("text/event-stream")
        assert len(chunks(received)) >= 2
    else:
        assert isinstance(json.loads(received.body), dict)


@pytest.mark.parametrize("name", OPENAI)
def test_a_chat_has_the_marks_of_its_dialect(thread: LoopThread, name: str) -> None:
    """Type marker, role, text, finish reason, and counts that add up unless reasoning is left out."""
    body = json.loads(ask(thread, name, Kind.CHAT).body)
    choice, usage = body["choices"][0], body["usage"]
    assert (body["object"], choice["message"]["role"], choice["finish_reason"]) == (
        "chat.completion",
        "assistant",
        "stop",
    )
    assert choice["message"]["content"] == "lighthouse"
    adds_up = usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"]
    assert adds_up is (name not in {"xai", "gemini"})


def test_anthropic_has_the_marks_of_its_dialect(thread: LoopThread) -> None:
    """A message with a block of text, a stop reason and no total."""
    body = json.loads(ask(thread, "anthropic", Kind.CHAT).body)
    assert (body["type"], body["role"], body["stop_reason"]) == ("message", "assistant", "end_turn")
    assert body["content"] == [{"type": "text", "text": "lighthouse"}]
    assert "total_tokens" not in body["usage"]


@pytest.mark.parametrize("name", OPENAI)
def test_a_stream_says_the_same_as_its_pieces(thread: LoopThread, name: str) -> None:
    """Text arrives in pieces, then one finish reason, then `[DONE]`."""
    received = ask(thread, name, Kind.STREAM)
    text = "".join(delta.get("content") or "" for delta in deltas(received))
    assert text == "The lamp of the lighthouse turns once in ten seconds."
    finishes = [c["choices"][0].get("finish_reason") for c in chunks(received) if c["choices"]]
    assert [finish for finish in finishes if finish] == ["stop"]
    assert received.events[-1] == (None, "[DONE]")


@pytest.mark.parametrize("name", OPENAI)
@pytest.mark.parametrize("kind", [Kind.TOOL, Kind.TOOL_STREAM])
def test_a_tool_call_has_arguments_of_the_schema(thread: LoopThread, name: str, kind: Kind) -> None:
    """The arguments are JSON in one or more pieces, the same in both modes."""
    received = ask(thread, name, kind)
    if kind is Kind.TOOL:
        calls = json.loads(received.body)["choices"][0]["message"]["tool_calls"]
    else:
        calls = [call for delta in deltas(received) for call in delta.get("tool_calls") or []]
    assert calls[0]["function"]["name"] == "tide_height"
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert json.loads(arguments) == {"harbour": "Oslo", "hour": 6}


@pytest.mark.parametrize("name", OPENAI)
def test_structured_output_follows_the_schema(thread: LoopThread, name: str) -> None:
    """The text is JSON with the schema's keys and types."""
    body = json.loads(ask(thread, name, Kind.JSON_SCHEMA).body)
    assert json.loads(body["choices"][0]["message"]["content"]) == {"harbour": "Oslo", "hour": 6}


def test_anthropic_streams_its_events_in_order(thread: LoopThread) -> None:
    """A ping after the block's start, padding, cumulative usage, no `[DONE]`."""
    received = ask(thread, "anthropic", Kind.TOOL_STREAM)
    names = [name for name, _ in received.events]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    parts = [chunk["delta"].get("partial_json", "") for chunk in chunks(received) if "delta" in chunk]
    assert parts[0] == ""
    assert json.loads("".join(parts)) == {"harbour": "Oslo", "hour": 6}
    assert b"   }" in received.body


USAGE_PLACES = {
    "groq": "finish chunk",
    "mistral": "finish chunk",
    "gemini": "finish chunk",
    "novita": "every chunk",
    "deepinfra": "own chunk",
    "together": "own chunk",
    "fireworks": "own chunk",
    "openai": "own chunk",
    "xai": "own chunk",
}


@pytest.mark.parametrize("name", sorted(USAGE_PLACES))
def test_usage_stands_where_the_venue_puts_it(thread: LoopThread, name: str) -> None:
    """On the finish chunk, on a chunk without choices, or growing on every chunk."""
    with_usage = [chunk for chunk in chunks(ask(thread, name, Kind.STREAM)) if chunk.get("usage")]
    totals = [chunk["usage"]["total_tokens"] for chunk in with_usage]
    if USAGE_PLACES[name] == "every chunk":
        assert len(totals) > 10
        assert totals == sorted(totals)
    else:
        assert len(with_usage) == 1
        assert bool(with_usage[0]["choices"]) is (USAGE_PLACES[name] == "finish chunk")


def test_quirks_of_single_venues(thread: LoopThread) -> None:
    """Details that a strict reader trips over are there."""
    assert "content" not in json.loads(ask(thread, "groq", Kind.TOOL).body)["choices"][0]["message"]
    groq = chunks(ask(thread, "groq", Kind.STREAM))
    assert groq[-1]["x_groq"]["usage"] == groq[-1]["usage"]
    assert any("reasoning" in delta for delta in deltas(ask(thread, "groq", Kind.STREAM)))
    assert json.loads(ask(thread, "together", Kind.CHAT).body)["choices"][0]["message"]["tool_calls"] == []
    assert json.loads(ask(thread, "gemini", Kind.TOOL).body)["choices"][0]["message"]["tool_calls"][0]["id"] == ""
    assert "type" not in json.loads(ask(thread, "mistral", Kind.TOOL).body)["choices"][0]["message"]["tool_calls"][0]
    assert "obfuscation" in chunks(ask(thread, "openai", Kind.STREAM))[1]
    assert "finish_reason" not in chunks(ask(thread, "xai", Kind.STREAM))[0]["choices"][0]


def test_own_cost_figures_follow_the_prices(thread: LoopThread) -> None:
    """DeepInfra's dollars and xAI's ticks are what the tokens cost, cached ones at their own price."""
    usage = json.loads(ask(thread, "deepinfra", Kind.CHAT).body)["usage"]
    expected = usage["prompt_tokens"] * 0.10e-6 + usage["completion_tokens"] * 0.32e-6
    assert usage["estimated_cost"] == pytest.approx(expected)
    usage = json.loads(ask(thread, "xai", Kind.CHAT).body)["usage"]
    output = usage["total_tokens"] - usage["prompt_tokens"]
    fresh = usage["prompt_tokens"] - 8
    assert usage["cost_in_usd_ticks"] == fresh * 12_500 + 8 * 2_000 + output * 25_000


@pytest.mark.parametrize("name", HOSTED)
def test_the_model_list_names_the_models(thread: LoopThread, name: str) -> None:
    """In the venue's own list, which is bare at Together and has Google's resource names at Gemini."""
    with VenueServer(name, models=("one/a", "two/b"), thread=thread) as server:
        body = json.loads(exchange(server, Kind.MODELS).body)
    assert isinstance(body, list) is (name == "together")
    entries = body if isinstance(body, list) else body["data"]
    prefix = "models/" if name == "gemini" else ""
    assert [entry["id"] for entry in entries] == [f"{prefix}one/a", f"{prefix}two/b"]


REFUSED = {
    "groq": 401,
    "deepinfra": 401,
    "together": 401,
    "fireworks": 401,
    "novita": 401,
    "anthropic": 401,
    "openai": 401,
    "gemini": 400,
    "mistral": 401,
    "xai": 400,
}


@pytest.mark.parametrize("kind", [Kind.CHAT, Kind.MODELS])
@pytest.mark.parametrize("key", [REFUSED_KEY, "", "sk-of-somebody-else"])
@pytest.mark.parametrize("name", HOSTED)
def test_only_the_good_key_is_accepted(thread: LoopThread, name: str, kind: Kind, key: str) -> None:
    """Any other is refused with the venue's own status, before model and path matter."""
    assert ask(thread, name, kind, key).response().status == REFUSED[name]


def test_refusals_have_the_venue_s_own_envelope(thread: LoopThread) -> None:
    """Listed at Gemini, text at xAI, another one for the model list at Together."""
    assert json.loads(ask(thread, "gemini", Kind.CHAT, "").body)[0]["error"]["code"] == 400
    assert isinstance(json.loads(ask(thread, "xai", Kind.CHAT, "").body)["error"], str)
    assert json.loads(ask(thread, "together", Kind.MODELS, "").body) == {"error": {"message": "Unauthorized"}}
    assert "id" in json.loads(ask(thread, "together", Kind.CHAT, "").body)


@pytest.mark.parametrize("name", HOSTED)
def test_an_unknown_model_is_refused(thread: LoopThread, name: str) -> None:
    """With 404, but at Mistral with 400."""
    assert ask(thread, name, Kind.UNKNOWN_MODEL).response().status == (400 if name == "mistral" else 404)


@pytest.mark.parametrize(("name", "content_type"), [("novita", "text/plain"), ("openai", "application/json")])
def test_a_wrong_path_is_not_answered(thread: LoopThread, name: str, content_type: str) -> None:
    """A doubled `/v1` is a 404."""
    with VenueServer(name, thread=thread) as server:
        response = exchange(server, Kind.CHAT, path=f"{server.profile.base_path}/v1/v1/chat/completions").response()
    assert (response.status, response.getheader("content-type")) == (404, content_type)


def test_the_token_ceiling_is_kept() -> None:
    """Three tokens allowed, three generated, and `length` says why it ended."""
    asked = Asked(Kind.STREAM, model="m", max_tokens=3, stream=True)
    said = say(asked, number=1, echoed="m", thinks=False, prices=Prices(Decimal(1), Decimal(1)))
    assert (len(said.pieces), said.output_tokens, said.finish) == (3, 3, "length")
