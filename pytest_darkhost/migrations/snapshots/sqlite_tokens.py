"""
SQL text of SQLite as tokens, so that quotes, blanks, comments and letter case make no difference.
"""

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<string>[xX]?'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<word>[^\W\d][\w$]*)
      | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<sign>\|\||<<|>>|<=|>=|<>|!=|==|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)


_STRUCTURAL = frozenset(
    {"as", "autoincrement", "check", "collate", "constraint", "default", "foreign", "generated"}
    | {"not", "null", "primary", "references", "unique"}
)
"""Words that begin a part of a table's text. A name that is one of them keeps its quotes."""


def tokens(sql: str) -> list[str]:
    """Return the tokens: names and keywords in lower case and without quotes, strings as they are."""
    return list(_tokens(sql))


def _tokens(sql: str) -> Iterator[str]:
    for match in _TOKEN.finditer(sql):
        if match.lastgroup == "quoted":
            text = match[0]
            name = text[1:-1].replace(text[-1] * 2, text[-1]).casefold()
            yield f'"{name}"' if name in _STRUCTURAL else name
        elif match.lastgroup != "skip":
            yield match[0] if match.lastgroup == "string" else match[0].casefold()


def joined(parts: Sequence[str]) -> str:
    """Return tokens as text to show and compare: without the parentheses around the whole."""
    while len(parts) > 1 and parts[0] == "(" and closing(parts, 0) == len(parts) - 1:
        parts = parts[1:-1]
    text = " ".join(parts)
    return text.replace("( ", "(").replace(" )", ")").replace(" ,", ",").replace(" (", "(")


def closing(parts: Sequence[str], opening: int) -> int:
    """Return the place of the parenthesis that closes the one at `opening`, or the last place."""
    depth = 0
    for place in range(opening, len(parts)):
        depth += (parts[place] == "(") - (parts[place] == ")")
        if depth == 0:
            return place
    return len(parts) - 1


def split(parts: Sequence[str]) -> list[list[str]]:
    """Return what stands between commas that are in no parentheses."""
    pieces: list[list[str]] = [[]]
    depth = 0
    for part in parts:
        depth += (part == "(") - (part == ")")
        if part == "," and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(part)
    return pieces
