"""Each thing that an author can get wrong in one place is told with its line, once, and in our words."""

import pytest

MODEL_KEYS = (
    "capabilities, latency_budget, samples, token_ceilings, quirks, extra_body, slug, upstream_model, brand, price, "
    "q_prior, m_allowed, logical_slug, activation, resolves_to"
)
BUDGET_KEYS = (
    "cold_ms, warm_ms, ttft_ms, ttft_p95_ms, inter_token_latency_ms, tokens_per_second_min, cold_to_warm_ratio_max"
)
URL_HINT = "expected such as 'https://api.example.com/openai'"


def change(name: str, old: str, new: str, line: int, text: str):
    """Return the parameters of one planted mistake."""
    return pytest.param(old, new, line, text, id=name)


PLANTED = [
    change("unknown key", "    latency_budget: {cold_ms: 9000}", "    latency_bugdet: {cold_ms: 9000}", 25,
           f"models[0].latency_bugdet: unknown key, expected one of {MODEL_KEYS}. Did you mean 'latency_budget'?"),
    change("unknown key without a near one", "samples: {warm: 2}", "samples: {zzz: 2}", 26,
           "models[0].samples.zzz: unknown key, expected one of warm, stream"),
    change("quirk that does not exist", "{temperature: false}", "{temprature: false}", 27,
           "models[0].quirks.temprature: unknown key, expected one of max_tokens_field, temperature, "
           "forced_tool_choice, stream_usage_option, stream_usage, unknown_model, refused_key, model_list, "
           "usage_total_is_sum. Did you mean 'temperature'?"),
    change("missing key in a block", "    brand: vendor\n    price:\n", "    price:\n", 17,
           "models[0].brand: missing, expected a value: the key is required"),
    change("missing mapping", "  unknown_model: {status: 404}\n", "", 9,
           "errors.unknown_model: missing, expected a mapping with keys out of status, code, message_contains"),
    change("text for a number", "cold_ms: 9000", "cold_ms: fast", 25,
           "models[0].latency_budget.cold_ms: 'fast' is not a number, expected milliseconds"),
    change("quoted number", "cold_ms: 9000", "cold_ms: '9000'", 25,
           "models[0].latency_budget.cold_ms: '9000' is not a number, expected milliseconds. Write 9000"),
    change("seconds", "cold_ms: 9000", "cold_ms: 1.5 s", 25,
           "models[0].latency_budget.cold_ms: '1.5 s' is not a number, expected milliseconds. Write 1500"),
    change("unit in the value of a group", "latency_budget: {cold_ms: 9000}", "latency_budget: 2s", 25,
           f"models[0].latency_budget: '2s' is not a mapping, expected a mapping with keys out of {BUDGET_KEYS}"),
    change("key without its unit", "ttft_ms: 1500", "ttft: 100", 15,
           f"defaults.latency_budget.ttft: unknown key, expected one of {BUDGET_KEYS}. Did you mean 'ttft_ms'?"),
    change("key with another unit", "cold_ms: 9000", "cold_s: 9", 25,
           f"models[0].latency_budget.cold_s: unknown key, expected one of {BUDGET_KEYS}. Did you mean 'cold_ms'?"),
    change("price without its unit", 'in_per_mtok_usd: "0.15"', 'in_per_mtok_usd: "$0.15"', 21,
           "models[0].price.in_per_mtok_usd: '$0.15' is not a number, expected USD per million tokens. Write 0.15"),
    change("price that is not finite", 'in_per_mtok_usd: "0.15"', 'in_per_mtok_usd: "NaN"', 21,
           "models[0].price.in_per_mtok_usd: 'NaN' is not a number, expected USD per million tokens"),
    change("price with too many digits", 'in_per_mtok_usd: "0.15"', 'in_per_mtok_usd: "0.0000000001"', 21,
           "models[0].price.in_per_mtok_usd: '0.0000000001' has too many digits, expected 9 decimal places"),
    change("bound below", "cold_ms: 9000", "cold_ms: -5", 25,
           "models[0].latency_budget.cold_ms: -5 is not greater than 0, expected milliseconds greater than 0"),
    change("bound above", "warm: 2", "warm: 101", 26,
           "models[0].samples.warm: 101 is greater than 100, expected a number of at most 100"),
    change("bound of a price", '"0.05"', "-1", 8, "max_cost_usd: -1 is less than 0, expected USD of at least 0"),
    change("fraction for a whole number", "warm: 2", "warm: 2.5", 26,
           "models[0].samples.warm: 2.5 is not a whole number, expected a whole number"),
    change("truth value for a number", "warm: 2", "warm: true", 26,
           "models[0].samples.warm: true is not a whole number, expected a whole number"),
    change("no is text", "temperature: false", "temperature: no", 27,
           "models[0].quirks.temperature: 'no' is not a truth value, expected true or false. "
           "In YAML 1.2 'yes', 'no', 'on' and 'off' are text"),
    change("number for a truth value", "temperature: false", "temperature: 0", 27,
           "models[0].quirks.temperature: 0 is not a truth value, expected true or false"),
    change("number for text", "upstream_model: vendor/one", "upstream_model: 5", 18,
           "models[0].upstream_model: 5 is not text, expected text. Put it in quotes if it is meant so"),
    change("nothing for text", "upstream_model: vendor/one", "upstream_model:", 18,
           "models[0].upstream_model: null is not text, expected text"),
    change("padded text", "source: composed\n", "source: ' composed'\n", 23,
           "models[0].price.source: ' composed' is empty, padded with blanks or unprintable, expected a name"),
    change("unknown dialect", "dialect: openai", "dialect: openapi", 2,
           "dialect: 'openapi' is not one of 'openai', 'anthropic'. Did you mean 'openai'?"),
    change("unknown capability", "[stream, tools]", "[stream, tools, strem]", 14,
           "defaults.capabilities[2]: 'strem' is not one of 'stream', 'tools', 'json_schema', 'reasoning'. "
           "Did you mean 'stream'?"),
    change("unknown answer to an unknown model", "{temperature: false}", "{unknown_model: maybe}", 27,
           "models[0].quirks.unknown_model: 'maybe' is not one of 'refused', 'answered'"),
    change("text for a list", "[stream, tools]", "stream", 14,
           "defaults.capabilities: 'stream' is not a list, expected a list. A list is written as [a, b]"),
    change("list for a mapping", "{warm: 2}", "[2]", 26,
           "models[0].samples: a list is not a mapping, expected a mapping with keys out of warm, stream"),
    change("empty list", "status: 404", "status: []", 11,
           "errors.unknown_model.status: 0 items, expected at least 1"),
    change("status out of range", "status: 404", "status: 4040", 11,
           "errors.unknown_model.status: 4040 is greater than 599, expected a number of at most 599"),
    change("no date", "as_of: 2026-11-22\n    latency", "as_of: last week\n    latency", 24,
           "models[0].price.as_of: 'last week' is not a date, expected a day such as 2026-11-22"),
    change("colons in a slug", "slug: one-acme", "slug: one::acme", 17,
           "models[0].slug: 'one::acme' contains '::', expected a slug without it, "
           "because pytest splits node ids there"),
    change("slug twice", "slug: two-acme", "slug: one-acme", 28,
           "models[1].slug: 'one-acme' is there twice, expected once. The first is in line 17"),
    change("upstream model twice", "upstream_model: vendor/two", "upstream_model: vendor/one", 29,
           "models[1].upstream_model: 'vendor/one' is there twice, expected once. The first is in line 18"),
    change("name of another file", "venue: acme", "venue: acne", 1,
           "venue: 'acne' differs from the file's name, expected 'acme'. Rename one of them"),
    change("scheme of a base URL", "https://api.acme.example/openai", "ftp://api.acme.example", 3,
           f"base_url: 'ftp://api.acme.example' is not a base URL: the scheme is not http or https, {URL_HINT}"),
    change("no host", "https://api.acme.example/openai", "https://", 3,
           f"base_url: 'https://' is not a base URL: there is no host, {URL_HINT}"),
    change("port out of range", "api.acme.example/openai", "api.acme.example:99999", 3,
           "base_url: 'https://api.acme.example:99999' is not a base URL: the port is not a number from 1 to 65535, "
           f"{URL_HINT}"),
    change("host in broken brackets", "https://api.acme.example/openai", "'https://[::1'", 3,
           f"base_url: the host is not a name or an address, {URL_HINT}"),
    change("braces in a base URL", "https://api.acme.example/openai", "'https://api.acme.example/{region}'", 3,
           "base_url: 'https://api.acme.example/{region}' is not a base URL: it holds braces other than '{port}', "
           f"{URL_HINT}"),
    change("port in the path", "https://api.acme.example/openai", "'https://localhost/{port}'", 3,
           "base_url: 'https://localhost/{port}' is not a base URL: '{port}' does not stand where the port does, "
           f"{URL_HINT}"),
    change("query in an alias", "[https://api.acme.invalid]", "['https://api.acme.invalid?v=1']", 4,
           f"aliases[0]: 'https://api.acme.invalid' is not a base URL: it has a query or fragment, {URL_HINT}"),
    change("path of readiness", "auth: {scheme: bearer}", "auth: {scheme: bearer, name: x-key}", 6,
           "auth: scheme 'bearer' with a name, expected a name with 'header' and none with 'bearer'"),
]  # fmt: skip


def test_good_specs_have_no_mistake(mistakes, good, managed):
    """The specs that the tests change are right to begin with."""
    assert mistakes(good) == mistakes(managed) == ()


@pytest.mark.parametrize(("old", "new", "line", "text"), PLANTED)
def test_a_planted_mistake_is_the_only_one_told(mistakes, good, old, new, line, text):
    """A mistake is told with file, line, key path, what is and what was expected, and nothing follows from it."""
    assert old in good
    assert [str(mistake) for mistake in mistakes(good.replace(old, new, 1))] == [f"acme.yaml:{line}: {text}"]


def test_all_mistakes_of_a_file_are_told_at_once_in_order(mistakes, good):
    """YAML flaws, wrong values and rules between parts are told together, by line."""
    text = good
    for old, new in (
        ("dialect: openai", "dialect: openapi"),
        ("max_cost_usd:", "max_cost:"),
        ("venue: acme", "venue: acne"),
        ("    brand: vendor\n    price:\n", "    brand: vendor\n    brand: again\n    price:\n"),
        ("slug: two-acme", "slug: one-acme"),
    ):
        text = text.replace(old, new, 1)
    assert [mistake.line for mistake in mistakes(text)] == [1, 2, 8, 20, 29]


def test_no_wording_falls_through_to_the_validator_s_own(mistakes, good):
    """No text of the validating library reaches the reader: its phrases begin with `Input should`."""
    for old, new, *_ in (param.values for param in PLANTED):
        assert "Input should" not in str(mistakes(good.replace(old, new, 1)))


def test_a_readiness_path_must_begin_with_a_slash(mistakes, managed):
    """A path without its slash would be glued to the port."""
    found = mistakes(managed.replace("{id: acme,", "{id: acme, ready_path: health,"))
    assert [m.text for m in found] == [
        "serve.ready_path: 'health' does not begin with '/', expected a path such as '/health'"
    ]
