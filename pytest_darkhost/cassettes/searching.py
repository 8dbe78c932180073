"""
Looks for keys in what is about to be written: as they are, and as a venue may have spelt them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from pytest_darkhost.secrets import Redactor

_ESCAPE = re.compile(r"\\u00([0-7][0-9a-fA-F])")


def holds_key(redactor: Redactor, value: Any) -> bool:
    """Return whether a key occurs in a value or in any text within it, also with its characters escaped."""
    return any(redactor.found_in(spelt) for text in _texts(value) for spelt in _spellings(text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        # As in the redactor: each byte is one character, keys are ASCII.
        yield value.decode("latin-1")
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _spellings(text: str) -> Iterator[str]:
    yield text
    if "\\u00" in text:
        yield _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if "%" in text:
        yield unquote(text)
