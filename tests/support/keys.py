"""The key that the stand-in venue accepts, and what kind of key a request came with. No key is ever logged."""

from enum import StrEnum

from pytest_darkhost.secrets import REFUSED_KEY

KEY = "sk-canary-9fK2vQ7xLw3TzR8mB5nHc1Yd6pJs4GeUa0"
"""A canary: tests search every output of the package for it, and for parts of it."""


class KeyKind(StrEnum):
    """Whose key a request carried."""

    GOOD = "good"
    REFUSED = "refused"
    """The constant of the refused-key probe."""
    NONE = "none"
    OTHER = "other"


def key_kind(presented: str) -> KeyKind:
    """Return the kind of a key as it stood on the wire, without `Bearer `."""
    known = {KEY: KeyKind.GOOD, REFUSED_KEY: KeyKind.REFUSED, "": KeyKind.NONE}
    return known.get(presented, KeyKind.OTHER)
