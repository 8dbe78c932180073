"""
The YAML of a cassette as data: plain values only, and none that is ambiguous or larger than it looks.

Stricter than vcrpy's own loader. Tags of Python, aliases (from which a small file can grow without bound) and keys that
stand twice (of which the last would win unseen) are refused: no cassette that vcrpy or we have written holds any.
"""

from collections import Counter
from itertools import islice
from typing import Any

import yaml

from pytest_darkhost.cassettes.texts import one_line

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libYAML
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

_LARGE = 1_000_000
_MOST_EVENTS = 200_000
"""An interaction has some sixty, however long its body."""


class _Loader(_SafeLoader):
    """Refuses aliases and keys that stand twice."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        if node in self.constructed_objects or node in self.recursive_objects:
            raise _mistake("an alias", node)
        return super().construct_object(node, deep)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            (name, _), *_ = Counter(str(key.value) for key, _ in node.value).most_common(1)
            problem = f"the key {name!r} twice"
            raise _mistake(problem, node)
        return mapping


def _mistake(problem: str, node: Any) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def parsed(text: str) -> Any:
    """
    Return the value of a YAML text.

    :raises ValueError: with one line, when it is no YAML, or holds what a cassette does not.
    """
    try:
        if len(text) > _LARGE and _too_many_events(text):
            msg = f"more than {_MOST_EVENTS} parts"
            raise ValueError(msg)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(_said(error)) from None


def _too_many_events(text: str) -> bool:
    """Return whether there is more than a cassette can have. Loading it would take hundreds of times its size."""
    return next(islice(yaml.parse(text, Loader=_Loader), _MOST_EVENTS, None), None) is not None


def _said(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error) or type(error).__name__
    return one_line(f"line {mark.line + 1}: {problem}" if mark else problem)
