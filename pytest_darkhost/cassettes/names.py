"""
Where the cassette of a target lies. Every owner has a file of its own, also on file systems that ignore case.
"""

import hashlib
import re
from pathlib import Path

from pytest_darkhost.plan import Owner

SUFFIX = ".yaml"
VENUE_FILE = f"@venue{SUFFIX}"
"""The cassette of a venue itself: no slug gives a name that begins like this."""
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_NOT_PLAIN = re.compile(r"[^a-z0-9._-]+")
_DIGITS = 12
_LONGEST = 60


def cassette_path(directory: Path, owner: Owner) -> Path:
    """Return the file of an owner's cassette: `<directory>/<venue>/<slug>.yaml`."""
    name = VENUE_FILE if owner.model is None else _file_name(owner.model)
    return directory / owner.venue / name


def _file_name(slug: str) -> str:
    """Return a slug as it is where that is safe, else what is safe of it with a digest behind an `@`, its own sign."""
    if _PLAIN.fullmatch(slug):
        return slug + SUFFIX
    readable = _NOT_PLAIN.sub("_", slug.lower())[:_LONGEST]
    return f"{readable}@{hashlib.sha256(slug.encode()).hexdigest()[:_DIGITS]}{SUFFIX}"
