"""Tables and words of Markdown for pages that are made from the code, and blocks of pages that are typed."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page of `docs/` in one language, as a reader copies them."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def table(
    title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, depth: int = 2, about: str = ""
) -> Iterator[str]:
    """Yield a section with one table."""
    yield from ("#" * depth + f" {title}", "")
    if about:
        yield from (about[:1].upper() + about[1:] + ("" if about.endswith(".") else "."), "")
    if not head:
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""


def code(text: str) -> str:
    """Return a text as code."""
    return f"`{text}`"


def one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


def first_line(thing: Any) -> str:
    """Return the summary of a docstring: all up to its first blank line."""
    return one_line((inspect.getdoc(thing) or "").split("\n\n")[0])


def texts_of(thing: Any) -> dict[str, str]:
    """Return the docstrings of the names that a class or a module assigns to. A name without one is missing."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(thing))).body if inspect.isclass(thing) else [None]
    statements = body.body if isinstance(body, ast.ClassDef) else ast.parse(inspect.getsource(thing)).body
    return {
        name: one_line(text.value.value)
        for assignment, text in pairwise(statements)
        if (name := _assigned(assignment))
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _assigned(node: ast.stmt) -> str | None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else None
