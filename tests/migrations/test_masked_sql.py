"""SQL is shown without what may be somebody's data."""

import pytest

from pytest_darkhost.migrations.masked_sql import without_literals


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("UPDATE t SET a = 'x''y', b = 1.5e3 WHERE \"c1\" = 0x1f", 'UPDATE t SET a = ?, b = ? WHERE "c1" = ?'),
        ("SELECT E'a\\'secret', $tag$it's secret$tag$, $$s$$, t2.c3", "SELECT ?, ?, ?, t2.c3"),
        ("SELECT 1 -- secret\n/* secret */ FROM t", "SELECT ? FROM t"),
        ("SELECT 'secret that is cut off", "SELECT ?"),
        ("SELECT $1, :name", "SELECT $1, :name"),
        ("a" * 300, "a" * 200 + "…"),
    ],
)
def test_literals(sql: str, shown: str) -> None:
    """Strings of every kind, numbers and comments are left out; names stay."""
    assert without_literals(sql) == shown
