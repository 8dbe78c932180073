"""Databases are made, copied and dropped, on files and on real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases import embedded
from pytest_darkhost.migrations.databases.opening import database_kind, open_server
from pytest_darkhost.migrations.databases.postgresql import PostgresqlCommands, postgresql_server
from pytest_darkhost.migrations.databases.values import Database, Server


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of this test: files, or a maker of its own on the embedded server."""
    if request.param == "sqlite":
        opened = open_server("sqlite")
    else:
        opened = postgresql_server(request.getfixturevalue("postgresql").create().url)
    yield opened
    opened.close()


def connected(database: Database) -> Connection:
    """Return a connection of its own."""
    return create_engine(database.url, poolclass=NullPool).connect()


def run(database: Database, *statements: str) -> None:
    """Run statements and commit."""
    with connected(database) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def tables(database: Database) -> list[str]:
    """Return the names of the tables."""
    with connected(database) as connection:
        return inspect(connection).get_table_names()


def test_a_new_database_is_empty(server: Server) -> None:
    """Each has its own tables."""
    first, second = server.create(), server.create()
    run(first, "CREATE TABLE a (id integer)")
    assert (tables(first), tables(second)) == (["a"], [])


def test_a_copy_has_its_own_life(server: Server) -> None:
    """A copy begins with the tables and rows of the original, and neither sees what happens to the other."""
    original = server.create()
    run(original, "CREATE TABLE a (id integer)", "INSERT INTO a VALUES (1)")
    copy = server.copy(original)
    run(copy, "INSERT INTO a VALUES (2)", "CREATE TABLE b (id integer)")
    with connected(copy) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM a").scalar() == 2
    assert tables(original) == ["a"]


def test_a_database_knows_its_connections(server: Server) -> None:
    """A connection that somebody made elsewhere is told from one to this database."""
    first, second = server.create(), server.create()
    with connected(first) as connection:
        assert first.holds(connection)
        assert not second.holds(connection)


def test_no_other_file_is_taken_for_ours(tmp_path: Path) -> None:
    """Nor is a database in memory."""
    server = open_server("sqlite")
    database = server.create()
    for url in (f"sqlite:///{tmp_path}/other.sqlite", "sqlite://"):
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            assert not database.holds(connection)
    server.close()


def test_dropped_whoever_is_connected(server: Server) -> None:
    """A connection that a migration left open does not keep a database."""
    database = server.create()
    connection = connected(database)
    connection.exec_driver_sql("SELECT 1")
    database.drop()
    database.drop()
    connection.invalidate()
    connection.close()
    with pytest.raises(Exception, match=r"does not exist|no such table"):
        run(database, "SELECT * FROM a")


def test_dropped_once_its_sessions_have_ended() -> None:
    """The server is asked until they have: it would wait 0.1 s at a time for those that it has just ended."""
    session = MagicMock()
    session.dialect.server_version_info = (18, 0)
    session.exec_driver_sql.return_value.first.side_effect = [(7, "psql"), (7, "psql"), None]
    PostgresqlCommands().drop(session, "darkhost_a", force=True)
    words = [" ".join(call.args[0].split()[:2]) for call in session.exec_driver_sql.call_args_list]
    assert words == ["SELECT pg_terminate_backend(pid)", *["SELECT pid,"] * 3, "DROP DATABASE"]


def test_closing_drops_what_is_left() -> None:
    """Files and their directory are gone, and closing twice does no harm."""
    server = open_server("sqlite")
    file = Path(str(server.create().url.database))
    assert file.exists()
    server.close()
    server.close()
    assert not file.parent.exists()


def test_closing_drops_what_is_left_on_a_server(postgresql: Server) -> None:
    """No database of a closed maker stays on a server that stays."""
    maintenance = postgresql.create()
    server = postgresql_server(maintenance.url)
    names = {str(server.create().url.database), str(server.create().url.database)}
    assert names <= databases(maintenance)
    server.close()
    assert not names & databases(maintenance)


def databases(maintenance: Database) -> set[str]:
    """Return the names of all databases of a server."""
    with connected(maintenance) as connection:
        return set(connection.exec_driver_sql("SELECT datname FROM pg_database").scalars())


def test_journals_are_removed_and_copied() -> None:
    """What SQLite keeps beside a file is part of the database."""
    server = open_server("sqlite")
    database = server.create()
    with connected(database) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("CREATE TABLE a (id integer)")
        connection.commit()
        file = Path(str(database.url.database))
        assert Path(f"{file}-wal").exists()
        assert tables(server.copy(database)) == ["a"]
    database.drop()
    assert not list(file.parent.glob(f"{file.name}*"))
    server.close()


def test_one_embedded_server_per_run() -> None:
    """Processes of one run share it; the last that lets go of it ends it."""
    first = embedded.start_or_join("sharedbytests")
    home = Path(str(first.url.query["host"])).parent
    second = embedded.start_or_join("sharedbytests")
    assert second.url == first.url
    first.close()
    engine = create_engine(second.url, poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    second.close()
    second.close()
    assert not home.exists()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sqlite", "sqlite"),
        ("postgresql", "postgresql"),
        ("postgresql+psycopg2", "postgresql"),
        ("postgresql+psycopg://u:p@h/d", "postgresql"),
        ("mysql+pymysql://u:p@h/d", "mysql"),
        ("mariadb+pymysql://u:p@h/d", "mysql"),
    ],
)
def test_the_word_in_ids(text: str, kind: str) -> None:
    """It is known without opening anything."""
    assert database_kind(text) == kind


def test_directories_are_private(sqlite: Server) -> None:
    """Copies of production rows lie where nobody else may look."""
    directory = Path(str(sqlite.create().url.database)).parent
    assert directory.stat().st_mode & 0o077 == 0
