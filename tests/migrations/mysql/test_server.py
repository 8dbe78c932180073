"""Databases on a server of MySQL or MariaDB: made, used, dropped; what goes wrong is said, without a password."""

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.mysql import _allows, mysql_server
from pytest_darkhost.migrations.databases.names import Maker
from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import engine_for
from support.history import execute, rows

PASSWORD = "canary-P@ss/w:rd"


@pytest.fixture
def user(mysql_url: URL) -> Iterator[URL]:
    """A user of this test who may nothing yet."""
    name = f"t_{secrets.token_hex(6)}"
    execute(mysql_url, f"CREATE USER '{name}'@'%%' IDENTIFIED BY '{PASSWORD}'")
    yield mysql_url.set(username=name, password=PASSWORD, database="information_schema")
    execute(mysql_url, f"DROP USER '{name}'@'%%'")


def refused(url: URL) -> str:
    """Return the one line of the error, in which no part of the password stands."""
    with pytest.raises(DatabaseError) as caught:
        open_server(url.render_as_string(hide_password=False))
    text = str(caught.value)
    assert "\n" not in text
    assert not [part for part in ("canary", "P@ss", "w:rd", "P%40ss") if part in text]
    return text


def databases(url: URL) -> set[object]:
    """Return the databases of a server."""
    return {row[0] for row in rows(url, "SHOW DATABASES")}


def test_databases_are_dropped(mysql_url: URL) -> None:
    """Nothing stays when a server is closed, and each database knows its connections."""
    opened = open_server(mysql_url.render_as_string(hide_password=False))
    first, second = opened.create(), opened.create()
    with create_engine(first.url, poolclass=NullPool).connect() as connection:
        assert first.holds(connection)
        assert not second.holds(connection)
    opened.close()
    assert not {first.url.database, second.url.database} & databases(mysql_url)


def test_a_database_in_use_is_dropped(database: Database) -> None:
    """Whoever reads a table in a transaction is disconnected: the server would wait for him, a day by default."""
    execute(database.url, "CREATE TABLE t (a int)")
    reader = create_engine(database.url, poolclass=NullPool).connect()
    reader.exec_driver_sql("SELECT * FROM t").all()
    database.drop()
    with pytest.raises(DBAPIError):
        reader.exec_driver_sql("SELECT * FROM t")
    reader.invalidate()
    reader.close()


def test_leftovers(mysql_url: URL) -> None:
    """The next run drops what makers that are gone have left, unless somebody looks at it, and nothing else."""
    dead = Maker("darkhost_ffff_4194305_0123456789ab")
    left, looked_at = dead.name(1), dead.name(2)
    mine = {f"{dead.stem}_production", "darkhost_production"}
    server = mysql_url.set(database="mysql")
    every = {left, looked_at, *mine}
    execute(server, *(f"CREATE DATABASE {each}" for each in every))
    try:
        with create_engine(server.set(database=looked_at), poolclass=NullPool).connect() as looking:
            looking.exec_driver_sql("SELECT 1").all()
            mysql_server(server).close()
            assert every & databases(server) == {looked_at, *mine}
    finally:
        execute(server, *(f"DROP DATABASE IF EXISTS {each}" for each in every))


def test_a_maker_on_another_machine_that_lives(mysql_url: URL) -> None:
    """The lock that it holds on the server tells, whatever its process number says here."""
    other = Maker("darkhost_ffff_4194307_0123456789ab")
    server = mysql_url.set(database="mysql")
    with create_engine(server, poolclass=NullPool).connect() as holding:
        holding.exec_driver_sql(f"SELECT GET_LOCK('darkhost_{other.lock}', 0)").all()
        holding.exec_driver_sql(f"CREATE DATABASE {other.name(1)}")
        mysql_server(server).close()
        assert other.name(1) in databases(server)
    mysql_server(server).close()
    assert other.name(1) not in databases(server)


def test_a_wrong_password(mysql_url: URL) -> None:
    """The server's own words, and no part of the password."""
    told = refused(mysql_url.set(password=f"{PASSWORD}-wrong"))
    assert "Access denied for user" in told
    assert "***" in told


def test_no_such_database(mysql_url: URL) -> None:
    """The database in the URL is where others are made from, and must be there."""
    assert "Unknown database 'nowhere'" in refused(mysql_url.set(database="nowhere", password=mysql_url.password))


def test_no_right_to_create_databases(user: URL) -> None:
    """The user is told what to run, before anything is done."""
    told = refused(user)
    assert "the user may not create databases, expected one that may. Run GRANT ALL ON `darkhost\\_%`.*" in told


def test_the_rights_that_are_asked_for_are_enough(mysql_url: URL, user: URL) -> None:
    """With what the message says and no more, databases are made, copied with all they hold, and dropped."""
    execute(mysql_url, f"GRANT ALL ON `darkhost\\_%%`.* TO '{user.username}'@'%%'")
    server = open_server(user.render_as_string(hide_password=False))
    made = server.create()
    execute(
        made.url,
        "CREATE TABLE t (a int)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET new.a = 1",
    )
    copy = server.copy(made)
    assert rows(copy.url, "SELECT * FROM v") == []
    server.close()
    assert not {made.url.database, copy.url.database} & databases(mysql_url)


def test_a_session_of_ours_waits_ten_seconds_for_locks(database: Database) -> None:
    """By default it would wait for a day."""
    query = "SELECT @@lock_wait_timeout, @@innodb_lock_wait_timeout"
    with engine_for(database.url).connect() as connection:
        assert connection.exec_driver_sql(query).one() == (10, 10)


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", True),
        ("GRANT SELECT, CREATE, DROP ON *.* TO `u`@`%`", True),
        ("GRANT SELECT, CREATE ON *.* TO `u`@`%`", True),
        ("GRANT ALL PRIVILEGES ON `darkhost\\_%`.* TO `u`@`%`", True),
        ("GRANT ALL PRIVILEGES ON `production`.* TO `u`@`%`", False),
        ("GRANT CREATE VIEW, SELECT ON *.* TO `u`@`%`", False),
        ("GRANT USAGE ON *.* TO `u`@`%`", False),
    ],
)
def test_who_may_create_databases(grant: str, expected: bool) -> None:
    """It is read from what the server says that the user may do."""
    assert _allows(grant) is expected
