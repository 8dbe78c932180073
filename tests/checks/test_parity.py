"""
Parity of base URLs: three places, one URL, and the reason where they differ.
"""

import pytest

from checks.factory import (
    BASE,
    CHATS,
    MODELS_URL,
    URL,
    VENUE,
    broken,
    changed,
    judged,
    make_case,
    make_catalog,
    with_exchange,
)
from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ProviderRow
from pytest_darkhost.checks.case import Case, Source
from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.resolution import AdapterPath
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

GEMINI = "https://generativelanguage.googleapis.com/v1beta/openai"


def providers(base: str, slug: str = VENUE) -> Catalog:
    """Return a catalog whose provider has this base URL."""
    return make_catalog(providers=(ProviderRow(slug, base),))


def parity(**changes: object) -> Verdict:
    """Return the verdict of a case with these changes, from the catalog alone unless it says so."""
    return judged(make_case(**({"source": Source.CATALOG} | changes)))["base_url_parity"]


def on_wire(url: str, **changes: object) -> Case:
    """Return a live case whose chats went to this URL."""
    return changed(make_case(**changes), CHATS, with_exchange(url=url))


@pytest.mark.parametrize(
    "base", [BASE, f"{BASE}/", "HTTPS://API.TOGETHER.AI", f"{BASE}:443", "https://API.together.ai:443/"]
)
def test_the_same_url_written_differently_passes(base: str) -> None:
    """Case of scheme and host, a default port and a trailing slash make no difference."""
    verdict = parity(catalog=providers(base))

    assert isinstance(verdict, Passed)
    assert dict(verdict.context)["providers"] == URL


@pytest.mark.parametrize(
    ("base", "note"),
    [
        (f"{BASE}/v1", "base_url already ends in /v1"),
        (f"{BASE}/v1/openai", "base_url already holds /v1"),
        (f"{BASE}/openai", "path differs"),
        (f"{BASE}/V1", "path differs"),
        ("http://api.together.ai", "scheme differs"),
        ("https://eu.together.ai", "host differs"),
        (f"{BASE}:8443", "port differs"),
        ("http://eu.together.ai:81/v1", "scheme differs, host differs, port differs, base_url already ends in /v1"),
    ],
)
def test_a_different_url_fails_with_the_reason(base: str, note: str) -> None:
    """The provider's URL is shown with what distinguishes it."""
    verdict = parity(catalog=providers(base))

    assert isinstance(verdict, Failed)
    assert dict(verdict.context)["spec"] == URL
    assert dict(verdict.context)["providers"].endswith(f"/chat/completions  <- {note}")
    assert verdict.actual.endswith(note)


def test_a_known_alias_passes_and_is_named() -> None:
    """An alias of the spec is the same venue, and the verdict says that it is one."""
    verdict = parity(catalog=providers("https://api.together.xyz"))

    assert isinstance(verdict, Passed)
    assert verdict.actual == "providers: known alias"
    assert dict(verdict.context)["providers"] == "https://api.together.xyz/v1/chat/completions  <- known alias"


def test_equal_and_both_wrong_fails() -> None:
    """Spec and catalog that agree on a base URL with the adapter's own segment are both wrong."""
    verdict = parity(venue={"base_url": f"{BASE}/v1"}, catalog=providers(f"{BASE}/v1"))

    assert isinstance(verdict, Failed)
    assert verdict.actual == f"spec {BASE}/v1/v1/chat/completions: base_url already ends in /v1"


def test_a_venue_that_no_base_url_can_reach_fails_live() -> None:
    """Without an override, gemini's three URLs agree, and the venue has no such route."""
    url = f"{GEMINI}/v1/chat/completions"
    venue = {"base_url": GEMINI}
    case = on_wire(url, venue=venue, catalog=providers(GEMINI))
    case = changed(case, tuple(case.observations.by_probe), with_exchange(url=url))
    verdict = judged(changed(case, tuple(case.observations.by_probe), broken(ErrorKind.NO_SUCH_ROUTE, 404)))

    assert verdict["base_url_parity"].actual == f"the venue has no such route: {url}"


def test_the_adapters_override_reaches_it_and_is_shown() -> None:
    """The line of the ini stands in the context."""
    line = "darkhost_adapter_paths: gemini = /chat/completions"
    verdict = parity(
        venue={"base_url": GEMINI},
        catalog=providers(GEMINI),
        adapter_path=AdapterPath("/chat/completions", line),
    )

    assert isinstance(verdict, Passed)
    assert dict(verdict.context)["adapter appends"] == f"/chat/completions ({line})"
    assert dict(verdict.context)["spec"] == f"{GEMINI}/chat/completions"


def test_the_wire_decides_over_spec_and_catalog() -> None:
    """Where an adapter calls another URL, all three are shown under their titles, in order."""
    verdict = judged(on_wire(f"{BASE}/v1/v1/chat/completions"))["base_url_parity"]

    assert isinstance(verdict, Failed)
    assert [title for title, _ in verdict.context] == ["spec", "providers", "on the wire", "catalog"]
    shown = f"{BASE}/v1/v1/chat/completions  <- base_url already ends in /v1, {URL}"
    assert dict(verdict.context)["on the wire"] == shown


def test_an_alias_on_the_wire_passes() -> None:
    """An adapter that uses the venue's other name reaches the venue."""
    verdict = judged(on_wire("https://api.together.xyz/v1/chat/completions"))["base_url_parity"]

    assert isinstance(verdict, Passed)
    assert verdict.actual == "on the wire: known alias"


def test_the_list_of_models_is_no_chat() -> None:
    """Only chats are compared: the list has another URL by nature."""
    case = changed(make_case(), (P.STREAM,), with_exchange(url=MODELS_URL))

    assert isinstance(judged(case)["base_url_parity"], Failed)
    assert isinstance(judged(make_case())["base_url_parity"], Passed)


def test_a_managed_venues_port_is_a_template() -> None:
    """The port that the venue was started on stands as {port} in all three."""
    local = "http://127.0.0.1:{port}"
    case = make_case(venue={"base_url": local}, catalog=providers(local))
    names = (*CHATS, P.STREAM, P.TOOL_CALL, P.TOOL_CALL_STREAM, P.JSON_SCHEMA)
    good = changed(case, names, with_exchange(url="http://127.0.0.1:43211/v1/chat/completions"))
    other = changed(case, names, with_exchange(url="http://127.0.0.2:43211/v1/chat/completions"))
    verdict = judged(good)["base_url_parity"]

    assert isinstance(verdict, Passed)
    assert dict(verdict.context)["on the wire"] == "http://127.0.0.1:{port}/v1/chat/completions"
    assert isinstance(judged(other)["base_url_parity"], Failed)


def test_a_missing_provider_is_named_with_its_near_slugs() -> None:
    """The catalog's own spelling is offered."""
    verdict = parity(catalog=providers(BASE, slug="together-ai"))

    assert isinstance(verdict, Failed)
    assert verdict.actual == "providers has no row with slug 'together'; nearest: 'together-ai'"
    assert dict(verdict.context)["providers"] == "no row"


def test_without_a_catalog_nothing_is_judged_unless_the_wire_differs() -> None:
    """The word none in the ini leaves spec and wire, which alone prove no parity but can disprove it."""
    off = on_wire(f"{BASE}/v2/chat/completions", catalog=None)

    assert parity(catalog=None).code == "not_applicable"
    assert judged(make_case(catalog=None))["base_url_parity"].code == "not_applicable"
    assert isinstance(judged(off)["base_url_parity"], Failed)
    assert dict(judged(off)["base_url_parity"].context)["catalog"] == "none"


def test_a_wrong_row_fails_even_if_the_host_is_down() -> None:
    """What can be judged without the wire is judged; the wire's line says that nothing came."""
    case = make_case(catalog=providers(f"{BASE}/v1"))
    down = changed(case, tuple(P), broken(ErrorKind.CONNECTION_REFUSED))
    verdict = judged(down)["base_url_parity"]

    assert verdict.actual.endswith("base_url already ends in /v1")
    assert dict(verdict.context)["on the wire"] == "nothing was answered"


def test_chats_without_an_answer_show_no_url() -> None:
    """A limited call was on the wire; one that was not sent was not."""
    limited = changed(make_case(), tuple(P), broken(ErrorKind.RATE_LIMITED, 429))

    assert isinstance(judged(limited)["base_url_parity"], Passed)
    assert isinstance(judged(changed(make_case(), tuple(P), broken(ErrorKind.TLS)))["base_url_parity"], Failed)


@pytest.mark.parametrize(
    ("source", "location", "words"),
    [
        (CatalogSource.DATABASE, "postgresql://db/catalog", "database postgresql://db/catalog"),
        (CatalogSource.REFERENCE, "reference catalog", "reference catalog"),
    ],
)
def test_the_context_says_which_catalog_was_read(source: CatalogSource, location: str, words: str) -> None:
    """A verdict on the reference catalog cannot be taken for one on a database."""
    rows = make_catalog()
    verdict = parity(catalog=Catalog(source, location, None, rows.providers, rows.models))

    assert dict(verdict.context)["catalog"] == words


def test_without_a_planned_chat_live_parity_is_not_judged() -> None:
    """No observation is no pass."""
    case = make_case()
    empty = type(case.observations)({})
    verdict = judged(make_case(observations=empty))["base_url_parity"]

    assert isinstance(verdict, NotJudged)


@pytest.mark.parametrize("base", ["http://[bad", f"{BASE}:99999", f"{BASE}:x", "https://user:word@[bad"])
@pytest.mark.parametrize("source", [Source.LIVE, Source.REPLAY, Source.CATALOG])
def test_a_provider_whose_url_is_none_fails_in_one_line(base: str, source: Source) -> None:
    """The value is named, user information is not."""
    verdict = parity(catalog=providers(base), source=source)

    assert isinstance(verdict, Failed)
    assert verdict.actual.startswith(f"providers has '{base.replace('user:word', '[redacted]')}' as base_url, expected")
    assert "word" not in repr(verdict)
