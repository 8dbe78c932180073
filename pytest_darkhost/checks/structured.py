"""
Whether structured output is JSON that follows the schema which the request asked for.
"""

import json
from collections.abc import Mapping
from typing import Any

from pytest_darkhost.checks.availability import Trouble, each, problem
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.contents import content_faults
from pytest_darkhost.checks.json_schema import schema_faults
from pytest_darkhost.checks.shape import shape_fault, text_fault, token_ceiling
from pytest_darkhost.checks.target import seen
from pytest_darkhost.checks.texts import short
from pytest_darkhost.observations import Answer, Observation
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.verdicts import Failed, Passed, Verdict

_EXPECTED = "JSON that follows the requested schema"
_LISTED = 3


def parsed(text: str) -> Any:
    """Return the value of a JSON text. Raises `ValueError` for anything else, however deep it is nested."""
    try:
        return json.loads(text)
    except RecursionError as error:
        msg = "nested too deep"
        raise ValueError(msg) from error


def _text_fault(text: str, schema: Mapping[str, Any]) -> Failed | None:
    try:
        value = parsed(text)
    except ValueError:
        fenced = " in a Markdown fence" if text.lstrip().startswith("```") else ""
        return Failed(_EXPECTED, f"the text is not JSON{fenced}: {short(text)!r}")
    faults = list(schema_faults(value, schema))
    if not faults and isinstance(value, dict):
        faults = list(content_faults(value, schema))
    return Failed(_EXPECTED, "; ".join(faults[:_LISTED])) if faults else None


def _answer_fault(observation: Observation, answer: Answer, schema: Mapping[str, Any]) -> Trouble | None:
    empty = text_fault(observation, answer, _EXPECTED)
    if empty:
        return empty
    fault = _text_fault(answer.text, schema)
    return token_ceiling(observation, "the whole JSON text") if fault and answer.at_token_ceiling else fault


def _fault(observation: Observation) -> Trouble | None:
    found = problem(observation) or shape_fault(observation, _EXPECTED)
    request, answer = observation.probe.request, observation.answer
    if found:
        return found
    if answer is None or request is None or request.json_schema is None:
        return Failed(_EXPECTED, "no answer to a request with a schema was read")
    return _answer_fault(observation, answer, request.json_schema)


def json_schema(case: Case) -> Verdict:
    """Return whether the answer's text is JSON without a Markdown fence, follows the schema and says something."""
    passed = Passed(_EXPECTED, "the text follows the schema")
    return each(seen(case, ProbeName.JSON_SCHEMA), _fault, passed, names=(ProbeName.JSON_SCHEMA,))
