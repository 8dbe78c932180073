"""The parts of a spec must fit each other: what does not is told with its line."""

import pytest

LOOPBACK = ["http://127.0.0.1:8000", "http://localhost:8000/x", "http://[::1]:8000"]
CREDENTIAL = "'credential_env' names no variable, expected the one that holds the key of a hosted venue"
CLEAR = "http to another machine, expected https: a key would cross the network in clear"
STREAMLESS = "a budget of streams, expected none: {} the capability 'stream'"


def texts(found) -> list[str]:
    """Return mistakes as `line: text`."""
    return [f"{mistake.line}: {mistake.text}" for mistake in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("credential_env: []", f"5: credential_env: {CREDENTIAL}"),
        ("credential_env:", f"5: credential_env: {CREDENTIAL}"),
        ("# none", f"1: the file: {CREDENTIAL}"),
        ("credential_env: [A_KEY, B_KEY, A_KEY]", "5: credential_env[2]: the variable is named twice, expected once"),
    ],
)
def test_a_hosted_venue_names_its_credential_once(mistakes, good, line, expected):
    """Without a variable there is no key to send; a variable named twice is a slip."""
    found = texts(mistakes(good.replace("credential_env: [ACME_API_KEY]", line)))
    assert [text for text in found if "is not a list" not in text] == [expected]


@pytest.mark.parametrize("url", LOOPBACK)
def test_a_venue_on_this_machine_needs_neither_key_nor_tls(mistakes, good, url):
    """A server that somebody runs on loopback may have no key, and its traffic crosses no network."""
    text = good.replace("https://api.acme.example/openai", f"'{url}'").replace("credential_env: [ACME_API_KEY]", "#")
    assert mistakes(text) == ()


@pytest.mark.parametrize("host", ["api.acme.example", "127.0.0.1.acme.example", "10.0.0.1", "localhost.example"])
def test_http_to_another_machine_is_refused(mistakes, good, host):
    """A key must not cross the network in clear, whatever the host's name looks like."""
    text = good.replace("https://api.acme.example/openai", f"http://{host}")
    assert texts(mistakes(text)) == [f"3: base_url: {CLEAR}"]
    assert texts(mistakes(good.replace("https://api.acme.invalid", f"http://{host}"))) == [f"4: aliases[0]: {CLEAR}"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("http://127.0.0.1:{port}", "http://127.0.0.1:8000",
         "3: base_url: no '{port}' beside 'serve', expected 'http://127.0.0.1:{port}'"),
        ("http://127.0.0.1:{port}", "https://acme.example:{port}",
         "3: base_url: another machine beside 'serve', expected 'http://127.0.0.1:{port}'"),
        ("'{port}']", "'8000']",
         "5: serve.command: no '{port}' in it, expected it where the server takes its port"),
        ("-m, server", "-m, '{module}'",
         "5: serve.command[2]: unknown placeholder '{module}', expected one of '{port}', '{key}', '{python}'"),
        ("{SERVE_KEY: '{key}'}", "{SERVE_KEY: '{secret}'}",
         "5: serve.environment.SERVE_KEY: unknown placeholder '{secret}', expected one of '{port}', '{key}', "
         "'{python}'"),
        ("command: [", "prepare: ['{pyton}'], command: [",
         "5: serve.prepare[0]: unknown placeholder '{pyton}', expected one of '{port}', '{key}', '{python}'"),
        ("-m, server", '-m, "ser\\0ver"',
         "5: serve.command[2]: the text holds a NUL character, expected none"),
    ],
)  # fmt: skip
def test_a_managed_venue_is_started_as_it_is_called(mistakes, managed, old, new, expected):
    """The port that the plugin picks must reach both the command and the base URL; nothing else is filled in."""
    assert old in managed
    assert texts(mistakes(managed.replace(old, new))) == [expected]


def test_braces_that_are_no_placeholder_are_left_alone(mistakes, managed):
    """An argument may be JSON."""
    assert mistakes(managed.replace("-m, server", """-m, server, --rope, '{"factor": 2}'""")) == ()


def test_a_port_may_reach_the_command_through_its_environment(mistakes, managed):
    """Servers that read their port from a variable are managed as well."""
    text = managed.replace("--port, '{port}']", "serve]").replace("'{key}'}", "'{key}', PORT: '{port}'}")
    assert mistakes(text) == ()


def test_a_port_without_serve_is_refused(mistakes, good):
    """A hosted venue has no free port to fill in."""
    text = good.replace("https://api.acme.example/openai", "http://localhost:{port}")
    assert texts(mistakes(text)) == [
        "3: base_url: '{port}' without 'serve', expected a number: only a managed venue has a free port"
    ]


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "cookie", "x-own"])
def test_headers_carry_no_key(mistakes, good, name):
    """A header that would carry the key is refused, the spec's own key header too."""
    text = good.replace("x-title:", f"{name}:").replace("{scheme: bearer}", "{scheme: header, name: X-Own}")
    assert texts(mistakes(text)) == [
        f"7: headers.{name}: this header would carry a key, expected none in a spec. Use 'auth'"
    ]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Host: other.example", "headers.Host: this header belongs to the request itself, expected another"),
        ("X-A: b, x-a: c", "headers.x-a: the header is given twice, expected once: case does not count in names"),
    ],
)
def test_headers_do_not_break_the_request(mistakes, good, headers, expected):
    """Headers that frame the request, and names that differ in case alone, are refused."""
    assert texts(mistakes(good.replace("x-title: smoke", headers))) == [f"7: {expected}"]


@pytest.mark.parametrize("value", ['"a\\nInjected: b"', '"é"', '" a"'])
def test_a_header_value_stays_in_its_line(mistakes, good, value):
    """A line feed in a value would add a header; other characters have no defined encoding."""
    assert texts(mistakes(good.replace("smoke", value))) == [
        "7: headers.x-title: [redacted] is not a header value, expected visible ASCII with no blanks at its ends"
    ]


@pytest.mark.parametrize(("name", "dialect"), [("openai", "anthropic"), ("anthropic", "openai")])
def test_a_venue_named_like_a_dialect_speaks_it(mistakes, good, name, dialect):
    """The ini's adapter paths are looked up by venue and by dialect: one name must not mean two things."""
    text = good.replace("venue: acme", f"venue: {name}").replace("dialect: openai", f"dialect: {dialect}")
    assert texts(mistakes(text, f"{name}.yaml")) == [
        f"2: dialect: {dialect!r} is spoken by a venue named {name!r}, expected {name!r}. Rename the venue"
    ]


def test_a_model_s_own_budget_of_streams_needs_the_capability(mistakes, good):
    """A budget that no check can judge is a slip, where the model itself sets it."""
    text = good.replace("samples: {warm: 2}", "capabilities: [tools]")
    text = text.replace("cold_ms: 9000", "ttft_ms: 900, tokens_per_second_min: 5")
    lacks = STREAMLESS.format("the model does not declare")
    assert texts(mistakes(text)) == [
        f"25: models[0].latency_budget.tokens_per_second_min: {lacks}",
        f"25: models[0].latency_budget.ttft_ms: {lacks}",
    ]


FEW = "a 95th percentile of {} streams, expected of at least 59: its interval needs them. Set samples.stream"


def test_a_percentile_needs_the_streams_of_its_interval(mistakes, good):
    """The number that is needed is named, where the budget stands; enough calls are enough."""
    own = good.replace("cold_ms: 9000", "ttft_p95_ms: 900")
    assert texts(mistakes(own)) == [f"25: models[0].latency_budget.ttft_p95_ms: {FEW.format(6)}"]
    assert texts(mistakes(own.replace("{warm: 2}", "{stream: 58}"))) == [
        f"25: models[0].latency_budget.ttft_p95_ms: {FEW.format(58)}"
    ]
    assert mistakes(own.replace("{warm: 2}", "{stream: 59}")) == ()


def test_a_default_percentile_needs_them_of_every_model(mistakes, good):
    """It is told once, with the number of the last model that has too few; a model may take the budget away."""
    default = good.replace("ttft_ms: 1500", "ttft_ms: 1500, ttft_p95_ms: 3000")
    expected = "15: defaults.latency_budget.ttft_p95_ms"
    assert texts(mistakes(default)) == [f"{expected}: {FEW.format(6)}"]
    enough = default.replace("capabilities: [stream, tools]", "capabilities: [stream, tools]\n  samples: {stream: 60}")
    assert mistakes(enough) == ()
    without = enough.replace("samples: {warm: 2}", "samples: {stream: 2}").replace(
        "{cold_ms: 9000}", "{ttft_p95_ms: null}"
    )
    assert mistakes(without) == ()


def test_warm_chats_may_be_left_to_the_streams_where_there_are_any(mistakes, good):
    """A model that does not stream would have no warm chat at all; the line is that of the setting."""
    none = "no warm chat, expected at least 1: 'one-acme' does not declare 'stream'"
    own = good.replace("{warm: 2}", "{warm: 0}")
    assert mistakes(own) == ()
    text = own.replace("quirks: {temperature: false}", "capabilities: [tools]")
    assert texts(mistakes(text)) == [f"26: models[0].samples.warm: {none}"]
    default = good.replace("capabilities: [stream, tools]", "capabilities: [stream, tools]\n  samples: {warm: 0}")
    assert mistakes(default) == ()
    text = default.replace("samples: {warm: 2}", "capabilities: [tools]")
    assert texts(mistakes(text)) == [f"15: defaults.samples.warm: {none}"]
    assert mistakes(text.replace("quirks: {temperature: false}", "samples: {warm: null}")) == ()


def test_a_default_budget_of_streams_needs_one_model_that_streams(mistakes, good):
    """A default may be of no use to one model, but not to all."""
    one = good.replace("samples: {warm: 2}", "capabilities: [tools]")
    assert mistakes(one) == ()
    none = good.replace("capabilities: [stream, tools]", "capabilities: [tools]")
    assert texts(mistakes(none)) == [f"15: defaults.latency_budget.ttft_ms: {STREAMLESS.format('no model declares')}"]


@pytest.mark.parametrize(("ceiling", "capability"), [("stream", "stream"), ("tool", "tools"), ("json_schema",) * 2])
def test_a_ceiling_needs_the_calls_that_it_bounds(mistakes, good, ceiling, capability):
    """A token ceiling of calls that are never made is a slip: the capability was forgotten."""
    text = good.replace("samples: {warm: 2}", f"token_ceilings: {{{ceiling}: 99}}")
    text = text.replace("quirks: {temperature: false}", "capabilities: [reasoning]")
    assert texts(mistakes(text)) == [
        f"26: models[0].token_ceilings.{ceiling}: a ceiling of calls that are not made, expected none: "
        f"the model does not declare the capability {capability!r}"
    ]


@pytest.mark.parametrize("field", ["model", "max_tokens", "max_completion_tokens", "n", "messages", "stream"])
def test_extra_fields_do_not_undo_the_plan(mistakes, good, field):
    """A field of `extra_body` that raises a ceiling or changes the model would make the plan's cost a lie."""
    (mistake,) = mistakes(good.replace("samples: {warm: 2}", f"extra_body: {{{field}: 1}}"))
    assert mistake.line == 26
    assert mistake.text.startswith(f"models[0].extra_body.{field}: a field that is set already, expected another")


def test_other_extra_fields_are_free(load, good):
    """Fields of a venue's own may be of any form."""
    venue = load(good.replace("samples: {warm: 2}", "extra_body: {reasoning: {effort: low}, top_k: null}"))
    assert venue.spec.models[0].extra_body == {"reasoning": {"effort": "low"}, "top_k": None}


@pytest.mark.parametrize("url", LOOPBACK)
def test_any_key_may_be_taken_on_this_machine_only(mistakes, good, url):
    """A hosted venue that answers a wrong key has no account to bill: that is never declared away."""
    lax = good.replace("defaults:\n", "defaults:\n  quirks: {refused_key: answered}\n", 1)
    there = [text for text in texts(mistakes(lax)) if "refused_key" in text]

    assert [text.split(": ", 1)[1] for text in there] == [
        "defaults.quirks.refused_key: 'answered' of another machine, expected 'refused': "
        "only a server on this machine may take any key"
    ]
    assert not mistakes(lax.replace("https://api.acme.example/openai", f"'{url}'"))


@pytest.mark.parametrize(
    ("quirk", "said"),
    [
        (
            "refused_key: answered",
            "quirks.refused_key: set for a model, expected in 'defaults': keys are the venue's matter",
        ),
        (
            "model_list: absent",
            "quirks.model_list: set for a model, expected in 'defaults': a list of models is the venue's matter",
        ),
    ],
)
def test_what_is_the_matter_of_the_venue(mistakes, good, quirk, said):
    """One model of a venue cannot take keys that the others refuse, or be without a list that they have."""
    found = texts(mistakes(good.replace("{temperature: false}", f"{{{quirk}}}")))

    assert len(found) == 1
    assert found[0].endswith(said)
