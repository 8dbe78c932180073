"""
Definitions in the words of PostgreSQL that differ and mean the same.

In functions in SQL and PL/pgSQL blanks between words make no difference; in other languages they may. `x IN ('a', 'b')`
on a `varchar` is kept as a cast of the list, and once it went through a dump as a list of casts.
"""

import re

_LANGUAGE = re.compile(r"^ LANGUAGE (?:plpgsql|sql)\b", re.MULTILINE)
_EXPRESSIONS = frozenset({"constraint", "index", "policy"})
_LIST = re.compile(r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]")
_ITEM = re.compile(r"\(('(?:[^']|'')*')::character varying\)::text|('(?:[^']|'')*')::character varying")
_UNIT = re.compile(
    r"""(?P<blank>\s+)
      | --[^\n]* | /\*.*?\*/
      | [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
      | \$(?!(?:function|procedure)x*\$)(?P<tag>\w*)\$.*?\$(?P=tag)\$
      | .""",
    re.VERBOSE | re.DOTALL,
)
"""`$function$` is what `pg_get_functiondef` puts around a body, which is code."""


def same_meaning(kind: str, before: str, after: str) -> bool:
    """Return whether two definitions of an object of a kind are known to mean the same."""
    if kind == "function":
        return same_program(before, after)
    return kind in _EXPRESSIONS and "ARRAY[" in before and _listed(before) == _listed(after)


def same_program(before: str, after: str) -> bool:
    """Return whether two definitions of a function, as `pg_get_functiondef` gives them, differ in blanks at most."""
    return bool(_LANGUAGE.search(before)) and _units(before) == _units(after)


def _units(text: str) -> list[str]:
    """Return strings, names in quotes, comments and other characters one by one, and one blank for several."""
    return [" " if each["blank"] else each[0] for each in _UNIT.finditer(text)]


def _listed(text: str) -> str:
    """Return a definition with lists of texts as they are after a dump, and without what each is cast from."""
    lists = _LIST.sub(lambda found: f"ARRAY[{_ITEM.sub(_as_text, found[1])}]", text)
    return _ITEM.sub(lambda found: _as_text(found) if found[1] else found[0], lists)


def _as_text(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}::text"
