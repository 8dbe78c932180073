"""
A module-level literal of a Python file, read without running the file, with the line of each value in it.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pytest_darkhost.errors import UsageError
from pytest_darkhost.specs.shown import KeyPath


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, and where it stands."""

    value: Any
    """Of Python's literals: dict, list, tuple, set, str, bytes, numbers, bool or None."""
    places: Mapping[KeyPath, int]
    """1-based line of each value by its key path; the whole is at the empty path."""

    def line(self, path: KeyPath) -> int:
        """Return the line of a value, or of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, 1)


def read_literal(path: Path, name: str, variable: str) -> Literal | None:
    """
    Return what a file assigns to a module-level name, `None` where it does not.

    :param name: how errors call the file.
    :raises UsageError: the file cannot be read or parsed, the name is assigned twice, or not a literal.
    """
    tree = _parsed(path, name)
    nodes = list(_assigned(tree, variable))
    if not nodes:
        return None
    if len(nodes) > 1:
        first, second = nodes[:2]
        msg = f"{variable!r} is assigned a second time, expected once. The first is in line {first.lineno}"
        msg = f"{name}:{second.lineno}: {msg}"
        raise UsageError(msg)
    places: dict[KeyPath, int] = {}
    _note(nodes[0], (), places, name)
    return Literal(_value(nodes[0], name), MappingProxyType(places))


def _parsed(path: Path, name: str) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), filename=name)
    except OSError as error:
        msg = f"{name}: the file cannot be read ({error.strerror}), expected a revision file"
        raise UsageError(msg) from None
    except SyntaxError as error:
        msg = f"{name}:{error.lineno or 1}: not Python ({error.msg}), expected a revision file"
        raise UsageError(msg) from None
    except ValueError as error:
        msg = f"{name}: not Python ({error}), expected a revision file"
        raise UsageError(msg) from None


def _assigned(tree: ast.Module, variable: str) -> Iterator[ast.expr]:
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        named = any(isinstance(target, ast.Name) and target.id == variable for target in targets)
        value = getattr(statement, "value", None)
        if named and isinstance(value, ast.expr):
            yield value


def _note(node: ast.expr, path: KeyPath, places: dict[KeyPath, int], name: str) -> None:
    """Note the line of a value and of all that is in it."""
    places[path] = node.lineno
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            shown = _value(key, name) if key is not None else "**"
            _note(value, (*path, str(shown)), places, name)
    elif isinstance(node, (ast.List, ast.Tuple)):
        for index, value in enumerate(node.elts):
            _note(value, (*path, index), places, name)


def _value(node: ast.expr, name: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        culprit = _culprit(node)
        msg = (
            f"{name}:{culprit.lineno}: {ast.unparse(culprit)[:60]!r} is not a literal, expected values that can be "
            "read without running the file: text, numbers, True, False, None, and lists and dicts of them"
        )
        raise UsageError(msg) from None


def _culprit(node: ast.expr) -> ast.expr:
    """Return the first part of an expression that is no literal."""
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    if not isinstance(node, (ast.Dict, ast.List, ast.Tuple, ast.Set)):
        return node
    return next((_culprit(child) for child in inner if not _is_literal(child)), node)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return True
