"""
A venue's list of models, in each of the shapes that venues send. The same for both dialects.
"""

from pytest_darkhost.dialects.nodes import Node

_COLLECTION = "models/"
"""Google's resource names; its chat takes a model with and without this prefix."""


def names(root: Node) -> tuple[str, ...] | None:
    """
    Return the names under which the list knows its models, in its order; `None` where the body is no list of models.

    Shapes: `{data: [{id}]}`, a bare list (Together), `{models: [{name}]}` (management APIs). An entry
    without a name is a fault. A name with Google's prefix is listed without it, too.
    """
    items = _items(root)
    if items is None:
        return None
    listed = (_name(item) for item in items.elements() if item.is_object())
    return tuple(form for name in listed if name for form in _forms(name))


def _items(root: Node) -> Node | None:
    places = (root, root.member("data"), root.member("models"))
    return next((place for place in places if isinstance(place.value, list)), None)


def _name(item: Node) -> str:
    fields = (item.member(key) for key in ("id", "model_name", "name"))
    named = next((field for field in fields if isinstance(field.value, str)), item.member("id"))
    return named.text()


def _forms(name: str) -> tuple[str, ...]:
    short = name.removeprefix(_COLLECTION)
    return (name,) if short == name else (name, short)
