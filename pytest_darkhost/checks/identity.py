"""
Whether the venue lists the models of the spec, and whether the model that answers says it is the one that was asked.
"""

import re

from pytest_darkhost.checks.availability import Trouble, each, not_planned, problem, trouble
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.faults import Subject, faults_of
from pytest_darkhost.checks.shape import CHATS, shape_fault
from pytest_darkhost.checks.streams import stream_problem, terminated
from pytest_darkhost.checks.target import model_of, seen
from pytest_darkhost.checks.texts import near_text, short
from pytest_darkhost.observations import Observation
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.models import ModelSpec
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

_LIST_PREFIX = "models/"
"""Gemini's list names models as resources; requests may leave the prefix out."""
_LONGEST_NAME = 300
"""Longer names match no pattern: the time to compare grows with a power of the length."""


def matches(name: str, pattern: str) -> bool:
    """Return whether a name of at most 300 characters matches a pattern; `*` stands for any run of characters."""
    if len(name) > _LONGEST_NAME:
        return False
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def is_echo_of(model: ModelSpec, name: str) -> bool:
    """Return whether a venue may call this model by this name."""
    return name == model.upstream_model or any(matches(name, pattern) for pattern in model.resolves_to)


def _missing(case: Case, listed: tuple[str, ...]) -> dict[str, str]:
    """Return what to say of each upstream model that is not listed, by its name."""
    names = {*listed, *(name.removeprefix(_LIST_PREFIX) for name in listed)}
    wanted = [model.upstream_model for model in case.venue.models]
    return {name: f"{name!r} is not listed{near_text(name, names)}" for name in wanted if name not in names}


def model_listed(case: Case) -> Verdict:
    """Return whether the venue's list holds the upstream model of each model of the spec."""
    expected = "a list with each model of the spec"
    quirks = case.venue.defaults.quirks
    if quirks is not None and quirks.model_list == "absent":
        return NotJudged(ReasonCode.NOT_APPLICABLE, "spec declares that the venue has no list of its models")

    def fault(observation: Observation) -> Trouble | None:
        found = problem(observation) or shape_fault(observation, expected)
        if found or observation.listed_models is None:
            return found or Failed(expected, "no list of models was read")
        missing = _missing(case, observation.listed_models)
        context = tuple(missing.items()) if len(missing) > 1 else ()
        return Failed(expected, short("; ".join(missing.values()), 300), context) if missing else None

    lists = seen(case, ProbeName.MODEL_LIST)
    names = {name for observation in lists for name in observation.listed_models or ()}
    return each(lists, fault, Passed(expected, f"each is among the {len(names)} listed"), names=(ProbeName.MODEL_LIST,))


def _echo_fault(model: ModelSpec, observation: Observation, expected: str) -> Failed | None:
    faults = faults_of(observation, Subject.MODEL)
    if faults:
        return Failed(expected, short(faults[0], 200))
    name = None if observation.answer is None else observation.answer.model
    if name is None:
        return Failed(expected, "the answer names no model")
    return None if is_echo_of(model, name) else Failed(expected, f"the answer says it is {short(name)!r}")


def model_identity(case: Case) -> Verdict:
    """
    Return whether each chat and stream says that it is the model of the spec, all by one name.

    The name is `upstream_model` or one that the spec's `resolves_to` allows.
    """
    model = model_of(case)
    expected = " or ".join(map(repr, (model.upstream_model, *model.resolves_to)))

    def fault(observation: Observation) -> Trouble | None:
        if observation.probe.name != ProbeName.STREAM:
            return problem(observation) or _echo_fault(model, observation, expected)
        unheard = observation.answer is None or observation.answer.model is None
        if unheard and observation.error is None and not terminated(observation):
            return None
        return stream_problem(observation) or _echo_fault(model, observation, expected)

    chats = seen(case, *CHATS)
    if not chats:
        return not_planned(*CHATS)
    answered = (*chats, *seen(case, ProbeName.STREAM))
    found = trouble(answered, fault)
    names = sorted({o.answer.model for o in answered if o.answer is not None and o.answer.model is not None})
    if found is None and len(names) > 1:
        return Failed(f"one name in all answers: {expected}", f"{len(names)} names: {short(', '.join(names), 200)}")
    return found or Passed(expected, ", ".join(map(repr, names)))
