"""What is read from the text of a `CREATE TABLE`: the same for every way to write the same."""

import pytest

from pytest_darkhost.migrations.snapshots.sqlite_tables import TableText, read_table
from pytest_darkhost.migrations.snapshots.sqlite_tokens import joined, tokens


def constraints(columns: str) -> set[tuple[str | None, str]]:
    """Return the constraints of a table with these columns."""
    return set(read_table(f"CREATE TABLE t ({columns})").constraints)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a INTEGER PRIMARY KEY", '"a" integer, primary key ("a")'),
        ("a INTEGER PRIMARY KEY ASC AUTOINCREMENT", "a INTEGER, PRIMARY KEY (a AUTOINCREMENT)"),
        ("a TEXT UNIQUE ON CONFLICT IGNORE NOT NULL", "a TEXT NOT NULL, UNIQUE (a) ON CONFLICT IGNORE"),
        ("a TEXT CONSTRAINT u UNIQUE DEFAULT 'x, y ('", "a TEXT DEFAULT 'x, y (', CONSTRAINT u UNIQUE(a)"),
        ("a INT CHECK (a > 0)", 'a INT, check( "a" > 0 )'),
        ("a INT CHECK ((a > 0))", "a INT CHECK (a > 0) -- comment, with (parenthesis\n"),
        (
            "a INT REFERENCES o (b) ON DELETE SET DEFAULT ON UPDATE SET NULL",
            "a INT, FOREIGN KEY (a) REFERENCES [o] (`b`) ON DELETE SET DEFAULT ON UPDATE SET NULL",
        ),
        (
            "a INT CONSTRAINT f REFERENCES o DEFERRABLE INITIALLY DEFERRED NOT NULL",
            "a INT NOT NULL, CONSTRAINT f FOREIGN KEY (a) REFERENCES o DEFERRABLE INITIALLY DEFERRED",
        ),
    ],
)
def test_the_same_in_other_words(one: str, other: str) -> None:
    """Quotes, blanks, letter case, comments, and whether a constraint stands with its column."""
    assert constraints(one) == constraints(other) != set()


def test_several_clauses_of_one_column() -> None:
    """Each is read, and none takes words of the next one."""
    text = read_table(
        "CREATE TABLE t (a VARCHAR (5, 2) COLLATE NOCASE NOT NULL DEFAULT (1 + 1) CONSTRAINT u UNIQUE"
        " CONSTRAINT c CHECK (a IN ('x', 'y')) REFERENCES o (id) ON DELETE CASCADE)"
    )
    assert text.collations == {"a": "nocase"}
    assert text.constraints == [
        ("u", "unique(a)"),
        ("c", "check(a in('x', 'y'))"),
        (None, "foreign key(a) references o(id) on delete cascade"),
    ]


def test_generated_columns_and_options() -> None:
    """Expressions without the word that says where they are kept; options after the columns."""
    text = read_table(
        "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS ((a + 1)) STORED, c AS (a * 2) VIRTUAL UNIQUE,"
        " PRIMARY KEY (a)) STRICT, WITHOUT  ROWID"
    )
    assert text.expressions == {"b": "a + 1", "c": "a * 2"}
    assert text.options == ["strict", "without rowid"]
    assert (None, "unique(c)") in text.constraints


def test_names_that_are_keywords() -> None:
    """A quoted name begins no clause."""
    text = read_table('CREATE TABLE t ("default" INT CHECK ("default" > 0), "check" TEXT UNIQUE, `primary` INT)')
    assert text.constraints == [(None, 'check("default" > 0)'), (None, "unique(check)")]


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE t AS SELECT 1", "CREATE TABLE t", "CREATE TABLE t (", "", "CREATE TABLE t ()"]
)
def test_nothing_to_read(sql: str) -> None:
    """Such a text tells nothing, and is no error."""
    assert read_table(sql) == TableText()


def test_strings_keep_everything() -> None:
    """Only outside of them do blanks and case make no difference."""
    assert joined(tokens("SELECT  'A  b''c' || X'FF' -- x\n FROM \"T\"")) == "select 'A  b''c' || X'FF' from t"
    assert joined(tokens("((1))")) == "1"
    assert joined(tokens("(1) + (2)")) == "(1) +(2)"
