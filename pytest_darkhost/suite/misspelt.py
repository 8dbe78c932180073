"""
An option of ours that is misspelt: what it may have been.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from pytest_darkhost.near import hint

_OURS = "--darkhost-"
_ALIKE = 0.9
"""The beginning, which all have, makes them alike already."""


def unknown_option(typed: Sequence[str], known: Iterable[str]) -> str | None:
    """Return what is wrong with the first `--darkhost-…` that is none of the known options, in their Python names."""
    options = [f"--{name.replace('_', '-')}" for name in known if name.startswith("darkhost_")]
    words = (word.partition("=")[0] for word in takewhile("--".__ne__, typed))
    unknown = next((word for word in words if word.startswith(_OURS) and word not in options), None)
    near = hint(unknown, options, cutoff=_ALIKE) if unknown else ""
    return unknown and f"{unknown}: no such option, expected one that pytest --help lists{near}"
