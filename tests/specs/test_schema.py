"""The JSON Schema for editors: in step with the models, and useful in an editor."""

import json
from importlib.resources import files

from pytest_darkhost.specs import schema
from pytest_darkhost.specs.models import ModelSpec, VenueSpec


def committed() -> str:
    """Return the text of the file in the package."""
    return (files("pytest_darkhost") / "venue-spec.schema.json").read_text(encoding="utf-8")


def test_the_committed_file_is_in_step():
    """After a change of the models, `python -m pytest_darkhost.specs.schema` must be committed."""
    assert committed() == schema.text()


def test_the_text_is_stable():
    """Two blanks, one line feed at the end, JSON, the same each time."""
    assert schema.text() == schema.text()
    assert schema.text().startswith('{\n  "$schema": "https://json-schema.org/draft/2020-12/schema"')
    assert schema.text().endswith("}\n")
    assert json.loads(schema.text()) == schema.json_schema()


def test_it_has_no_identifier_and_knows_all_keys():
    """An `$id` would send editors to the network."""
    tree = schema.json_schema()
    assert "$id" not in tree
    assert set(tree["properties"]) == set(VenueSpec.model_fields)
    assert set(tree["$defs"]["ModelSpec"]["properties"]) == set(ModelSpec.model_fields)
    assert tree["additionalProperties"] is False


def test_docstrings_are_descriptions():
    """What an editor shows at a key is what the model says of it, and there is no key without a word."""
    tree = schema.json_schema()
    nodes = {"VenueSpec": tree, **tree["$defs"]}
    keys = [(name, key, said) for name, node in nodes.items() for key, said in node.get("properties", {}).items()]

    assert tree["properties"]["venue"]["description"].startswith("Equal to the file's stem")
    assert len(keys) > 60
    assert [(name, key) for name, key, said in keys if not said.get("description")] == []


def test_single_values_and_rules_are_known_to_editors():
    """What the loader takes or refuses is not the other way round in an editor."""
    tree = schema.json_schema()
    status = tree["$defs"]["ErrorSign"]["properties"]["status"]
    assert {choice["type"] for choice in status["anyOf"]} == {"integer", "array"}
    assert "(?!.*(::|" in tree["$defs"]["ModelSpec"]["properties"]["slug"]["pattern"]
    assert tree["properties"]["base_url"]["pattern"].startswith("^https?://")


def test_no_title_repeats_a_key():
    """Titles of pydantic's making would be noise in an editor."""
    text = schema.text()
    assert text.count('"title"') == 1
