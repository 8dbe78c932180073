"""
What is wrong with the files of a history, read without importing them: for a history that Alembic refuses.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_RESERVED = frozenset({"base", "head", "heads", "current"})


@dataclass(frozen=True, slots=True)
class Header:
    """What a revision file says about itself, as far as it says it in literals."""

    place: str
    revision: str | None
    down: tuple[str, ...] | None
    """`None` where `down_revision` is not there."""
    line: int
    """1-based, of `down_revision`, else of `revision`."""
    needs: tuple[str, ...] = ()
    """`depends_on`, where it names ids; it may name labels."""

    @property
    def below(self) -> tuple[str, ...]:
        """Every revision that must be run before this one, directly."""
        return (*(self.down or ()), *self.needs)


def find_fault(versions: Iterable[Path], root: Path) -> str | None:
    """Return the first fault in these directories as a message for the reader, or `None`."""
    headers: list[Header] = []
    for path in sorted(path for place in versions for path in place.rglob("*.py")):
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        try:
            header = _header(ast.parse(path.read_bytes()), shown)
        except SyntaxError as error:
            return f"{shown}:{error.lineno or 1}: {error.msg}, expected a revision file that Python can read"
        if header:
            headers.append(header)
    return next(_faults(headers), None)


def _faults(headers: list[Header]) -> Iterator[str]:
    first: dict[str, Header] = {}
    for header in headers:
        if header.down is None:
            yield f"{header.place}:{header.line}: there is no 'down_revision', expected the revision below, or None"
        if header.revision in _RESERVED:
            yield f"{header.place}:{header.line}: revision {header.revision!r} is a word of Alembic, expected another"
        known = first.setdefault(header.revision or "", header)
        if known is not header and header.revision:
            yield (
                f"{header.place}:{header.line}: revision {header.revision!r} is that of {known.place} too, "
                "expected an id of its own"
            )
    for header in headers:
        for below in header.down or ():
            if below not in first:  # Alembic takes the beginning of an id on a command line, and not here
                known_ids = ", ".join([each for each in sorted(first) if each.startswith(below)] or sorted(first)[-5:])
                yield (
                    f"{header.place}:{header.line}: down_revision {below!r} is not there, expected the id of a "
                    f"revision file, such as {known_ids}. Was a file left out?"
                )
    yield from _cycles(first)


def _cycles(headers: Mapping[str, Header]) -> Iterator[str]:
    """Yield a revision that is below itself, if there is one, with the others on the way there."""
    left = dict(headers)
    while ended := [name for name, each in left.items() if left.keys().isdisjoint(each.below)]:
        for name in ended:
            del left[name]
    if not left:
        return
    way = [min(left)]
    while way.count(way[-1]) == 1:
        way.append(next(each for each in left[way[-1]].below if each in left))
    name, *others = way[way.index(way[-1]) : -1]
    among = ", ".join(f"{each!r} ({left[each].place}:{left[each].line})" for each in others)
    yield (
        f"{left[name].place}:{left[name].line}: revision {name!r} builds on itself{among and f', by way of {among}'}, "
        "expected each to build on what was there before it. Change down_revision or depends_on of one of them"
    )


def _header(tree: ast.Module, shown: str) -> Header | None:
    """Return the header of a module that has a `revision`; `None` for any other."""
    found = {name: (value, line) for name, value, line in _assignments(tree)}
    if "revision" not in found:
        return None
    revision, line = found["revision"]
    down, down_line = found.get("down_revision", (None, line))
    text = revision.value if isinstance(revision, ast.Constant) and isinstance(revision.value, str) else None
    needs = _texts(found["depends_on"][0]) if "depends_on" in found else ()
    return Header(shown, text, None if down is None else _texts(down), down_line, needs)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from ((each.id, node.value, node.lineno) for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value, node.lineno


def _texts(node: ast.expr) -> tuple[str, ...]:
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    return tuple(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
