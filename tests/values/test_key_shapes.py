"""Keys that nobody told us of are known by their shape, in texts and by gitleaks."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from pytest_darkhost import key_shapes
from pytest_darkhost.secrets import REDACTED, Redactor
from support.key_shapes import BARE, VENUES, composed_key

CONTEXTS = (
    "authorization: Bearer {}",
    '{{"authorization": "Bearer {}"}}',
    "x-api-key={}",
    'headers = {{"api-key": "{}"}}',
    "https://venue.example/v1/chat?api_key={}&x=1",
)
RULES = tomllib.loads(Path(__file__).parents[2].joinpath(".gitleaks.toml").read_text(encoding="utf-8"))["rules"]


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("context", CONTEXTS)
def test_an_unknown_key_is_taken_out_where_its_header_stands(venue, context):
    """Of a key of any of the ten venues nothing is left, and what is around it stays."""
    key = composed_key(venue)

    cleaned = key_shapes.without_keys(context.format(key), REDACTED)

    assert cleaned == context.format(REDACTED)
    assert key_shapes.found_in(context.format(key))
    assert not key_shapes.found_in(cleaned)


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue not in BARE])
def test_a_key_with_a_prefix_needs_no_header(venue):
    """The prefix alone tells."""
    assert key_shapes.without_keys(f"it said {composed_key(venue)}, sorry", "*") == "it said *, sorry"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "task-0123456789abcdef0123456789abcdef",
        "fw_configuration_of_the_whole_house",
        "sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        '{"key_header": "authorization", "spec_sha256": "2c26b46b68ffc68ff99b453c1d304134"}',
        "TOGETHER_API_KEY: not set, expected the key of together",
        "authorization: [redacted]",
        '"max_tokens": 16, "output_tokens": 1234567890',
        "sk-learn and sk_model_selection are words",
        "venue_specs/xai.yaml::grok-4.3-xai::ttft[live]",
    ],
)
def test_what_only_begins_like_a_key_stays(text):
    """Digests, ids, names of variables and words are no keys."""
    assert key_shapes.without_keys(text, "*") == text
    assert not key_shapes.found_in(text)


def test_shapes_are_asked_for():
    """A redactor without them changes no text: a replay compares recorded bytes."""
    text = f"bearer {composed_key('groq')}"

    assert Redactor.of(()).clean(text) == text
    assert not Redactor.of(()).found_in(text)
    assert Redactor.of((), by_shape=True).clean({"said": [text]}) == {"said": [f"bearer {REDACTED}"]}
    assert Redactor.of(("another-key-1234",), by_shape=True).found_in(text)


@pytest.mark.parametrize("venue", VENUES)
def test_the_name_of_a_field_tells_that_its_value_is_a_key(venue):
    """Of an object the value goes, and the written object holds nothing that looks like a key."""
    cleaned = Redactor.of((), by_shape=True).clean({"api_key": composed_key(venue), "model": "one"})

    assert cleaned == {"api_key": REDACTED, "model": "one"}
    assert not key_shapes.found_in(json.dumps(cleaned))


@pytest.mark.parametrize("venue", VENUES)
def test_gitleaks_finds_the_key_of_each_venue(venue):
    """Beside the name of its variable, as in a `.env` file; the keyword that gitleaks looks for first is there too."""
    line = f"{venue.upper()}_API_KEY={composed_key(venue)}"

    hits = [rule["id"] for rule in RULES if re.search(rule["regex"], line)]

    assert hits
    assert all(any(word in line.lower() for word in rule["keywords"]) for rule in RULES if rule["id"] in hits)


def test_the_rules_are_of_a_syntax_that_gitleaks_reads():
    """RE2 has no look-around; ids are unique, and the stock rules stay."""
    assert len({rule["id"] for rule in RULES}) == len(RULES)
    assert not [rule["id"] for rule in RULES if re.search(r"\(\?<?[=!]", rule["regex"])]
