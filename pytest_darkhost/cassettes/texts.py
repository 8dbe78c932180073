"""
Texts of others in our messages: one line, bounded, and nothing that a terminal would obey.
"""

LONGEST = 200


def printable(text: str) -> str:
    """Return a text with escapes for line breaks, control characters and what has no UTF-8."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text without line breaks and control characters, cut where it is longer."""
    # Cut first: what is looked at must not grow with a hostile text.
    words = " ".join(text[: 4 * longest].split())
    shown = printable(words[: longest + 1])
    return shown if len(shown) <= longest and len(text) <= 4 * longest else f"{shown[:longest]}…"
