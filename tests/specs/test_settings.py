"""A venue's defaults and a model's own settings, merged."""

import pytest

from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.settings import effective
from pytest_darkhost.specs.target_settings import LatencyBudget, Quirks, Samples, TokenCeilings


def venue(defaults: dict, **own: object) -> VenueSpec:
    """Return a composed venue with these defaults and one model with settings of its own."""
    sign = {"status": [401]}
    price = {"in_per_mtok_usd": 1, "out_per_mtok_usd": 1, "source": "composed", "as_of": "2026-11-22"}
    model = {"slug": "m", "upstream_model": "m", "brand": "b", "price": price, **own}
    return VenueSpec.model_validate(
        {
            "venue": "v",
            "dialect": "openai",
            "base_url": "https://v.example",
            "errors": {"refused_key": sign, "unknown_model": sign},
            "defaults": defaults,
            "models": [model],
        }
    )


def settings(defaults: dict, **own: object):
    """Return the one model with the defaults applied."""
    return effective(venue(defaults, **own)).models[0]


def test_without_any_setting_there_are_the_standard_ones():
    """No setting is `None`, so later code needs no case for it."""
    model = settings({})
    assert (model.capabilities, model.extra_body) == ((), {})
    assert (model.latency_budget, model.samples) == (LatencyBudget(), Samples(warm=6))
    assert (model.token_ceilings, model.quirks) == (TokenCeilings(), Quirks())


def test_groups_merge_key_by_key():
    """A model's own value wins, and leaves its neighbours from the defaults alone."""
    model = settings({"latency_budget": {"cold_ms": 1, "warm_ms": 2}}, latency_budget={"warm_ms": 3})
    assert (model.latency_budget.cold_ms, model.latency_budget.warm_ms) == (1, 3)


@pytest.mark.parametrize(("own", "default"), [({"warm": 3}, {"warm": 9}), ({"warm": 3}, {"warm": 3, "stream": 9})])
def test_a_value_equal_to_the_standard_one_still_wins(own, default):
    """What counts is that it was written, not what it is."""
    model = settings({"samples": default}, samples=own)
    assert (model.samples.warm, model.samples.stream) == (3, default.get("stream", 6))


@pytest.mark.parametrize(
    ("capabilities", "written", "warm"),
    [(["stream"], {}, 0), (["tools"], {}, 6), (["tools"], {"warm": None}, 6), (["stream"], {"warm": 2}, 2)],
)
def test_streams_are_the_warm_chats_unless_others_are_asked_for(capabilities, written, warm):
    """A model that does not stream has as many chats as the interval of a median needs."""
    model = settings({"capabilities": capabilities, "samples": {"stream": 7}}, samples=written)
    assert (model.samples.warm, model.samples.stream, model.streams_are_warm) == (warm, 7, warm == 0)
    assert effective(venue({}, capabilities=capabilities, samples=written)).models[0].samples.warm == warm


def test_null_takes_a_default_away():
    """A model may be without the budget that its venue has."""
    model = settings({"latency_budget": {"cold_ms": 1, "ttft_ms": 2}}, latency_budget={"ttft_ms": None})
    assert (model.latency_budget.cold_ms, model.latency_budget.ttft_ms) == (1, None)


def test_capabilities_replace():
    """A list says all; an empty one says that there are none."""
    assert settings({"capabilities": ["stream", "tools"]}, capabilities=["tools"]).capabilities == ("tools",)
    assert settings({"capabilities": ["stream"]}, capabilities=[]).capabilities == ()
    assert settings({"capabilities": ["stream"]}).capabilities == ("stream",)


def test_extra_fields_merge_at_the_top_only():
    """A venue's own objects are its own matter."""
    model = settings({"extra_body": {"a": {"x": 1}, "b": 1}}, extra_body={"a": {"y": 2}, "c": None})
    assert model.extra_body == {"a": {"y": 2}, "b": 1, "c": None}


def test_applying_twice_changes_nothing():
    """Whoever is unsure may apply the defaults again."""
    once = effective(venue({"quirks": {"temperature": False}}, quirks={"stream_usage": False}))
    assert effective(once) == once
    assert (once.models[0].quirks.temperature, once.models[0].quirks.stream_usage) == (False, False)


def test_the_given_venue_is_left_alone():
    """Values are never changed in place."""
    given = venue({"samples": {"warm": 9}})
    effective(given)
    assert given.models[0].samples is None
