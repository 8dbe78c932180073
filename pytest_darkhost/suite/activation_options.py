"""
What a project says of activations: which schema path was authorised, and which evidence is believed. Ini values only:
they are decisions of the team, which a command line must not take.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite.settings import absolute

MAX_AGE_DAYS = 7
AUTHORISED_PATH = "darkhost_authorised_path"
PUBLIC_KEY = "darkhost_public_key"
MAX_AGE = "darkhost_evidence_max_age_days"
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


def add_ini(parser: pytest.Parser) -> None:
    """Declare the ini values."""
    parser.addini(
        "darkhost_authorised_path",
        "schema path of activations, by whom and when it was authorised: 'A by alice@example.org on 2026-11-20', "
        "or 'B for VENUE by …', 'B for VENUE/SLUG by …'",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_public_key", "public keys that verify evidence for darkhost activate", type="paths", default=[]
    )
    parser.addini(
        "darkhost_evidence_max_age_days",
        f"how old the evidence may be that lights a model (default {MAX_AGE_DAYS})",
        default=str(MAX_AGE_DAYS),
    )


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
