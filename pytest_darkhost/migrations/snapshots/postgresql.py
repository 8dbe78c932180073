"""
Takes a snapshot of a PostgreSQL database. What the queries on its catalogs have in common is in
`postgresql_names`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_ahead import Ahead, ask_ahead, ask_first
from pytest_darkhost.migrations.snapshots.postgresql_asking import (
    PLAIN_PATH,
    SETTINGS,
    Question,
    alone,
    ask,
    ask_again,
    settings_made,
)
from pytest_darkhost.migrations.snapshots.postgresql_listing import listed
from pytest_darkhost.migrations.snapshots.postgresql_rows import big_rows, is_big, small_rows
from pytest_darkhost.migrations.snapshots.values import Snapshot

_SETTINGS = ("search_path", *SETTINGS)
"""What the text of a definition or value depends on."""
_BEGIN = Question(
    "darkhost_begin",
    "WITH before AS MATERIALIZED (SELECT "
    + ", ".join(f"current_setting('{name}') AS {name}" for name in _SETTINGS)
    + f") SELECT before.*, {', '.join(settings_made(SETTINGS))} FROM before",
    (),
)
_END = Question(
    "darkhost_end",
    "SELECT " + ", ".join(f"set_config('{name}', :{name}, false)" for name in _SETTINGS),
    _SETTINGS,
)


def take_postgresql(
    connection: Connection, exclude: frozenset[str], earlier: Snapshot | None, ahead: Ahead | None = None
) -> Snapshot:
    """
    Return what the connection sees, without a lasting change of its settings.

    :param ahead: what was asked already, with the same earlier snapshot.
    """
    ahead = ahead or ask_ahead(connection, earlier, altered=earlier is None)
    with _plain_texts_alone(connection) as before:
        ahead = ahead or ask_first(connection, before)
        listing = listed(connection, exclude, earlier, ahead, before=before)
        found = [part.reading for part in listing.parts.values() if part.reading]
        big = [table for table in found if is_big(table, earlier)]
        small = [table for table in found if table not in big]
        tables = dict(small_rows(connection, small, listing.rows, before=before))
    if big:
        with _plain_texts(connection):
            tables |= {table.name: big_rows(connection, table, listing.objects, earlier) for table in big}
    return Snapshot("postgresql", listing.objects, tables, listing.parts, listing.proof, listing.tokens)


@contextmanager
def _plain_texts_alone(connection: Connection) -> Iterator[str]:
    """Yield what is to be sent before each question: nothing, where the whole transaction has plain texts."""
    with alone(connection) as is_alone:
        if is_alone:
            yield PLAIN_PATH
            return
    with _plain_texts(connection):
        yield ""


@contextmanager
def _plain_texts(connection: Connection) -> Iterator[None]:
    """Set what texts depend on, and set it back: the connection may be a migration's."""
    (values,) = ask_again(connection, _BEGIN, {})
    before = dict(zip(_SETTINGS, values, strict=False))
    ask(connection, PLAIN_PATH)
    yield
    # Not after an error: the transaction is aborted then, and takes the settings back itself.
    ask_again(connection, _END, before)
