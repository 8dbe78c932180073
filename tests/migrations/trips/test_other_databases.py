"""What is not judged on MySQL and MariaDB is said, and never passed. Without a server: round trips are put together."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from migrations.trips.lighting import Activation, lit
from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.checks.activation import atomic
from pytest_darkhost.migrations.checks.locks import locks
from pytest_darkhost.migrations.checks.registry import checks_of
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.engines import _discard_all
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.round_trip import NotReached, RoundTrip
from pytest_darkhost.migrations.scripts import execute_script
from pytest_darkhost.verdicts import Failed, NotJudged

ROW = Difference("row", "changed", "models", "slug='a'", "active", 0, 1, (("slug", "a"),))
TABLE = Difference("table", "added", "model_hosts")


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory, sqlite: Server) -> RoundTrip:
    """The round trip of an activation, as it would look on MySQL."""
    with lit(tmp_path_factory.mktemp("other"), sqlite, Activation()) as walked:
        found = walked.trip("0004")
    assert not isinstance(found, NotReached)
    return replace(found, database="mysql")


def test_locks_are_not_judged_elsewhere(trip: RoundTrip) -> None:
    """The check is there on MySQL, with its reason; SQLite has no locks of tables to tell of."""
    found = locks(trip)
    assert isinstance(found, NotJudged)
    assert (found.code, found.reason) == (
        "not_applicable",
        "which locks a revision takes is seen on PostgreSQL only, not on mysql",
    )
    names = {kind: {check.name for check in checks_of(None, kind)} for kind in ("sqlite", "postgresql", "mysql")}
    assert names["mysql"] == names["postgresql"] == {*names["sqlite"], "locks"}


@pytest.mark.parametrize(
    ("database", "left", "code"),
    [
        ("mysql", [TABLE], "no_transactional_ddl"),
        ("mysql", [TABLE, ROW], "no_transactional_ddl"),
        ("mysql", [ROW], "failed"),
        ("sqlite", [TABLE], "no_transactional_ddl"),
        ("sqlite", [TABLE, ROW], "failed"),
        ("postgresql", [TABLE], "failed"),
    ],
)
def test_what_is_left_half_way(trip: RoundTrip, database: str, left: Sequence[Difference], code: str) -> None:
    """MySQL commits with each change of the schema, rows too; rows alone that are left are a fault there, too."""
    assert trip.lighting is not None
    found = atomic(replace(trip, database=database, lighting=replace(trip.lighting, halfway=tuple(left))))
    assert (found.code if isinstance(found, NotJudged) else isinstance(found, Failed) and "failed") == code


def test_a_database_that_cannot_be_copied(tmp_path: Path, sqlite: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one of MySQL whose definitions the user may not read: what would spoil it is not judged, all else is."""

    def refuse(_: Ground) -> Ground:
        msg = "mysql: the user may not read the definition of the function f, expected one that may"
        raise DatabaseError(msg)

    monkeypatch.setattr(Ground, "copy", refuse)
    with lit(tmp_path, sqlite, Activation()) as walked:
        verdicts = walked.verdicts("0004")

    uncopied = {name for name, each in verdicts.items() if isinstance(each, NotJudged) and each.code == "no_copy"}
    assert uncopied == {"downgrade_with_traffic", "upgrade_after_traffic", "atomic", "guarded", "offline"}
    assert {name for name, each in verdicts.items() if isinstance(each, Failed)} == set()


@dataclass
class Driver:
    """A connection of a driver that has cursors and nothing else, as PEP 249 says."""

    said: list[str] = field(default_factory=list)
    autocommit: bool = False

    def cursor(self) -> "Driver":
        """Return what executes."""
        return self

    def execute(self, statement: str) -> None:
        """Take note."""
        self.said.append(statement)

    def close(self) -> None:
        """End nothing."""

    def rollback(self) -> None:
        """Undo nothing."""


class Connection(Driver):
    """What a driver's connection has: no `execute`, which is an extension of some."""

    execute = None  # type: ignore[assignment]

    def cursor(self) -> Driver:
        """Return a cursor that notes what it is told."""
        return Driver(self.said)


@pytest.mark.parametrize(
    ("dialect", "said"),
    [("mysql", ["BEGIN", "INSERT INTO t VALUES ('a;b')", "COMMIT"]), ("postgresql", ["BEGIN; INSERT INTO t VALUES"])],
)
def test_a_script_is_run_by_cursors(dialect: str, said: list[str]) -> None:
    """Statement by statement where a driver takes one at a time."""
    driver = Connection()

    @contextmanager
    def connect() -> Any:
        pooled = SimpleNamespace(connection=SimpleNamespace(driver_connection=driver))
        yield SimpleNamespace(execution_options=lambda **_: pooled)

    engine: Any = SimpleNamespace(dialect=SimpleNamespace(name=dialect), connect=connect)
    assert execute_script(engine, "BEGIN; INSERT INTO t VALUES ('a;b'); COMMIT;") == ""
    assert [text[: len(wanted)] for text, wanted in zip(driver.said, said, strict=True)] == said


def test_a_session_is_put_back_by_a_cursor() -> None:
    """Drivers such as psycopg2 have no `execute` on their connections."""
    driver = Connection()
    _discard_all(driver, None, SimpleNamespace(terminate_only=False))
    assert driver.said == ["DISCARD ALL"]
    assert driver.autocommit is False
