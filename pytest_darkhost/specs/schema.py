"""
The JSON Schema of a venue spec, for editors. The file beside the package's modules is its text.

`python -m pytest_darkhost.specs.schema` prints it.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from pytest_darkhost.specs import access, changes, models, target_settings

_MODULES = (models, access, target_settings, changes)
"""Where the classes of a spec are."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "venue-spec.schema.json"
LINE = re.compile(r"^# yaml-language-server: \$schema=(.*)$", re.MULTILINE)
"""The comment by which the language server of editors finds the schema."""


def json_schema() -> dict[str, Any]:
    """Return the schema as a JSON object, draft 2020-12. Descriptions are the docstrings of the attributes."""
    schema = models.VenueSpec.model_json_schema()
    for name, node in {**schema["$defs"], models.VenueSpec.__name__: schema}.items():
        _describe(node, next(getattr(module, name) for module in _MODULES if hasattr(module, name)))
    return {"$schema": DIALECT, **_without_titles(schema), "title": "pytest-darkhost venue spec"}


def text() -> str:
    """Return the committed form: two blanks of indentation, a line feed at the end."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _describe(node: dict[str, Any], model: type) -> None:
    """Give each property of a model's schema the text that stands below the attribute."""
    if issubclass(model, BaseModel):
        texts = {name: text for kind in reversed(model.__mro__) for name, text in _attribute_texts(kind).items()}
        for name, property_node in node["properties"].items():
            if name in texts:
                property_node["description"] = texts[name]


def _attribute_texts(kind: type) -> Mapping[str, str]:
    """
    Return the docstrings of a class's attributes.

    pydantic would read them when the classes are made, in every run; editors need them only in the schema.
    """
    if kind.__module__ not in {module.__name__ for module in _MODULES}:
        return {}
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    statements = body.body if isinstance(body, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(statements)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _without_titles(node: Any) -> Any:
    """Return a schema without pydantic's titles, which repeat the key in other letters."""
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    # A property may be named `title`; a title itself is always text.
    return {key: _without_titles(value) for key, value in node.items() if key != "title" or isinstance(value, dict)}


if __name__ == "__main__":
    sys.stdout.write(text())
