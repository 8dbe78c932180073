"""
The JSON Schema of a venue spec, for editors. The file beside the package's modules is its text.

`python -m pytest_darkhost.specs.schema` prints it.
"""

import json
import sys
from typing import Any

from pytest_darkhost.specs.models import VenueSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema as a JSON object, draft 2020-12. Descriptions are the docstrings of `models`."""
    schema = VenueSpec.model_json_schema()
    return {"$schema": DIALECT, **_without_titles(schema), "title": "pytest-darkhost venue spec"}


def text() -> str:
    """Return the committed form: two blanks of indentation, a line feed at the end."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


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
