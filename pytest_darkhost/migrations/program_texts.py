"""
Texts of functions in SQL and PL/pgSQL, in which blanks between words make no difference. Other languages may differ.
"""

import re

_LANGUAGE = re.compile(r"^ LANGUAGE (?:plpgsql|sql)\b", re.MULTILINE)
_UNIT = re.compile(
    r"""(?P<blank>\s+)
      | --[^\n]* | /\*.*?\*/
      | [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
      | \$(?!(?:function|procedure)x*\$)(?P<tag>\w*)\$.*?\$(?P=tag)\$
      | .""",
    re.VERBOSE | re.DOTALL,
)
"""`$function$` is what `pg_get_functiondef` puts around a body, which is code."""


def same_program(before: str, after: str) -> bool:
    """Return whether two definitions of a function, as `pg_get_functiondef` gives them, differ in blanks at most."""
    return bool(_LANGUAGE.search(before)) and _units(before) == _units(after)


def _units(text: str) -> list[str]:
    """Return strings, names in quotes, comments and other characters one by one, and one blank for several."""
    return [" " if each["blank"] else each[0] for each in _UNIT.finditer(text)]
