"""Specs that point at a stand-in venue are good specs, and can be changed key by key."""

from pathlib import Path

import pytest

from pytest_darkhost.specs.loader import load_venue
from support.loop_thread import LoopThread
from support.profiles import PROFILES
from support.spec_factory import KEY_ENV, target, venue_mapping, write_venue
from support.venue_server import VenueServer


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_written_spec_is_read_without_a_mistake(thread: LoopThread, tmp_path: Path, name: str) -> None:
    """By the package's own reader; the model objects of the factory are equal to it."""
    with VenueServer(name, models=("a/one", "b/two"), thread=thread) as server:
        path = write_venue(tmp_path, name, server)
        spec, model = target(server)
    loaded = load_venue(path, tmp_path).spec
    assert loaded == spec
    assert (loaded.venue, loaded.credential_env) == (name, (KEY_ENV,))
    assert [each.upstream_model for each in loaded.models] == ["a/one", "b/two"]
    assert model.samples is not None
    assert (model.samples.warm, model.samples.stream) == (1, 1)


def test_single_keys_can_be_changed_and_removed(thread: LoopThread) -> None:
    """Nested keys merge; `None` removes; `model` goes into each model."""
    with VenueServer("groq", thread=thread) as server:
        spec = venue_mapping(
            server,
            "other",
            max_cost_usd=None,
            defaults={"samples": {"warm": 4}},
            model={"price": {"in_per_mtok_usd": 9}},
        )
        assert (spec["venue"], spec["base_url"]) == ("other", f"http://127.0.0.1:{server.port}/openai")
    assert "max_cost_usd" not in spec
    assert spec["defaults"]["samples"] == {"warm": 4, "stream": 1}
    assert spec["models"][0]["price"]["in_per_mtok_usd"] == 9
    assert spec["models"][0]["price"]["out_per_mtok_usd"] == 0.6
    assert spec["models"][0]["slug"] == "gpt-oss-120b-other"
