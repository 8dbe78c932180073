"""Files to venues: what is kept of a file, several files, and what reading costs."""

import hashlib
from decimal import Decimal

import pytest

from pytest_darkhost.errors import SpecError
from pytest_darkhost.specs import yaml_nodes
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.loader import MOST_MISTAKES, load_venue, load_venues


def test_a_venue_is_loaded_with_its_lines_and_digest(load, good):
    """The lines are those of the slugs and of the venue's name; the digest is that of the bytes."""
    venue = load("# a comment\n" + good)
    assert venue.spec.venue == "acme"
    assert venue.spec.dialect is Dialect.OPENAI
    assert venue.lines == {"": 2, "one-acme": 18, "two-acme": 29}
    assert venue.digest == hashlib.sha256(b"# a comment\n" + good.encode()).hexdigest()
    assert venue.path.name == "acme.yaml"


def test_the_line_ends_of_a_checkout_do_not_change_the_digest(tmp_path, good):
    """A carriage return that git puts before each line feed is none; any other change of a byte is one."""
    path, digests = tmp_path / "acme.yaml", []
    for data in (good.encode(), good.encode().replace(b"\n", b"\r\n"), good.encode() + b"\n"):
        path.write_bytes(data)
        digests.append(load_venue(path, tmp_path).digest)

    assert digests[0] == digests[1] == hashlib.sha256(good.encode()).hexdigest()
    assert digests[2] != digests[0]


def test_prices_are_exact(load, good):
    """A price is a decimal number as it was written, with and without quotes."""
    price = load(good).spec.models[0].price
    assert (price.in_per_mtok_usd, price.out_per_mtok_usd) == (Decimal("0.15"), Decimal("0.6"))


def test_a_single_value_stands_for_a_list_of_one(load, good):
    """Variables, statuses and codes are most often one."""
    text = good.replace("[ACME_API_KEY]", "ACME_API_KEY").replace("code: [invalid_api_key]", "code: invalid_api_key")
    spec = load(text).spec
    assert spec.credential_env == ("ACME_API_KEY",)
    assert spec.errors.refused_key.code == ("invalid_api_key",)
    assert spec.errors.unknown_model.status == (404,)


def test_whole_numbers_are_budgets_too(load, good):
    """Milliseconds may be written with or without a point, and from 0x up if somebody likes that."""
    text = good.replace("cold_ms: 9000", "cold_ms: 9000.5").replace("ttft_ms: 1500", "ttft_ms: 0x10")
    budget = load(text).spec.models[0].latency_budget
    assert (budget.cold_ms, budget.ttft_ms) == (9000.5, 16)


def test_defaults_are_applied(load, good):
    """Later code may rely on every setting of a model."""
    one, two = load(good).spec.models
    assert (one.latency_budget.cold_ms, one.latency_budget.ttft_ms) == (9000, 1500)
    assert (two.latency_budget.cold_ms, two.samples.warm, two.quirks.temperature) == (8000, 0, True)


def test_a_path_outside_of_the_root_is_shown_whole(tmp_path, good):
    """A file may lie anywhere."""
    path = tmp_path / "acme.yaml"
    path.write_text(good.replace("dialect: openai", "dialect: x"))
    with pytest.raises(SpecError) as caught:
        load_venue(path, tmp_path / "elsewhere")
    assert str(caught.value).startswith(f"{path.as_posix()}:2: dialect:")


def write(directory, good, **names):
    """Write a spec per name, with slugs of its own unless told otherwise, and return their paths."""
    paths = []
    for name, slug in names.items():
        text = good.replace("venue: acme", f"venue: {name}").replace("-acme", f"-{slug}")
        paths.append(directory / f"{name}.yaml")
        paths[-1].write_text(text)
    return paths


def test_files_are_loaded_in_the_order_given(tmp_path, good):
    """The order of venues is the caller's."""
    paths = write(tmp_path, good, beta="beta", alpha="alpha")
    assert [venue.spec.venue for venue in load_venues(paths, tmp_path)] == ["beta", "alpha"]


def test_a_slug_in_two_files_names_both_places(tmp_path, good):
    """The catalog's slugs are unique over all providers."""
    with pytest.raises(SpecError) as caught:
        load_venues(write(tmp_path, good, alpha="same", beta="same"), tmp_path)
    assert str(caught.value).splitlines() == [
        "beta.yaml:17: models[0].slug: 'one-same' is also in alpha.yaml:17, expected one in all files",
        "beta.yaml:28: models[1].slug: 'two-same' is also in alpha.yaml:28, expected one in all files",
    ]


def test_the_mistakes_of_all_files_come_together(tmp_path, good):
    """One run tells all that is to be corrected, in all files, clashes between right ones too."""
    alpha, beta, gamma, delta = write(tmp_path, good, alpha="same", beta="b", gamma="same", delta="d")
    beta.write_text(beta.read_text().replace("dialect: openai", "dialect: x"))
    delta.write_text("[")
    with pytest.raises(SpecError) as caught:
        load_venues([alpha, beta, gamma, delta], tmp_path)
    assert [mistake.path for mistake in caught.value.mistakes] == ["beta.yaml", "delta.yaml", *["gamma.yaml"] * 2]


def test_a_file_of_nothing_but_mistakes_ends(mistakes):
    """A file that is no spec at all does not flood the terminal."""
    found = mistakes("models: [" + "{}, " * 2_000 + "]\n" + "a: 1\n" * 2_000)
    assert MOST_MISTAKES < len(found) <= 3 * MOST_MISTAKES


@pytest.mark.skipif(not yaml_nodes.yaml.__with_libyaml__, reason="PyYAML without libyaml")
def test_five_hundred_models_load(load, good):
    """A catalog's worth of models in one file is read whole."""
    head, _, models = good.partition("models:\n")
    one = models.partition("  - slug: two-acme")[0]
    many = "".join(one.replace("one", f"m{number}") for number in range(500))
    text = f"{head}models:\n{many}"
    assert len(load(text).spec.models) == 500
