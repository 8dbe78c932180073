"""
SQL without its literals, for showing what another session runs: they may be somebody's data or secrets.
"""

import re

_LITERAL = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<name>"(?:[^"]|"")*"(?!\w))
      | (?P<value>[eEnNbBxX]?'(?:[^'\\]|''|\\.)*(?:'|\Z)
          | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)
          | (?<![\w$])\d[\w.]*)""",
    re.VERBOSE | re.DOTALL,
)
_LONGEST = 200


def without_literals(sql: str) -> str:
    """Return a statement on one line with `?` for strings and numbers and without comments, at most 200 characters."""
    text = " ".join(_LITERAL.sub(_replacement, sql).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _replacement(match: re.Match[str]) -> str:
    return " " if match["comment"] else match["name"] or "?"
