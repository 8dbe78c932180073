"""
Text of a venue made fit for one line of a report. Knows no JSON (`json_text`).
"""

import re
from html import unescape

from pytest_darkhost.plain_text import one_line

LONGEST = 300
"""Characters that are kept of a venue's own words."""
_LOOKED_AT = 65_536
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_HTML_STARTS = ("<!doctype html", "<html", "<head", "<body")


def repaired(text: str) -> str:
    """Return the text with halves of surrogate pairs joined, or replaced by U+FFFD where one stands alone."""
    # Most is ASCII, which is known of a string without looking at its characters.
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_html(content_type: str | None, body: bytes) -> bool:
    """Return whether a body is a web page: by its first tag, or by its content type where it is no JSON."""
    start = body[:1024].decode("utf-8", "replace").lstrip("\ufeff \t\r\n").lower()
    if start.startswith(_HTML_STARTS):
        return True
    return "html" in (content_type or "").lower() and not start.startswith(("{", "["))


def page_title(body: bytes) -> str | None:
    """Return the title of a web page on one line, or `None`."""
    found = _TITLE.search(body[:_LOOKED_AT].decode("utf-8", "replace"))
    return one_line(unescape(found[1]), LONGEST) or None if found else None


def beginning(body: bytes) -> str | None:
    """Return the beginning of a body on one line, or `None` where there is nothing to show."""
    return one_line(body[: 20 * LONGEST].decode("utf-8", "replace"), LONGEST) or None
