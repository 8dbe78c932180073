"""
pydantic's complaints in the words of a spec's author: `<what is>, <what was expected>[. <what to do>]`.

It knows the models, not files or lines (`loader`).
"""

import difflib
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic import BaseModel

from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.shown import KeyPath, listed, shown_at

Complaint: TypeAlias = Mapping[str, Any]
"""One entry of `ValidationError.errors()`: `type`, `loc`, `msg` and sometimes `ctx`."""
_Wording: TypeAlias = Callable[[KeyPath, Any, Mapping[str, Any]], str]

_QUANTITY = re.compile(r"\s*\$?\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m)?\s*")
_MS_PER = {"ms": 1, "s": 1000, "m": 60_000}
_UNITS = (("_per_mtok_usd", "USD per million tokens"), ("_usd", "USD"), ("_ms", "milliseconds"))


def wording(complaint: Complaint, path: KeyPath, value: Any) -> str:
    """Return the text for one complaint about the value at a key path. No value of `credential_env` and such shows."""
    kind = complaint["type"]
    word = _WORDINGS.get(kind) or next((w for stem, w in _STEMS if kind.startswith(stem)), _other)
    return word(path, value, {**complaint.get("ctx", {}), "msg": complaint["msg"]})


def near(name: str, known: Iterable[str]) -> str:
    """Return `. Did you mean 'x'?` where one known name is near, else nothing."""
    names = list(known)
    begins = [other for other in names if other.startswith(f"{name}_")]
    close = begins[:1] if len(begins) == 1 else difflib.get_close_matches(name, names, n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


def keys_at(path: KeyPath) -> tuple[str, ...]:
    """Return the keys that a spec may have in the mapping at a path; empty where they are free."""
    model: type[BaseModel] | None = VenueSpec
    for key in path:
        if isinstance(key, str) and model is not None:
            known = model.model_fields.get(key)
            model = None if known is None else _model_in(known.annotation)
    return () if model is None else tuple(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _model_in(part))), None)


def _unknown_key(path: KeyPath, _value: Any, _context: Mapping[str, Any]) -> str:
    known = keys_at(path[:-1])
    return f"unknown key, expected one of {', '.join(known)}{near(str(path[-1]), known)}"


def _missing(path: KeyPath, _value: Any, _context: Mapping[str, Any]) -> str:
    keys = keys_at(path)
    return f"missing, expected {_with_keys(keys)}" if keys else "missing, expected a value: the key is required"


def _not_text(path: KeyPath, value: Any, _context: Mapping[str, Any]) -> str:
    hint = "" if isinstance(value, (dict, list)) or value is None else ". Put it in quotes if it is meant so"
    return f"{shown_at(path, value)} is not text, expected text{hint}"


def _not_number(path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
    what = "a whole number" if "integer" in context["msg"] else "a number"
    wanted = what if what != "a number" else _unit(path)
    return f"{shown_at(path, value)} is not {what}, expected {wanted}{_converted(path, value)}"


def _converted(path: KeyPath, value: Any) -> str:
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match[2] and not str(path[-1]).endswith("_ms")):
        return ""
    return f". Write {float(match[1]) * _MS_PER.get(match[2], 1):.15g}"


def _not_bool(path: KeyPath, value: Any, _context: Mapping[str, Any]) -> str:
    hint = ". In YAML 1.2 'yes', 'no', 'on' and 'off' are text" if isinstance(value, str) else ""
    return f"{shown_at(path, value)} is not a truth value, expected true or false{hint}"


def _not_one_of(path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
    names = re.findall(r"'([^']*)'", context["expected"])
    hint = near(value, names) if isinstance(value, str) else ""
    return f"{shown_at(path, value)} is not one of {listed(names)}{hint}"


def _not_list(path: KeyPath, value: Any, _context: Mapping[str, Any]) -> str:
    hint = ". A list is written as [a, b]" if isinstance(value, str) else ""
    return f"{shown_at(path, value)} is not a list, expected a list{hint}"


def _not_mapping(path: KeyPath, value: Any, _context: Mapping[str, Any]) -> str:
    return f"{shown_at(path, value)} is not a mapping, expected {_with_keys(keys_at(path))}"


def _with_keys(keys: tuple[str, ...]) -> str:
    return f"a mapping with keys out of {', '.join(keys)}" if keys else "a mapping"


def _too_short(_path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
    has = len(value) if isinstance(value, (list, dict, str)) else 0
    return f"{has} items, expected at least {context['min_length']}"


def _not_date(path: KeyPath, value: Any, _context: Mapping[str, Any]) -> str:
    return f"{shown_at(path, value)} is not a date, expected a day such as 2026-11-22"


def _broken_rule(_path: KeyPath, _value: Any, context: Mapping[str, Any]) -> str:
    return str(context["error"])


def _bad_form(path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
    if context["pattern"] == "^/":
        return f"{shown_at(path, value)} does not begin with '/', expected a path such as '/health'"
    return f"{shown_at(path, value)} has not the expected form, expected {context['pattern']}"


def _too_precise(path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
    return f"{shown_at(path, value)} has too many digits, expected {context['msg'].partition('no more than ')[2]}"


def _other(path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
    return f"{shown_at(path, value)} cannot be used, expected otherwise ({context['msg']})"


def _bound(name: str, fault: str, wanted: str) -> _Wording:
    """Return the wording for a bound that the complaint's context holds under a name."""

    def word(path: KeyPath, value: Any, context: Mapping[str, Any]) -> str:
        bound = f"{context[name]:.15g}"
        return f"{shown_at(path, value)} is {fault} {bound}, expected {_unit(path)} {wanted} {bound}"

    return word


def _unit(path: KeyPath) -> str:
    return next((words for end, words in _UNITS if str(path[-1]).endswith(end)), "a number")


_WORDINGS: Mapping[str, _Wording] = MappingProxyType(
    {
        "extra_forbidden": _unknown_key,
        "missing": _missing,
        "string_type": _not_text,
        "enum": _not_one_of,
        "literal_error": _not_one_of,
        "greater_than": _bound("gt", "not greater than", "greater than"),
        "greater_than_equal": _bound("ge", "less than", "of at least"),
        "less_than": _bound("lt", "not less than", "less than"),
        "less_than_equal": _bound("le", "greater than", "of at most"),
        "too_short": _too_short,
        "value_error": _broken_rule,
        "string_pattern_mismatch": _bad_form,
        "finite_number": _not_number,
        "decimal_max_digits": _too_precise,
        "decimal_max_places": _too_precise,
        "decimal_whole_digits": _too_precise,
    }
)
_STEMS: tuple[tuple[str, _Wording], ...] = (
    ("float_", _not_number),
    ("int_", _not_number),
    ("decimal_", _not_number),
    ("bool_", _not_bool),
    ("tuple_", _not_list),
    ("list_", _not_list),
    ("dict_", _not_mapping),
    ("model_", _not_mapping),
    ("date_", _not_date),
)
