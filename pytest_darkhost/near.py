"""
The names that somebody may have meant. One wording for all that are typed or configured.
"""

import difflib
from collections.abc import Iterable


def hint(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return a sentence with the nearest known names, or nothing where none is near."""
    lower = {each.lower(): each for each in known}
    near = [lower[each] for each in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=cutoff)]
    return f". Did you mean {' or '.join(map(repr, near))}?" if near else ""
