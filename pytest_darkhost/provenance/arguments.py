"""
What was typed, without secrets. Keys of venues are the redactor's (`secrets`); here go those that stand in URLs.
"""

import re
from collections.abc import Iterable

HIDDEN = "***"
_USER = re.compile(r"(?P<before>\w[\w+.-]*://[^/\s:@]*):\S*@")
"""To the last `@`: a password that nobody encoded may hold more of them."""
_QUERY = re.compile(r"(?P<name>[?&;][^=&;\s]+=)[^&;\s]*")
_HARMLESS = re.compile(
    r"[?&;](?:application_name|charset|connect_timeout|driver|host|mode|port|sslmode)=", re.IGNORECASE
)


def without_secrets(arguments: Iterable[str]) -> list[str]:
    """Return arguments with `***` for passwords in URLs and for what their queries may hide."""
    return [_shown(argument) for argument in arguments]


def _shown(argument: str) -> str:
    if "://" not in argument:
        return argument
    return _QUERY.sub(_shown_query, _USER.sub(rf"\g<before>:{HIDDEN}@", argument))


def _shown_query(match: re.Match[str]) -> str:
    return match[0] if _HARMLESS.fullmatch(match["name"]) else f"{match['name']}{HIDDEN}"
