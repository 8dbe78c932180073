"""
The list of models, and the name by which a model answers.
"""

from dataclasses import replace

import pytest

from checks.factory import UPSTREAM, changed, judged, make_case, make_model, with_answer
from pytest_darkhost.checks.identity import matches
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.verdicts import Failed, Passed, Verdict


def listed(*names: str) -> Verdict:
    """Return the verdict on a list of these models."""
    case = changed(make_case(), (P.MODEL_LIST,), lambda seen: replace(seen, listed_models=names))
    return judged(case)["model_listed"]


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("grok-4-0709", "grok-4-*", True),
        ("grok-4", "grok-4-*", False),
        ("grok-40709", "grok-4-*", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("a[1]", "a[1]", True),
        ("a1", "a[1]", False),
        ("ab", "a?", False),
        ("anything", "*", True),
    ],
)
def test_only_the_star_is_special(name: str, pattern: str, expected: bool) -> None:
    """Dots, brackets and question marks stand for themselves, and the whole name must match."""
    assert matches(name, pattern) is expected


def test_the_list_may_prefix_names_with_models() -> None:
    """A list of resources names the model all the same."""
    assert isinstance(listed(f"models/{UPSTREAM}"), Passed)


@pytest.mark.parametrize(
    ("names", "near"),
    [
        (("openai/gpt-oss-120B",), "; nearest: 'openai/gpt-oss-120B'"),
        (("gpt-oss-120b", "zzz"), "; nearest: 'gpt-oss-120b'"),
        (("zzz",), ""),
        ((), ""),
    ],
    ids=str,
)
def test_a_missing_model_is_named_with_its_near_names(names: tuple[str, ...], near: str) -> None:
    """Other case, a missing prefix and similar spellings are near."""
    verdict = listed(*names)

    assert isinstance(verdict, Failed)
    assert verdict.actual == f"'{UPSTREAM}' is not listed{near}"


def test_every_model_of_the_spec_must_be_listed() -> None:
    """The check is of the venue: it reads all its models."""
    models = (make_model(), make_model(slug="other", upstream_model="other/model"))
    verdict = judged(make_case(venue={"models": models}))["model_listed"]

    assert verdict.actual == "'other/model' is not listed"


def test_a_misshapen_list_fails() -> None:
    """Faults of the list belong to this check."""
    fault = ("data[0].id: 3, expected a string",)
    verdict = judged(changed(make_case(), (P.MODEL_LIST,), lambda seen: replace(seen, faults=fault)))["model_listed"]

    assert verdict.actual == fault[0]


def test_a_declared_resolution_is_the_model() -> None:
    """A venue that answers by a dated name is declared in the spec."""
    model = make_model(resolves_to=(f"{UPSTREAM}-*",))
    case = changed(make_case(model), (P.COLD, P.WARM, P.STREAM), with_answer(model=f"{UPSTREAM}-2026-08"))

    assert isinstance(judged(case)["model_identity"], Passed)


def test_all_answers_agree_on_one_name() -> None:
    """Two allowed names in one run mean that two models may be behind them."""
    model = make_model(resolves_to=(f"{UPSTREAM}-*",))
    verdict = judged(changed(make_case(model), (P.WARM,), with_answer(model=f"{UPSTREAM}-b"), samples=(2,)))

    assert isinstance(verdict["model_identity"], Failed)
    assert verdict["model_identity"].actual == f"2 names: {UPSTREAM}, {UPSTREAM}-b"


def test_a_name_that_is_no_text_is_this_checks_matter() -> None:
    """A fault at the path of the model is reported here, and not as a fault of shape."""
    fault = ("model: 3, expected a string",)
    case = changed(make_case(), (P.COLD,), lambda seen: replace(with_answer(model=None)(seen), faults=fault))

    assert fault[0] in judged(case)["model_identity"].actual
    assert isinstance(judged(case)["chat_shape"], Passed)
