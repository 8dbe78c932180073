"""`darkhost new venue` writes a spec that is sound as it is, and asks a venue for nothing but its models."""

import sys
from dataclasses import replace
from decimal import Decimal
from types import ModuleType

import pytest
from sqlalchemy import create_engine, text

from pytest_darkhost.catalog.reference import _upgrade
from pytest_darkhost.commands.new_venue import prices
from pytest_darkhost.specs.loader import load_venue
from support.asked import Kind
from support.faults import Fault
from support.keys import KEY
from support.venue_server import VenueServer

FAULTS = (Fault.KEY_ECHOED, Fault.FORBIDDEN, Fault.HTML_200, Fault.REDIRECT, Fault.NO_ANSWER, Fault.TRUNCATED_JSON)
ACME = ("new", "venue", "acme", "--base-url", "https://api.acme.example")


@pytest.fixture
def spec(here):
    """Return the spec that was written for a venue."""
    return lambda name: load_venue(here / f"venue_specs/{name}.yaml", here).spec


@pytest.fixture
def lists(monkeypatch):
    """Replace the installed price lists by tables."""

    def put(*tables):
        made = tuple(lambda upstream, table=table: table.get(upstream) for table in tables)
        monkeypatch.setattr("pytest_darkhost.commands.new_venue.writing.price_lists", lambda _venue, _url: made)

    return put


def price(read, written, source, **more):
    """Return a price of a list."""
    return prices.ListedPrice(Decimal(read), Decimal(written), source, **more)


def test_named_models_are_written_without_asking(darkhost, spec, lists):
    """Name, host and models from the command line, the price from a list, dated and with its source."""
    lists({"acme/small": price("0.1", "0.4", "a list 1.0", cached_usd=Decimal("0.05"))})
    said = darkhost(*ACME, "--model", "acme/small")
    (model,) = spec("acme").models

    assert said.code == 0, said.err
    assert (model.slug, model.upstream_model, model.brand) == ("small-acme", "acme/small", "acme")
    assert (model.price.in_per_mtok_usd, model.price.source) == (Decimal("0.1"), "a list 1.0")
    assert model.price.cached_in_per_mtok_usd == Decimal("0.05")
    assert model.price.as_of == prices.today()
    assert spec("acme").credential_env == ("ACME_API_KEY",)


def test_lists_that_disagree_are_quoted(darkhost, here, lists):
    """In the spec, with the one that was written first, and on the terminal."""
    lists({"m": price("0.1", "0.4", "one")}, {"m": price("0.1", "0.4", "two")}, {"m": price("0.2", "0.4", "three")})
    said = darkhost(*ACME, "--model", "m")
    written = (here / "venue_specs/acme.yaml").read_text()

    assert "PRICES DISAGREE" in written
    assert "#   three: 0.20 in, 0.40 out" in written
    assert 'source: "one and two"' in written
    assert "prices disagree: m (one, two, three)" in said.err


def test_a_model_without_a_price_is_a_comment(darkhost, here, spec, lists):
    """A price is never made up: the cap would guard nothing."""
    lists({"m": price("0.1", "0.4", "one")})
    said = darkhost(*ACME, "--model", "m", "--model", "unknown")

    assert said.code == 0
    assert [model.upstream_model for model in spec("acme").models] == ["m"]
    assert "  # - slug: unknown-acme" in (here / "venue_specs/acme.yaml").read_text()
    assert "no price, so written as a comment: unknown" in said.err


def test_no_price_at_all_is_refused(darkhost, here, lists):
    """There would be no model in the spec."""
    lists()
    said = darkhost(*ACME, "--model", "m")

    assert said.code == 1
    assert "has a price of m" in said.err
    assert "pip install 'pytest-darkhost[prices]'" in said.err
    assert not (here / "venue_specs").exists()


def test_a_price_may_be_given(darkhost, spec, lists):
    """USD per million tokens, in and out."""
    lists()
    darkhost(*ACME, "--model", "m", "--price", "0.15, 0.6")

    assert spec("acme").models[0].price.out_per_mtok_usd == Decimal("0.6")


def test_a_shipped_venue_brings_its_settings(darkhost, here, spec, lists):
    """Host, variables of the key, error signs and budgets."""
    lists({"openai/gpt-oss-120b": price("0.15", "0.6", "one")})
    darkhost("new", "venue", "together", "--model", "openai/gpt-oss-120b")

    assert spec("together").base_url == "https://api.together.ai"
    assert spec("together").credential_env[0] == "TOGETHER_API_KEY"
    assert spec("together").errors.exhausted_credit.status == (402,)
    assert len(spec("together").aliases) == 2
    assert (here / "venue_specs/venue-spec.schema.json").is_file()


def test_nothing_is_overwritten(darkhost, here, lists):
    """Not even a link that leads nowhere."""
    lists({"m": price("0.1", "0.4", "one")})
    (here / "venue_specs").mkdir()
    (here / "venue_specs/acme.yaml").symlink_to("nowhere")
    said = darkhost(*ACME, "--model", "m")

    assert said.code == 1
    assert "the file is there already" in said.err


def test_a_dry_run_prints_the_spec_alone(darkhost, here, lists):
    """It could be piped into a file."""
    lists({"m": price("0.1", "0.4", "one")})
    said = darkhost(*ACME, "--model", "m", "--dry-run")

    assert said.out.startswith("# yaml-language-server: ")
    assert not (here / "venue_specs").exists()


def test_slugs_are_unique(darkhost, here, spec, lists):
    """Within the spec by the whole name; against other specs by refusal."""
    names = ("a/m", "b/m", "c/M")
    lists({name: price("0.1", "0.4", "one") for name in names})
    darkhost(*ACME, *(part for name in names for part in ("--model", name)))
    again = darkhost("new", "venue", "m-acme", "--base-url", "https://m.example", "--model", "a/m", "--price", "1,2")
    (here / "venue_specs/acme.yaml").rename(here / "venue_specs/other.yaml")

    assert [model.slug for model in load_venue_as(here, "acme")] == ["m-acme", "b-m-acme", "c-m-acme"]
    assert again.code == 0
    clash = darkhost(*ACME, "--model", "a/m")
    assert "other.yaml: it has m-acme already" in clash.err


def load_venue_as(here, name):
    """Return the models of a spec whose file was renamed, under its own name."""
    path = here / "venue_specs/other.yaml"
    path.write_text(path.read_text().replace(f"venue: {name}", "venue: other"))
    return load_venue(path, here).spec.models


@pytest.mark.parametrize("name", ['a"b: #', "null", "1.10", "- x", "no", "日本/モデル", "x::y[z]", "&a", "{port}"])
def test_names_from_outside_are_data(darkhost, spec, lists, name):
    """Whatever a model is called, it is a text in the spec."""
    lists({name: price("0.1", "0.4", "one")})
    said = darkhost(*ACME, "--model", name)

    assert said.code == 0, said.err
    assert spec("acme").models[0].upstream_model == name


@pytest.fixture
def server(here, monkeypatch):
    """A stand-in venue with three models; its key is in the environment."""
    monkeypatch.setenv("ACME_API_KEY", KEY)
    with VenueServer("together", models=("openai/big", "openai/small", "embed/x")) as running:
        yield running


def test_a_venue_is_asked_once_for_its_models(darkhost, spec, server, lists):
    """One GET with the key; the venue's own prices are a list like any other."""
    lists({})
    said = darkhost("new", "venue", "acme", "--base-url", server.base_url, "--match", "openai/*")

    assert said.code == 0, said.err
    assert [model.upstream_model for model in spec("acme").models] == ["openai/big", "openai/small"]
    assert spec("acme").models[0].price.source == "the venue's own list of models"
    assert [(seen.method, seen.path) for seen in server.log] == [("GET", "/v1/models")]


def test_many_models_want_a_choice(darkhost, server):
    """Nobody pays for a hundred by mistake; a pattern that matches none gets near names."""
    server.play = replace(server.play, models=tuple(f"m/{number}" for number in range(30)))
    base = ("new", "venue", "acme", "--base-url", server.base_url)
    many = darkhost(*base)
    none = darkhost(*base, "--match", "m/33")

    assert (many.code, none.code) == (2, 2)
    assert "it lists 30 models, expected a choice" in many.err
    assert "--match 'm/33': it matches no model of acme" in none.err
    assert "Did you mean 'm/3'" in none.err


def test_without_a_key_nothing_is_sent(darkhost, here, server, monkeypatch):
    """The variable is named."""
    monkeypatch.delenv("ACME_API_KEY")
    said = darkhost("new", "venue", "acme", "--base-url", server.base_url)

    assert said.code == 1
    assert said.err.startswith("ACME_API_KEY: not set")
    assert server.log == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_venue_that_gives_no_list_is_one_line(darkhost, here, server, fault):
    """The key is shown in no part, a redirect is not followed, and nothing is written."""
    server.play = replace(server.play, fault=fault, on=frozenset({Kind.MODELS}), redirect_to="http://127.0.0.1:9")
    said = darkhost("new", "venue", "acme", "--base-url", server.base_url)

    assert said.code == 1
    assert said.err.startswith(f"acme: no list of models from {server.base_url}/v1/models (")
    assert len(said.err.splitlines()) == 1
    assert "canary" not in said.err + said.out
    assert not (here / "venue_specs").exists()


@pytest.fixture
def catalog(tmp_path):
    """The URL of the reference catalog in a file, with one more dark row without a price."""
    engine = create_engine(f"sqlite:///{tmp_path / 'catalog.db'}")
    with engine.begin() as connection:
        _upgrade(connection)
        connection.execute(
            text(
                "INSERT INTO models (slug, provider_id, upstream_model, brand, q_prior, m_allowed) "
                "SELECT 'novel-together', id, 'novel/one', 'novel', 0.5, true FROM providers WHERE slug = 'together'"
            )
        )
    engine.dispose()
    return str(engine.url)


def test_the_dark_rows_of_a_venue_become_a_spec(darkhost, here, spec, lists, catalog):
    """Slug, upstream model, brand and gates are the catalog's; prices too, where it has any."""
    lists({"novel/one": price("1", "2", "one"), "openai/gpt-oss-120b": price("9", "9", "one")})
    said = darkhost("new", "venue", "together", "--from-catalog", "--catalog", catalog)
    models = {model.slug: model for model in spec("together").models}

    assert said.code == 0, said.err
    assert (models["novel-together"].q_prior, models["novel-together"].m_allowed) == (0.5, True)
    assert models["novel-together"].price.source == "one"
    assert models["gpt-oss-120b-together"].q_prior is None
    assert models["gpt-oss-120b-together"].price.in_per_mtok_usd == Decimal("0.15")
    assert "prices disagree: openai/gpt-oss-120b (the catalog, one)" in said.err


def test_a_base_url_that_is_the_catalog_s_own_says_so(darkhost, here, lists, catalog):
    """Parity with it would prove nothing; one that differs is a warning in the file."""
    lists({})
    engine = create_engine(catalog)
    with engine.begin() as connection:
        connection.execute(text("UPDATE providers SET slug = 'newhost' WHERE slug = 'groq'"))
        connection.execute(text("UPDATE providers SET base_url = 'https://x.example' WHERE slug = 'together'"))
    engine.dispose()
    for name in ("newhost", "together"):
        assert darkhost("new", "venue", name, "--from-catalog", "--catalog", catalog).code == 0

    assert "# From the catalog: parity with it proves nothing" in (here / "venue_specs/newhost.yaml").read_text()
    assert "# The catalog says https://x.example" in (here / "venue_specs/together.yaml").read_text()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://api.together.xyz", ""),
        ("https://api.together.ai/", ""),
        ("https://user:canary@x.example", "# The catalog says another URL: parity fails"),
        ("https://x.example\n  - injected: yes", "# The catalog says https://x.example - injected: yes: parity fails"),
    ],
)
def test_a_url_of_the_catalog_is_no_part_of_the_yaml(darkhost, here, lists, catalog, url, said):
    """An alias is no difference; what is quoted stays a comment, and shows no password."""
    lists({"novel/one": price("1", "2", "one")})
    engine = create_engine(catalog)
    with engine.begin() as connection:
        connection.execute(text("UPDATE providers SET base_url = :url WHERE slug = 'together'"), {"url": url})
    engine.dispose()
    assert darkhost("new", "venue", "together", "--from-catalog", "--catalog", catalog).code == 0
    written = (here / "venue_specs/together.yaml").read_text()

    assert ("The catalog says" in written) is bool(said)
    assert said in written
    assert "canary" not in written


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("grok",), 2, "Did you mean 'groq'?"),
        (("a/b",), 2, "'a/b' is not a venue name"),
        (("local",), 2, "a venue that the plugin starts itself"),
        (("groq", "--from-catalog"), 2, "--from-catalog: no catalog is named"),
        (("groq", "--model", "m", "--price", "1"), 2, "--price: '1' is no pair of amounts"),
        (("acme", "--base-url", "http://x.example", "--model", "m", "--price", "1,2"), 1, "http to another machine"),
        (("acme", "--base-url", "https://u:canary@x.example", "--model", "m", "--price", "1,2"), 1, "user information"),
    ],
)
def test_mistakes_are_named(darkhost, here, arguments, code, words):
    """Before anything is written."""
    said = darkhost("new", "venue", *arguments)

    assert said.code == code
    assert words in said.err
    assert "canary" not in said.err
    assert not (here / "venue_specs").exists()


def test_genai_prices_knows_a_shipped_model():
    """The library answers as the code reads it, also by venue names that it spells otherwise."""
    for venue, url, model in (
        ("groq", "https://api.groq.com/openai", "openai/gpt-oss-120b"),
        ("xai", "https://api.x.ai", "grok-4-fast"),
        ("gemini", "https://generativelanguage.googleapis.com", "gemini-2.5-flash"),
    ):
        (genai, *_) = prices.price_lists(venue, url)
        found = genai(model)
        assert found.source.startswith("genai-prices ")
        assert 0 < found.input_usd < found.output_usd
    assert genai("no-such-model-at-all") is None
    assert prices.price_lists("acme", "https://api.acme.example")[0]("gpt-oss-120b") is None


def test_the_list_of_litellm_is_read_without_importing_it(tmp_path, monkeypatch):
    """Its import takes seconds; the file is composed here."""
    package = tmp_path / "litellm"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "model_prices_and_context_window_backup.json").write_text(
        '{"together_ai/m": {"litellm_provider": "together_ai", "input_cost_per_token": 1.5e-07,'
        ' "output_cost_per_token": 6e-07}, "n": {"litellm_provider": "other", "input_cost_per_token": 1}}'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "litellm", raising=False)
    litellm = prices.price_lists("together", "https://api.together.ai")[-1]

    assert litellm("m").pair == (Decimal("0.15"), Decimal("0.6"))
    assert litellm("n") is None
    assert not isinstance(sys.modules.get("litellm"), ModuleType)
