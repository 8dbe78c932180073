"""A key that stands in a spec by mistake appears in no text and in no exception, not even in part."""

import traceback

import pytest

from pytest_darkhost.errors import SpecError
from pytest_darkhost.specs.access import Auth
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.shown import looks_like_key, shown, shown_path

CANARIES = [
    "sk-canary-0123456789abcdef",
    "sk_canary_0123456789abcdef",
    "gsk_CanaryCanary0123456789",
    "AIzaSyCanary-Canary_0123456789",
    "xai-canary0123456789",
    "C4N4RYc4n4ryC4n4ryc4n4ry00000000",
    "canary 0123456789 abcdef",
    "canary-0123-plain-words",
]
"""Composed. The last two look like no venue's keys."""
PARTS = 6
"""So many characters of a key would be a part of it."""

PLANTS = [
    ("credential_env: [ACME_API_KEY]", "credential_env: {}"),
    ("credential_env: [ACME_API_KEY]", "credential_env: [{}]"),
    ("credential_env: [ACME_API_KEY]", "credential_env: {{name: {}}}"),
    ("credential_env:", "credential_env: ['{}', 5]\nxcredential_env:"),
    ("auth: {scheme: bearer}", "auth: {}"),
    ("auth: {scheme: bearer}", "auth: {{scheme: {}}}"),
    ("auth: {scheme: bearer}", "auth: {{scheme: bearer, name: '{}'}}"),
    ("auth: {scheme: bearer}", "auth: {{scheme: header, nam: '{}'}}"),
    ("x-title: smoke", "authorization: 'Bearer {}'"),
    ("x-title: smoke", "authorization: '{}\u00e9'"),
    ("headers: {x-title: smoke}", "headers: '{}'"),
    ("headers: {x-title: smoke}", "headers: ['{}']"),
    ("https://api.acme.example/openai", "'https://{}@api.acme.example'"),
    ("https://api.acme.example/openai", "'https://api.acme.example/?key={}'"),
    ("https://api.acme.example/openai", "'https://u:{}@[api.acme.example'"),
    ("venue: acme", "venue: acme\napi_key: '{}'"),
    ("venue: acme", "venue: acme\napi_key: &a !t '{}'"),
    ("venue: acme", "venue: acme\napi_key: '{}"),
]


def parts(key: str) -> set[str]:
    """Return all parts of a key that would help somebody who looks for it."""
    return {key[start : start + PARTS] for start in range(len(key) - PARTS + 1)}


@pytest.mark.parametrize("key", CANARIES)
@pytest.mark.parametrize(("old", "new"), PLANTS)
def test_no_text_of_a_mistake_holds_a_part_of_a_key(load, good, key, old, new):
    """Wherever keys are put by mistake, the file is refused, and the whole traceback holds no part of the key."""
    assert old in good
    with pytest.raises(SpecError) as caught:
        load(good.replace(old, new.format(key), 1))
    error = caught.value
    printed = "".join(traceback.format_exception(type(error), error, None)) + repr(error.mistakes) + repr(error)
    assert not any(part in printed for part in parts(key))
    assert error.__cause__ is None


@pytest.mark.parametrize("key", CANARIES[:6])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("venue: acme", "venue: '{}'"),
        ("venue: acme", "venue: acme\n'{}': 1"),
        ("venue: acme", "venue: acme\n'{}': 1\n'{}': 2"),
        ("dialect: openai", "dialect: '{}'"),
        ("x-title: smoke", "'{}': smoke"),
        ("slug: two-acme", "slug: '{}'\n    upstream: 1"),
        ("slug: one-acme", "slug: '{}::'"),
        ("cold_ms: 9000", "cold_ms: '{}'"),
        ("https://api.acme.example/openai", "'ftp://{}'"),
        ("https://api.acme.example/openai", "'https://api.acme.example/{}/{{x}}'"),
    ],
)
def test_what_looks_like_a_key_is_shown_nowhere(mistakes, good, key, old, new):
    """In places where nobody expects a key, its look is enough."""
    found = mistakes(good.replace(old, new.format(key, key), 1))
    assert found
    assert not any(part in str(found) for part in parts(key))


@pytest.mark.parametrize("key", CANARIES[1:3] + CANARIES[5:6])
def test_a_key_that_could_be_a_variable_s_name_is_refused(mistakes, good, key):
    """It would be printed later, as the variable that is not set."""
    found = mistakes(good.replace("ACME_API_KEY", key))
    assert [mistake.text for mistake in found] == [
        "credential_env[0]: [redacted] looks like a key, expected the name of the environment variable that holds it"
    ]


def test_a_header_that_looks_like_a_key_is_refused(mistakes, good):
    """A key under a header of another name is a key all the same."""
    found = mistakes(good.replace("x-title: smoke", f"x-title: {CANARIES[0]}"))
    assert [mistake.text for mistake in found] == [
        "headers.x-title: [redacted] looks like a key, expected none in a spec. Name its variable in 'credential_env'"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "ACME_API_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS_2",
        "gpt-oss-120b-together",
        "accounts/fireworks/models/deepseek-v4p1-flash",
        "Qwen/Qwen3-235B-A22B-Instruct-2507",
        "meta-llama/Llama-3.3-70B-Instruct-Turbo",
        "claude-haiku-5-5-20261001",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "task-runner",
    ],
)
def test_names_of_models_and_variables_are_no_keys(text):
    """A message without its subject helps nobody."""
    assert not looks_like_key(text)
    assert shown(text) == repr(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (0.5, "0.5"),
        ("a\x1b[31m", "'a\\x1b[31m'"),
        ("x" * 500, "'" + "x" * 59 + "…'"),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
    ],
)
def test_values_are_shown_as_yaml_spells_them(value, text):
    """No value floods the terminal or sends it control characters."""
    assert shown(value) == text


def test_key_paths_read_like_code():
    """Indexes stand in brackets, keys after points, odd keys in quotes."""
    assert shown_path(("models", 1, "extra_body", "a b")) == "models[1].extra_body.'a b'"
    assert shown_path(()) == "the file"


@pytest.mark.parametrize("key", CANARIES)
def test_the_models_themselves_hide_keys(key):
    """Code that builds models without the loader gets no key in an exception either."""
    for build in (
        lambda: Auth(scheme="bearer", name=key),
        lambda: VenueSpec.model_validate({"credential_env": [key], "headers": {"authorization": f"Bearer {key}\n"}}),
    ):
        with pytest.raises(ValueError, match="expected") as caught:
            build()
        assert not any(part in str(caught.value) + repr(caught.value) for part in parts(key))
