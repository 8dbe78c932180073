"""
What a project said of activations, read. What there is to say is declared in `activation_options`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite.activation_options import AUTHORISED_PATH, MAX_AGE, MAX_AGE_DAYS, PUBLIC_KEY
from pytest_darkhost.suite.settings import absolute

_DAYS = re.compile("[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class ActivationSettings:
    """What the team decided."""

    authorised_path: tuple[str, ...]
    """The lines of the ini value, as they stand there: whether they say who and when is judged by who reads them."""
    public_keys: tuple[Path, ...]
    """The keys that verify evidence."""
    max_age_days: int
    """How old evidence may be."""


def read_activation_settings(config: pytest.Config) -> ActivationSettings:
    """
    Return what the team decided.

    :raises UsageError: a value cannot be used.
    """
    return ActivationSettings(
        authorised_path=tuple(config.getini(AUTHORISED_PATH)),
        public_keys=tuple(absolute(path) for path in config.getini(PUBLIC_KEY)),
        max_age_days=_days(config.getini(MAX_AGE)),
    )


def _days(text: str) -> int:
    if not (_DAYS.fullmatch(text) and int(text)):
        msg = f"{MAX_AGE}: {text!r:.40} is no number of days, expected such as {MAX_AGE_DAYS}"
        raise UsageError(msg)
    return int(text)
