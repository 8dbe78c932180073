"""The rows that a round trip changed, as the report has them: before, after the upgrade, after the downgrade."""

import pytest

from migrations.trips.histories import HistoryFiles, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.row_states import MOST_ROWS

TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(500)))'
UNDONE = 'op.drop_table("things")'


def insert(number: int, name: str) -> str:
    """Return a line that inserts a row."""
    return f"execute(\"INSERT INTO things (id, name) VALUES ({number}, '{name}')\")"


def states(files: HistoryFiles, server: Server, upgrade: str, downgrade: str) -> dict[str, object]:
    """Return what the report has of a revision on a table with two rows."""
    files.add("a1", None, "\n".join((TABLE, insert(1, "one"), insert(2, "two"))), UNDONE)
    files.add("a2", "a1", upgrade, downgrade)
    with walking(files, server) as walked:
        figures = walked.verdicts("a2")["downgrade"].figures
    return {name: value for name, value in figures.items() if name.startswith("row_states")}


def test_a_row_that_was_changed_and_changed_back(files: HistoryFiles, server: Server) -> None:
    """Only what is not the same at all three moments is there."""
    found = states(
        files,
        server,
        "execute(\"UPDATE things SET name = 'three' WHERE id = 2\")",
        "execute(\"UPDATE things SET name = 'two' WHERE id = 2\")",
    )

    (row,) = found["row_states"]
    assert (row["before"], row["upgraded"], row["downgraded"]) == ({"name": "two"}, {"name": "three"}, {"name": "two"})
    assert row["table"] == "things"


def test_a_row_that_came_and_stayed(files: HistoryFiles, server: Server) -> None:
    """It is nothing before; a downgrade that does nothing leaves it."""
    found = states(files, server, insert(3, "three"), "pass")

    (row,) = found["row_states"]
    assert row["before"] is None
    assert row["upgraded"]["name"] == row["downgraded"]["name"] == "three"


def test_a_row_that_went_and_came_back_otherwise(files: HistoryFiles, server: Server) -> None:
    """What the downgrade did not put back can be seen."""
    found = states(files, server, 'execute("DELETE FROM things WHERE id = 2")', insert(2, "too"))

    (row,) = found["row_states"]
    assert (row["before"]["name"], row["upgraded"], row["downgraded"]["name"]) == ("two", None, "too")


def test_a_downgrade_that_raises_has_no_rows(files: HistoryFiles, server: Server) -> None:
    """There is no state after it."""
    found = states(files, server, "execute(\"UPDATE things SET name = 'three'\")", 'raise RuntimeError("no")')

    assert all("downgraded" not in row for row in found["row_states"])
    assert len(found["row_states"]) == 2


def test_there_are_not_too_many(files: HistoryFiles, server: Server) -> None:
    """Rows and values are bounded, and what is left out is counted."""
    many = "\n".join(insert(number, "x" * 400) for number in range(10, 10 + MOST_ROWS + 5))
    found = states(files, server, many, 'execute("DELETE FROM things WHERE id >= 10")')

    assert len(found["row_states"]) == MOST_ROWS
    assert found["row_states_left_out"] == 5
    assert max(len(row["upgraded"]["name"]) for row in found["row_states"]) == 120


@pytest.mark.parametrize("statement", ["pass", 'op.add_column("things", sa.Column("size", sa.Integer))'])
def test_a_revision_that_changes_no_row_has_none(files: HistoryFiles, server: Server, statement: str) -> None:
    """Changes of the schema are the matter of other checks."""
    undo = "pass" if statement == "pass" else 'op.drop_column("things", "size")'

    assert states(files, server, statement, undo) == {}
