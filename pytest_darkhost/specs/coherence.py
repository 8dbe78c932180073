"""
What the parts of a spec must be to each other. Rules of single values are elsewhere (`rules`, `models`).

The rules read the file's plain values, so that they speak even where other parts are wrong; a value of a wrong
type is passed over here, because it is reported already.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.rules import carries_key, is_reserved_header
from pytest_darkhost.specs.shown import KeyPath, listed, shown

Finding: TypeAlias = tuple[KeyPath, str]
"""Where the fault is, and `<what is>, <what was expected>`."""
_Spec: TypeAlias = Mapping[str, Any]

PLACEHOLDERS = ("{port}", "{key}", "{python}")
"""What is filled in where a managed venue is started."""
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]\w*\}")


def venue_findings(spec: _Spec, stem: str) -> Iterator[Finding]:
    """Yield what is wrong between the parts of one venue, models aside (`model_coherence`)."""
    yield from _name(spec, stem)
    for rule in _RULES:
        yield from rule(spec)


def mapping(value: Any, key: str) -> _Spec:
    """Return the mapping under a key; empty where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def sequence(value: Any, key: str) -> list[Any]:
    """Return the list under a key, a single text as a list of one; empty where there is neither."""
    found = value.get(key) if isinstance(value, dict) else None
    return [found] if isinstance(found, str) else found if isinstance(found, list) else []


def text(value: Any, key: str) -> str:
    """Return the text under a key; empty where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def is_loopback(url: str) -> bool:
    """Return whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        host = urlsplit(url.replace("{port}", "1")).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name(spec: _Spec, stem: str) -> Iterator[Finding]:
    name = text(spec, "venue")
    if name and name != stem:
        yield ("venue",), f"{shown(name)} differs from the file's name, expected {shown(stem)}. Rename one of them"
    dialects = [dialect.value for dialect in Dialect]
    spoken = text(spec, "dialect")
    if name in dialects and spoken in dialects and name != spoken:
        yield ("dialect",), f"{spoken!r} is spoken by a venue named {name!r}, expected {name!r}. Rename the venue"


def _urls(spec: _Spec) -> Iterator[Finding]:
    aliases = [(("aliases", index), url) for index, url in enumerate(sequence(spec, "aliases"))]
    for path, url in [(("base_url",), spec.get("base_url")), *aliases]:
        if isinstance(url, str) and url.lower().startswith("http://") and not is_loopback(url):
            yield path, "http to another machine, expected https: a key would cross the network in clear"


def _credential(spec: _Spec) -> Iterator[Finding]:
    base = text(spec, "base_url")
    named = spec.get("credential_env")
    if spec.get("serve") is None and base and not is_loopback(base) and named in (None, []):
        path = ("credential_env",) if "credential_env" in spec else ()
        yield path, "'credential_env' names no variable, expected the one that holds the key of a hosted venue"
    names = sequence(spec, "credential_env")
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("credential_env", index), "the variable is named twice, expected once"


def _headers(spec: _Spec) -> Iterator[Finding]:
    own = text(mapping(spec, "auth"), "name").lower()
    seen: set[str] = set()
    for name in mapping(spec, "headers"):
        lower = name.lower()
        if carries_key(name) or lower == own:
            yield ("headers", name), "this header would carry a key, expected none in a spec. Use 'auth'"
        elif is_reserved_header(name):
            yield ("headers", name), "this header belongs to the request itself, expected another"
        elif lower in seen:
            yield ("headers", name), "the header is given twice, expected once: case does not count in names"
        seen.add(lower)


def _port(spec: _Spec) -> Iterator[Finding]:
    serve, base = spec.get("serve"), text(spec, "base_url")
    if serve is None and ":{port}" in base:
        yield ("base_url",), "'{port}' without 'serve', expected a number: only a managed venue has a free port"
    if serve is not None and base and "{port}" not in base:
        yield ("base_url",), "no '{port}' beside 'serve', expected 'http://127.0.0.1:{port}'"
    if serve is not None and "{port}" in base and not is_loopback(base):
        yield ("base_url",), "another machine beside 'serve', expected 'http://127.0.0.1:{port}'"


def _serve(spec: _Spec) -> Iterator[Finding]:
    serve = mapping(spec, "serve")
    command = [part for part in sequence(serve, "command") if isinstance(part, str)]
    environment = mapping(serve, "environment")
    given = [*command, *(value for value in environment.values() if isinstance(value, str))]
    if command and not any("{port}" in part for part in given):
        yield ("serve", "command"), "no '{port}' in it, expected it where the server takes its port"
    for key in ("prepare", "command"):
        for index, part in enumerate(sequence(serve, key)):
            yield from _placeholders(("serve", key, index), part)
    for name, value in environment.items():
        yield from _placeholders(("serve", "environment", name), value)


def _placeholders(path: KeyPath, part: Any) -> Iterator[Finding]:
    found = _PLACEHOLDER.findall(part) if isinstance(part, str) else []
    for name in sorted(set(found) - set(PLACEHOLDERS)):
        yield path, f"unknown placeholder {shown(name)}, expected one of {listed(PLACEHOLDERS)}"


def _any_key(spec: _Spec) -> Iterator[Finding]:
    """Yield where a spec says that any key is accepted, but for the defaults of a venue on this machine."""
    defaults, base = mapping(mapping(spec, "defaults"), "quirks"), text(spec, "base_url")
    if defaults.get("refused_key") == "answered" and base and not is_loopback(base):
        path = ("defaults", "quirks", "refused_key")
        yield path, "'answered' of another machine, expected 'refused': only a server on this machine may take any key"


def _venue_matters(spec: _Spec) -> Iterator[Finding]:
    """Yield where a model sets what only a venue can have."""
    for index, model in enumerate(sequence(spec, "models")):
        for key, what in _OF_THE_VENUE:
            if key in mapping(model, "quirks"):
                yield (
                    ("models", index, "quirks", key),
                    f"set for a model, expected in 'defaults': {what} the venue's matter",
                )


_OF_THE_VENUE = (("refused_key", "keys are"), ("model_list", "a list of models is"))

_RULES: tuple[Callable[[_Spec], Iterator[Finding]], ...] = (
    _urls,
    _credential,
    _headers,
    _port,
    _serve,
    _any_key,
    _venue_matters,
)
