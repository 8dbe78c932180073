"""
Takes a snapshot of a PostgreSQL database. The queries on its catalogs are in `postgresql_catalog`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_asking import SETTINGS, Question, alone, ask_again, settings_made
from pytest_darkhost.migrations.snapshots.postgresql_listing import listed
from pytest_darkhost.migrations.snapshots.postgresql_rows import big_rows, is_big, small_rows
from pytest_darkhost.migrations.snapshots.values import Snapshot

_SETTINGS = {"search_path": "pg_catalog", **SETTINGS}
"""What the text of a definition or value depends on."""
_BEGIN = Question(
    "darkhost_begin",
    "WITH before AS MATERIALIZED (SELECT current_schema() AS schema, "
    + ", ".join(f"current_setting('{name}') AS {name}" for name in _SETTINGS)
    + f") SELECT before.*, {', '.join(settings_made(_SETTINGS))} FROM before",
    (),
)
_END = Question(
    "darkhost_end",
    "SELECT " + ", ".join(f"set_config('{name}', :{name}, false)" for name in _SETTINGS),
    tuple(_SETTINGS),
)


def take_postgresql(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    """Return what the connection sees, without a lasting change of its settings."""
    with _texts_alone(connection) as schema:
        objects, parts = listed(connection, schema, exclude, earlier)
        found = [part.reading for part in parts.values() if part.reading]
        big = [table for table in found if is_big(table, earlier)]
        tables = dict(small_rows(connection, [table for table in found if table not in big]))
    if big:
        with _plain_texts(connection):
            tables |= {table.name: big_rows(connection, table, objects, earlier) for table in big}
    return Snapshot("postgresql", objects, tables, parts)


@contextmanager
def _texts_alone(connection: Connection) -> Iterator[str]:
    """Yield the default schema, or nothing where each question sets the search path for itself alone."""
    with alone(connection) as is_alone:
        if is_alone:
            yield ""
            return
    with _plain_texts(connection) as schema:
        yield schema


@contextmanager
def _plain_texts(connection: Connection) -> Iterator[str]:
    """Yield the default schema. Set what texts depend on, and set it back: the connection may be a migration's."""
    ((schema, *values),) = ask_again(connection, _BEGIN, {})
    before = dict(zip(_SETTINGS, values, strict=False))
    yield schema or "public"
    # Not after an error: the transaction is aborted then, and takes the settings back itself.
    ask_again(connection, _END, before)
