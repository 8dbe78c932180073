"""What the reader says where there is nothing to read."""

import socket
import sys
import traceback
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from pytest_darkhost.catalog.names import parse_names
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.errors import CatalogError
from support.history import execute
from support.postgres import PASSWORD, Server

CANARY = "canary-pa55word"


def error(url: URL | str, *lines: str) -> str:
    """Return the text of the error, which is one line and shows no password, not even in a traceback."""
    text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    try:
        read_catalog(text, parse_names(lines), str)
    except CatalogError as raised:
        message = str(raised)
        shown = "".join(traceback.TracebackException.from_exception(raised).format()) + repr(raised)
        frames = [frame for frame, _ in traceback.walk_tb(raised.__traceback__) if frame.f_code.co_filename != __file__]
        shown += repr([frame.f_locals for frame in frames])
        assert frames
    else:
        pytest.fail("nothing was raised")
    assert "\n" not in message
    assert not [secret for secret in (CANARY, PASSWORD) if secret in shown]
    assert "sqlalche.me" not in shown
    return message


@pytest.fixture
def shaped(seeded: URL) -> URL:
    """A seeded SQLite database without the triggers and constraints that keep mistakes out."""
    execute(seeded, *(f"ALTER TABLE {name} RENAME TO old_{name}" for name in ("providers", "models")))
    execute(seeded, *(f"CREATE TABLE {name} AS SELECT * FROM old_{name}" for name in ("providers", "models")))
    return seeded


def test_a_url_that_is_none() -> None:
    """A text that cannot be read as a URL is not shown."""
    assert error(CANARY).startswith("catalog URL: it is not a database URL, expected such as postgresql+psycopg://")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"nosuch://u:{CANARY}@h/d",
            "catalog nosuch://u:***@h/d: 'nosuch' is no dialect or driver that is installed, expected such as "
            "postgresql+psycopg or sqlite. Install the package that brings it, or correct the URL",
        ),
        (
            f"postgres://u:{CANARY}@h/d",
            "catalog postgres://u:***@h/d: 'postgres' is no dialect of SQLAlchemy, expected 'postgresql'. "
            "Write postgresql+psycopg://",
        ),
        (f"postgresql+nosuch://u:{CANARY}@h/d", "'postgresql+nosuch' is no dialect or driver that is installed"),
        ("sqlite://", "a database in memory is empty, expected a file. Write sqlite:///catalog.db"),
        ("sqlite:///:memory:", "a database in memory is empty, expected a file"),
        ("sqlite:////no/such.db", "catalog sqlite:////no/such.db: there is no file '/no/such.db', expected an SQLite"),
        ("sqlite:////tmp", "'/tmp' is not a file, expected an SQLite database. Check the path"),
    ],
)
def test_urls_that_lead_nowhere(text: str, message: str) -> None:
    """An unknown dialect, a database in memory, and a file that is not there are named."""
    assert message in error(text)


@pytest.mark.parametrize(
    ("driver", "module", "package"),
    [
        ("postgresql+psycopg2", "psycopg2", "psycopg2-binary"),
        ("mysql+pymysql", "pymysql", "PyMySQL"),
        ("mysql", "MySQLdb", "mysqlclient"),
        ("mssql+pyodbc", "pyodbc", "pyodbc"),
    ],
)
def test_a_driver_that_is_not_installed(
    driver: str, module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the package to install."""
    monkeypatch.setitem(sys.modules, module, None)
    message = error(f"{driver}://u:{CANARY}@h/d")
    assert (
        f"the driver '{module}' cannot be imported, expected it to be installed. Run pip install '{package}'" in message
    )


def test_plain_postgresql_needs_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the driver that SQLAlchemy takes for `postgresql://`, the message names what to install."""
    for module in ("psycopg", "psycopg2"):
        monkeypatch.setitem(sys.modules, module, None)
    assert "Run pip install 'psycopg" in error(f"postgresql://u:{CANARY}@h/d")


def test_an_async_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL of an application that reads asynchronously is refused with the remedy."""
    message = error(f"postgresql+psycopg_async://u:{CANARY}@h/d")
    assert "'psycopg_async' is an async driver, expected a synchronous one. Name one in the URL" in message


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of another kind is named as such."""
    file = tmp_path / "notes.txt"
    file.write_text("no database" * 100)
    assert error(f"sqlite:///{file}") == (
        f"catalog sqlite:///{file}: it cannot be read (file is not a database), "
        "expected tables that this user may SELECT from"
    )


def test_an_empty_file(sqlite: URL) -> None:
    """A file without tables says that there are none."""
    assert "there is no table 'providers' (tables there: none), expected the catalog's providers." in error(sqlite)


def test_a_missing_table_shows_the_near_names(shaped: URL) -> None:
    """Tables with similar names come first, and the line that maps one is shown."""
    execute(shaped, "ALTER TABLE models RENAME TO model", "CREATE VIEW my_models AS SELECT * FROM model")
    assert (
        "there is no table 'models' (tables there: model, my_models, old_models, alembic_version, audit_log, "
        "old_providers, providers, routing_outcomes), expected the catalog's models. "
        "If it has another name, say so in ini darkhost_catalog_names: 'models = <table>'"
    ) in error(shaped)


def test_a_missing_schema(seeded: URL, postgres_head: URL) -> None:
    """A schema that is not there has no tables."""
    assert "there is no table 'routing.providers' (tables there: none)" in error(
        postgres_head, "providers = routing.providers"
    )
    assert "routing" in error(seeded, "providers = routing.providers")


def test_a_missing_column_shows_those_that_are_there(shaped: URL) -> None:
    """The table, the column, the columns there and the line that maps one are shown."""
    execute(shaped, "ALTER TABLE providers RENAME COLUMN base_url TO base")
    assert (
        "table 'providers' has no column 'base_url' (columns there: base, created_at, id, name, slug), expected the "
        "catalog's base_url. If it has another name, say so in ini darkhost_catalog_names: "
        "'providers.base_url = <column>'"
    ) in error(shaped)


@pytest.mark.parametrize("column", ["name", "brand", "q_prior", "m_allowed"])
def test_optional_columns_may_be_missing(shaped: URL, column: str) -> None:
    """A table without an optional column is read, unless ini names the column."""
    table = "providers" if column == "name" else "models"
    execute(shaped, f"ALTER TABLE {table} DROP COLUMN {column}")
    catalog = read_catalog(shaped.render_as_string(), parse_names([]), str)
    assert getattr((catalog.providers if column == "name" else catalog.models)[0], column) is None
    assert f"table '{table}' has no column 'other'" in error(shaped, f"{table}.{column} = other")


def test_no_providers(shaped: URL) -> None:
    """A table of providers without rows is an error; one of models is not."""
    execute(shaped, "DELETE FROM models")
    assert read_catalog(shaped.render_as_string(), parse_names([]), str).models == ()
    execute(shaped, "DELETE FROM providers")
    assert error(shaped) == (
        f"catalog sqlite:///{shaped.database}: table 'providers' is empty, expected a row per venue. "
        "Seed it, or name another database"
    )


@pytest.mark.parametrize("table", ["providers", "models"])
def test_slugs_must_be_unique(shaped: URL, table: str) -> None:
    """Two rows of one slug are an error: which of them production reads is not known."""
    execute(shaped, f"INSERT INTO {table} SELECT * FROM {table} ORDER BY slug LIMIT 1")
    assert f"table '{table}' has slugs that are not unique: '" in error(shaped)
    assert "' (2 rows), expected one row per slug" in error(shaped)


@pytest.mark.parametrize("table", ["providers", "models"])
def test_slugs_must_be_there(shaped: URL, table: str) -> None:
    """A row without a slug is an error."""
    execute(shaped, f"UPDATE {table} SET slug = NULL WHERE id = 3")
    assert f"table '{table}' has a row without a slug, expected a slug in each" in error(shaped)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            "price_in_per_mtok_usd = 'cheap'",
            "price_in_per_mtok_usd of 'grok-4.3-xai' in table 'models' is 'cheap', expected",
        ),
        ("active = 'maybe'", "active of 'grok-4.3-xai' in table 'models' is 'maybe', expected true or false"),
        ("m_allowed = 7", "m_allowed of 'grok-4.3-xai' in table 'models' is 7, expected true or false, 1 or 0"),
        ("q_prior = 1.5", "q_prior of 'grok-4.3-xai' in table 'models' is 1.5, expected a number from 0 to 1"),
        ("upstream_model = x'ff'", "upstream_model of 'grok-4.3-xai' in table 'models' is bytes that are not UTF-8"),
        ("slug = x'ff'", "a slug in table 'models' is bytes that are not UTF-8, expected text"),
    ],
)
def test_values_of_a_wrong_type(shaped: URL, assignment: str, message: str) -> None:
    """A value that cannot be read names table, row and column."""
    execute(shaped, f"UPDATE models SET {assignment} WHERE slug = 'grok-4.3-xai'")
    assert message in error(shaped)


def test_nothing_listens() -> None:
    """A port that nobody listens on is refused at once, in the driver's words."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"postgresql+psycopg://u:{CANARY}@127.0.0.1:{bound.getsockname()[1]}/d"
        message = error(url)
    assert message.startswith(f"catalog {url.replace(CANARY, '***')}: it cannot be opened (")
    assert message.endswith("), expected a database that can be reached. Check the URL, and that the server runs")
    assert "refused" in message


@pytest.mark.parametrize(("query", "seconds"), [("", 10), ("?connect_timeout=3", 3)])
def test_a_server_that_says_nothing(query: str, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver is given 10 s, or what the URL says, and its time-out is told from a refused connection."""
    given: list[object] = []

    def connect(*_: object, **arguments: object) -> None:
        given.append(arguments["connect_timeout"])
        raise psycopg.errors.ConnectionTimeout("connection timeout expired")

    monkeypatch.setattr(psycopg, "connect", connect)
    monkeypatch.setattr(psycopg.Connection, "connect", connect)
    message = error(f"postgresql+psycopg://u:{CANARY}@h/d{query}")
    assert [int(str(value)) for value in given] == [seconds]
    assert (
        f"it does not answer (connection timeout expired), expected an answer within {seconds} s. "
        "Check host and port, and that the server runs"
    ) in message


def test_a_wrong_password(postgres_server: Server) -> None:
    """A refused login is told from an unreachable server."""
    message = error(postgres_server.url(password=CANARY))
    assert "the server refuses the login (" in message
    assert message.endswith("expected a user that may log in. Check user and password in the URL")


def test_a_password_in_the_query(postgres_server: Server) -> None:
    """A password that stands in the query is hidden as well."""
    message = error(postgres_server.url(password=None).update_query_dict({"password": CANARY}))
    assert "?password=***: the server refuses the login (" in message


def test_no_such_database(postgres_server: Server) -> None:
    """A database that the server has not is told from a refused login."""
    message = error(postgres_server.url("nowhere"))
    assert "the server has no such database (" in message
    assert "Check the last part of the URL" in message


def test_no_right_to_read(postgres_server: Server, postgres_seeded: URL) -> None:
    """A user who may not SELECT is told so in the driver's words."""
    role = f"nobody_{postgres_seeded.database}"
    execute(postgres_seeded, f"CREATE ROLE {role} LOGIN PASSWORD '{CANARY}'")
    try:
        message = error(postgres_seeded.set(username=role, password=CANARY))
    finally:
        execute(postgres_seeded, f"DROP ROLE {role}")
    assert "it cannot be read (permission denied for" in message


def test_arguments_that_a_driver_does_not_know() -> None:
    """A query that the driver refuses ends in an error as any other, without what it may hide."""
    message = error(f"postgresql+psycopg://u@127.0.0.1/d?no_such_option={CANARY}")
    assert message.startswith("catalog postgresql+psycopg://u@127.0.0.1/d?no_such_option=***: it cannot be opened (")


def test_a_driver_that_repeats_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a driver says is cleaned of the password, plain and URL-encoded."""

    def connect(*_: object, **__: object) -> None:
        msg = f"cannot use 'p@{CANARY}' or p%40{CANARY}"
        raise psycopg.OperationalError(msg)

    monkeypatch.setattr(psycopg.Connection, "connect", connect)
    monkeypatch.setattr(psycopg, "connect", connect)
    message = error(make_url("postgresql+psycopg://u@h/d").set(password=f"p@{CANARY}"))
    assert "cannot use '[redacted]' or [redacted]" in message
