"""What only follows from another difference is not told besides."""

import pytest

from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import Difference


@pytest.mark.parametrize("schema", ["", "sales."])
@pytest.mark.parametrize("change", ["added", "removed", "changed"])
def test_an_index_that_enforces_a_constraint_is_part_of_it(schema: str, change: str) -> None:
    """PostgreSQL makes it with the constraint, under the same name and in the schema of the table."""
    constraint = Difference("constraint", change, f"{schema}orders.orders_pkey")

    assert essential([constraint, Difference("index", change, f"{schema}orders_pkey")]) == (constraint,)


@pytest.mark.parametrize(
    "index",
    [
        Difference("index", "changed", "orders_pkey"),
        Difference("index", "added", "ix_orders"),
        Difference("index", "added", "sales.orders_pkey"),
    ],
    ids=["change", "name", "schema"],
)
def test_another_index_is_told(index: Difference) -> None:
    """Of another name, in another schema, or changed where the constraint came."""
    constraint = Difference("constraint", "added", "orders.orders_pkey")

    assert set(essential([constraint, index])) == {constraint, index}


@pytest.mark.parametrize("change", ["added", "removed"])
@pytest.mark.parametrize(("kind", "name"), [("enum", "sales.mood"), ("function", "total(a integer, b text)")])
def test_rights_come_with_what_they_are_rights_on(kind: str, name: str, change: str) -> None:
    """PostgreSQL gives `PUBLIC` some on each new type and function; on another one, or taken alone, they are told."""
    made = Difference(kind, change, name)
    rights = [Difference("grant", change, f"{name} to PUBLIC"), Difference("owner", change, name)]
    others = [Difference("grant", change, "other to PUBLIC"), Difference("grant", "changed", f"{name} to PUBLIC")]

    assert essential([*rights, made]) == (made,)
    assert set(essential([*others, made])) == {made, *others}
    assert set(essential(rights)) == set(rights)
