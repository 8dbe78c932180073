"""Libraries by which databases are reached: imported before there is a connection, asked for no more than is read."""

from collections.abc import Callable
from typing import Any

import psycopg.types
import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import psycopg as dialect

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.opening import import_driver
from pytest_darkhost.migrations.databases.postgresql import postgresql_server
from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import engine_for, observer_for

URL = "://nobody:hidden@127.0.0.1:1/nothing"


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What SQLAlchemy imports of psycopg."""
    found: list[str] = []
    monkeypatch.setattr(dialect.PGDialect_psycopg, "import_dbapi", classmethod(lambda each: found.append(each.driver)))
    return found


@pytest.mark.parametrize("named", ["postgresql", "postgresql+psycopg", f"postgresql+psycopg{URL}"])
def test_the_driver_of_a_server_is_imported(named: str, imported: list[str]) -> None:
    """By its word or by its URL, and nobody connects."""
    import_driver(named)
    assert imported == ["psycopg"]


@pytest.mark.parametrize("named", ["sqlite", f"postgresql+nosuch{URL}", f"postgresql+asyncpg{URL}"])
def test_a_driver_that_is_missing_is_told_later(named: str, imported: list[str]) -> None:
    """By whoever opens the server, for each check that needs it."""
    import_driver(named)
    assert imported == []


def test_what_names_no_server_is_refused() -> None:
    """As `open_server` does, without a password."""
    with pytest.raises(DatabaseError, match="round trips know no 'oracle'") as caught:
        import_driver(f"oracle{URL}")
    assert "hidden" not in str(caught.value)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types that drivers look for in the catalogs of a database."""
    found: list[str] = []
    fetch: Callable[..., Any] = psycopg.types.TypeInfo.fetch

    def noted(connection: Any, name: str) -> Any:
        found.append(name)
        return fetch(connection, name)

    monkeypatch.setattr(psycopg.types.TypeInfo, "fetch", noted)
    return found


def connect(engine: Engine) -> None:
    """Connect once."""
    with engine.connect():
        pass
    engine.dispose()


def test_only_the_team_needs_types_of_extensions(postgresql_database: Database, asked: list[str]) -> None:
    """The team's revisions find dictionaries where there is hstore, as ever; what is asked for ourselves finds text."""
    postgresql_server(postgresql_database.url).close()
    connect(observer_for(postgresql_database.url))
    assert asked == []
    connect(engine_for(postgresql_database.url))
    assert asked == ["hstore"]
