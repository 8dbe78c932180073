"""
The command that repeats one migration item, with the options of migrations that were typed.
"""

import itertools
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_darkhost.suite.migrations.options import OPTIONS
from pytest_darkhost.suite.repeating import command


def again(config: pytest.Config, nodeid: str, path: Path) -> str:
    """Return the command. A URL may hide a secret: it is shown as `…`, for the reader to fill in."""
    program, _, rest = command(config, nodeid, path, live=False).partition(" ")
    return " ".join((program, *_typed(config), rest))


def _typed(config: pytest.Config) -> Iterator[str]:
    words = [str(word) for word in config.invocation_params.args]
    for word, after in itertools.pairwise((*words, "")):
        flag, equals, value = word.partition("=")
        if flag in OPTIONS:
            shown = value if equals else after
            yield f"{flag}={'…' if '://' in shown else shlex.quote(shown)}"
