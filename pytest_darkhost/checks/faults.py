"""
Whose matter a shape fault is, by its JSON path: one fault in a body is reported by one check.
"""

import re
from enum import StrEnum

from pytest_darkhost.observations import Observation

_USAGE = frozenset({"usage", "x_groq"})


class Subject(StrEnum):
    """The part of a body that a fault is about."""

    SHAPE = "shape"
    USAGE = "usage"
    MODEL = "model"


def subject(fault: str) -> Subject:
    """Return what a fault `<JSON path>: <what is>, …` is about."""
    segments = [part for part in re.split(r"[^A-Za-z0-9_]+", fault.split(": ", 1)[0]) if part]
    if _USAGE.intersection(segments):
        return Subject.USAGE
    return Subject.MODEL if segments[-1:] == ["model"] else Subject.SHAPE


def faults_of(observation: Observation, about: Subject) -> tuple[str, ...]:
    """Return the faults of an observation about one subject."""
    return tuple(fault for fault in observation.faults if subject(fault) is about)
