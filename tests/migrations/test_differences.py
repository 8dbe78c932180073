"""What two snapshots disagree on, from values alone."""

from dataclasses import replace

import pytest

from pytest_darkhost.migrations.checks import wording
from pytest_darkhost.migrations.differences import Difference, differences
from pytest_darkhost.migrations.row_differences import not_appended
from pytest_darkhost.migrations.snapshots.keys import row_key
from pytest_darkhost.migrations.snapshots.values import ObjectName, Row, Snapshot, TableRows

NATURAL = TableRows(("id", "slug", "price"), ("slug",), ("id",), 0, ())


def snapshot(*rows: Row, shape: TableRows = NATURAL, objects: dict[ObjectName, str] | None = None) -> Snapshot:
    """Return a snapshot with one table."""
    return Snapshot("sqlite", objects or {}, {"models": replace(shape, rows=rows, count=len(rows))})


def shown(before: Snapshot, after: Snapshot, *also: str) -> list[str]:
    """Return the differences as they are shown."""
    return [str(each) for each in differences(before, after, also=also)]


def test_nothing_differs() -> None:
    """Equal snapshots have no differences."""
    assert shown(snapshot((1, "a", 1.5)), snapshot((1, "a", 1.5))) == []


def test_values() -> None:
    """Table, key, column, before and after."""
    assert shown(snapshot((1, "a", 1.5)), snapshot((1, "a", None))) == [
        "table models row slug='a', price changed: 1.5 -> None"
    ]


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), (1, "1"), ("1", b"1"), (0, None)])
def test_types_of_values(before: object, after: object) -> None:
    """Values of another type differ, though Python may hold them equal."""
    (found,) = differences(snapshot((1, "a", before)), snapshot((1, "a", after)))  # type: ignore[arg-type]
    assert (found.before, found.after) == (before, after)


def test_a_generated_key() -> None:
    """A row that was deleted and inserted again has another one, which is compared if somebody says so."""
    before, after = snapshot((1, "a", 1), (2, "b", 2)), snapshot((2, "b", 2), (3, "a", 1))
    assert shown(before, after) == []
    assert shown(before, after, "generated key") == ["table models row slug='a', id changed: 1 -> 3"]


def test_a_generated_key_without_another_one() -> None:
    """Rows that are alike but for it are the same row; where values differ too, one is gone and another one came."""
    shape = replace(NATURAL, key=("id",))
    assert shown(snapshot((1, "a", 1), shape=shape), snapshot((3, "a", 1), shape=shape)) == []
    assert shown(snapshot((1, "a", 1), shape=shape), snapshot((3, "a", 2), shape=shape)) == [
        "table models row id=1 removed",
        "table models row id=3 added",
    ]


def test_a_natural_key_that_changed() -> None:
    """The row is still known by its generated key."""
    assert shown(snapshot((1, "a", 1)), snapshot((1, "z", 1))) == [
        "table models row slug='a', slug changed: 'a' -> 'z'"
    ]


def test_two_rows_that_swapped_their_keys() -> None:
    """They are told by the natural key: only the other values differ."""
    assert shown(snapshot((1, "a", 1), (2, "b", 2)), snapshot((1, "b", 1), (2, "a", 2))) == [
        "table models row slug='a', price changed: 1 -> 2",
        "table models row slug='b', price changed: 2 -> 1",
    ]


def test_a_column_of_one_side() -> None:
    """Rows are compared in what both have."""
    wider = TableRows(("brand", "id", "slug", "price"), ("slug",), ("id",), 0, ())
    assert shown(snapshot((1, "a", 1)), snapshot(("x", 1, "a", 1), shape=wider)) == []
    assert shown(snapshot((1, "a", 1)), snapshot(("x", 1, "a", 2), shape=wider)) == [
        "table models row slug='a', price changed: 1 -> 2"
    ]


def test_a_key_that_was_dropped() -> None:
    """Rows are known by what is left of the keys."""
    narrow = TableRows(("id", "price"), ("id",), ("id",), 0, ())
    assert shown(snapshot((1, "a", 1)), snapshot((1, 2), shape=narrow)) == [
        "table models row id=1, price changed: 1 -> 2"
    ]


def test_rows_of_a_table_that_came() -> None:
    """Each is added; what was in a table that is gone is removed."""
    empty = Snapshot("sqlite", {}, {})
    assert shown(empty, snapshot((1, "a", 1))) == ["table models row slug='a' added"]
    assert shown(snapshot((1, "a", 1)), empty) == ["table models row slug='a' removed"]


def test_objects() -> None:
    """In the order of kind and name; order of columns and position of sequences are left out unless they are named."""
    before = {
        ObjectName("index", "b"): "x",
        ObjectName("index", "a"): "x",
        ObjectName("column order", "models"): "a, b",
    }
    after = {ObjectName("index", "b"): "y", ObjectName("view", "v"): "z", ObjectName("column order", "models"): "b, a"}
    found = differences(snapshot(objects=before), snapshot(objects=after))
    assert found == (
        Difference("index", "removed", "a", before="x"),
        Difference("index", "changed", "b", before="x", after="y"),
        Difference("view", "added", "v", after="z"),
    )
    assert "column order models changed" in shown(snapshot(objects=before), snapshot(objects=after), "column order")[0]


def test_append_only() -> None:
    """A prefix that is unchanged, whatever follows."""
    before, grown = snapshot((1, "a", 1)).tables["models"], snapshot((1, "a", 1), (2, "b", 2)).tables["models"]
    assert not_appended(before, grown) == ()
    assert [each.change for each in not_appended(grown, before)] == ["removed"]
    rewritten = snapshot((7, "a", 1), (8, "b", 2)).tables["models"]
    assert [(each.change, each.column) for each in not_appended(before, rewritten)] == [("changed", "id")]
    earlier = snapshot((0, "z", 0), (1, "a", 1)).tables["models"]
    assert [each.change for each in not_appended(before, earlier)] == ["added"]


@pytest.mark.parametrize(
    ("primary", "unique", "filled", "expected"),
    [
        (("id",), (("slug",),), ("id",), ("slug",)),
        (("id",), (("slug",),), (), ("id",)),
        (("id",), (), ("id",), ("id",)),
        ((), (("a", "b"),), (), ("a", "b")),
        (("a", "b"), (), ("b",), ("a", "b")),
        ((), (), (), ()),
    ],
)
def test_which_key_names_a_row(
    primary: tuple[str, ...], unique: tuple[tuple[str, ...], ...], filled: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """The primary key, unless the database fills it and there is another one."""
    assert row_key(primary, unique, filled) == expected


FUNCTION = "CREATE FUNCTION f()\n RETURNS int\n LANGUAGE {}\nAS $function$\n{}\n$function$\n"


@pytest.mark.parametrize(
    ("after", "language", "alike"),
    [
        ("BEGIN\n\n   RETURN 'a  b'; -- so\nEND", "plpgsql", True),
        ("BEGIN\n\n   RETURN 'a  b'; -- so\nEND", "plpython3u", False),
        ("BEGIN RETURN 'a b'; -- so\nEND", "plpgsql", False),
        ("BEGIN RETURN 'a  b'; -- so END", "plpgsql", False),
        ("BEGIN RETURN $$a  b$$; -- so\nEND", "plpgsql", False),
        ("BEGIN RETURN  'b  b'; -- so\nEND", "plpgsql", False),
    ],
    ids=["blanks", "language", "string", "comment", "quotes", "value"],
)
def test_blanks_in_a_function_make_no_difference(after: str, language: str, *, alike: bool) -> None:
    """Outside of strings and comments, and of languages in which they have a meaning."""
    name = ObjectName("function", "f()")
    first = FUNCTION.format(language, "BEGIN RETURN 'a  b'; -- so\nEND")
    before = snapshot(objects={name: first})

    found = differences(before, snapshot(objects={name: FUNCTION.format(language, after)}))

    assert (found == ()) is alike


ONCE = "CHECK (((kind)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))"
DUMPED = "CHECK (((kind)::text = ANY (ARRAY[('a'::character varying)::text, ('it''s'::character varying)::text])))"


@pytest.mark.parametrize(
    ("after", "alike"),
    [(DUMPED, True), (DUMPED.replace("'a'", "'b'"), False), (DUMPED.replace("(kind)", "(sort)"), False)],
)
def test_a_list_of_words_is_the_same_after_a_dump(after: str, *, alike: bool) -> None:
    """PostgreSQL keeps `IN ('a', 'b')` in one way, and reads its own words for it in another."""
    name = ObjectName("constraint", "t.ck")
    assert (differences(snapshot(objects={name: ONCE}), snapshot(objects={name: after})) == ()) is alike


def test_long_values_are_shown_from_where_they_part() -> None:
    """What they begin with alike would fill the line, and tell nothing."""
    body = "SELECT one, two, three FROM somewhere WHERE this = that " * 4
    told = wording.shown(Difference("view", "changed", "v", before=f"{body}LIMIT 1", after=f"{body}LIMIT 2"))

    assert told == "view v: before …where WHERE this = that LIMIT 1', after …where WHERE this = that LIMIT 2'"
