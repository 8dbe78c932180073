"""Database URLs: what is read, and what is shown of them."""

import pytest

from pytest_darkhost.catalog.location import hidden_values, parsed_url, shown
from pytest_darkhost.errors import CatalogError

CANARY = "canary-secret"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqlite:///catalog.db", "sqlite:///catalog.db"),
        (f"postgresql://u:{CANARY}@h:5432/d", "postgresql://u:***@h:5432/d"),
        (f"postgresql://u@h/d?password={CANARY}&sslmode=require", "postgresql://u@h/d?password=***&sslmode=require"),
        (f"postgresql://h/d?sslkey=/k/{CANARY}&sslpassword={CANARY}", "postgresql://h/d?sslkey=***&sslpassword=***"),
        (f"mssql+pyodbc://?odbc_connect=PWD={CANARY}", "mssql+pyodbc://?odbc_connect=***"),
        (f"postgresql://h/d?anything={CANARY}&anything=b", "postgresql://h/d?anything=***"),
        ("postgresql:///d?host=a:1&host=b:2", "postgresql:///d?host=a:1,b:2"),
    ],
)
def test_secrets_are_hidden(text: str, expected: str) -> None:
    """The password and every value of the query that is not known to be harmless are shown as `***`."""
    assert shown(parsed_url(text)) == expected


def test_hidden_values_are_those_that_a_message_must_not_repeat() -> None:
    """The password and hidden query values are returned, but not one that another part of the URL shows anyway."""
    assert hidden_values(parsed_url("postgresql://u:pw@h/d?sslkey=k&sslmode=m&x=1&x=2")) == {"pw", "k", "1", "2"}
    assert hidden_values(parsed_url("postgresql://postgres:postgres@h/postgres")) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        f"{CANARY}",
        f"postgresql://u:{CANARY}@x@h/d",
        f"postgresql://u:pw@{CANARY}@h/d",
        f"postgresql://u/x:{CANARY}@h/d",
        f"postgresql://h:{CANARY}/d",
        f"{CANARY}.db",
    ],
)
def test_a_url_that_cannot_be_read_is_not_shown(text: str) -> None:
    """A text that is no URL, or whose password holds an unencoded mark, is refused without any part of it."""
    with pytest.raises(CatalogError, match="it is not a database URL, expected such as postgresql") as raised:
        parsed_url(text)
    assert CANARY not in str(raised.value)
    assert raised.value.__context__ is None


def test_an_empty_url_is_named_as_such() -> None:
    """An empty text gets an error of its own."""
    with pytest.raises(CatalogError, match="it is empty, expected such as"):
        parsed_url("  ")
