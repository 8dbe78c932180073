"""Sessions that cannot write: proved by trying."""

from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.catalog.session import read_only
from pytest_darkhost.errors import CatalogError
from support.history import execute, rows

WRITES = (
    "INSERT INTO providers (slug, name, base_url) VALUES ('new', 'New', 'https://new.example')",
    "UPDATE models SET active = true",
    "DELETE FROM audit_log",
    "CREATE TABLE planted (id integer)",
    "DROP TABLE routing_outcomes",
)


@pytest.mark.parametrize("statement", WRITES)
def test_the_session_refuses_to_write(head: URL, statement: str) -> None:
    """Each kind of write is refused by the database as read-only, on SQLite and on PostgreSQL."""
    with read_only(head) as connection, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        connection.exec_driver_sql(statement)


def test_the_same_write_works_on_a_plain_session(migrated: URL) -> None:
    """The refusals above are those of the session: the database itself takes a write."""
    execute(migrated, WRITES[0])
    assert ("new",) in rows(migrated, "SELECT slug FROM providers")


def test_a_committed_session_is_still_read_only(head: URL) -> None:
    """What follows a COMMIT or ROLLBACK on the same connection cannot write either."""
    with read_only(head) as connection:
        connection.commit()
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            connection.exec_driver_sql(WRITES[0])


def test_settings_do_not_outlive_the_transaction(postgres_head: URL) -> None:
    """Behind a pooler the server's session has other users afterwards: nothing is set on the session itself."""
    with read_only(postgres_head) as connection:
        connection.commit()
        names = ("statement_timeout", "default_transaction_read_only", "default_transaction_isolation")
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["0", "off", "read committed"]


def test_all_is_read_at_one_moment(migrated: URL) -> None:
    """What others commit between two queries is not seen: providers and models belong together."""
    if migrated.get_backend_name() == "sqlite":
        with create_engine(migrated, poolclass=NullPool).connect() as plain:
            plain.exec_driver_sql("PRAGMA journal_mode = WAL")
    with read_only(migrated) as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM providers").scalar()
        execute(migrated, WRITES[0])
        assert connection.exec_driver_sql("SELECT count(*) FROM providers").scalar() == count == 12
    assert rows(migrated, "SELECT count(*) FROM providers") == [(13,)]


def test_reading_changes_no_byte(seeded: URL) -> None:
    """An SQLite file is the same file after it was read, with nothing left beside it."""
    file = Path(str(seeded.database))
    before = (file.read_bytes(), sorted(file.parent.iterdir()))
    read_catalog(seeded.render_as_string(), CatalogNames(), str)
    assert (file.read_bytes(), sorted(file.parent.iterdir())) == before


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    """Naming a file that does not exist leaves the directory as it was."""
    with pytest.raises(CatalogError, match="there is no file"):
        read_catalog(f"sqlite:///{tmp_path}/none.db", CatalogNames(), str)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_does_not_hang_the_run(postgres_head: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that someone else holds locked ends in an error that says so, not in an endless wait."""
    statements = {"postgresql": ("SET LOCAL statement_timeout = 50",)}
    monkeypatch.setattr("pytest_darkhost.catalog.session._STATEMENTS", statements)
    with create_engine(postgres_head, poolclass=NullPool).begin() as holder:
        holder.exec_driver_sql("LOCK TABLE models IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CatalogError, match=r"a table stays locked .* See who holds the lock"):
            read_catalog(postgres_head.render_as_string(hide_password=False), CatalogNames(), str)
