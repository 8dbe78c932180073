"""Alembic's batch mode makes tables of SQLite anew in other words: what stays raises no alarm, what it loses does."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.snapshots.taking import take

BASE = """
CREATE TABLE providers (id INTEGER NOT NULL, slug VARCHAR(50) NOT NULL, CONSTRAINT pk_providers PRIMARY KEY (id));;
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    "order" INTEGER DEFAULT 7 NOT NULL,
    slug varchar(50) NOT NULL,
    provider_id INTEGER NOT NULL REFERENCES providers (id),
    price NUMERIC(10,4) DEFAULT (1 + 1),
    kind VARCHAR(5) DEFAULT 'a (b' NOT NULL,
    active BOOLEAN DEFAULT 0,
    at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_models_slug UNIQUE (slug),
    UNIQUE (provider_id, slug),
    CONSTRAINT fk_self FOREIGN KEY ("order") REFERENCES models (id) DEFERRABLE INITIALLY DEFERRED
);;
CREATE INDEX ix_price ON models (price) WHERE price > 0;;
CREATE VIEW cheap AS SELECT p.slug FROM providers AS p;;
INSERT INTO providers VALUES (1, 'together');;
INSERT INTO models (slug, provider_id, price) VALUES ('a', 1, 0.5), ('b', 1, NULL)
"""


@pytest.fixture
def connection(sqlite: Server) -> Iterator[Connection]:
    """A connection to a database of this test."""
    database = sqlite.create()
    with create_engine(database.url, poolclass=NullPool).connect() as connection:
        for statement in BASE.split(";;"):
            connection.exec_driver_sql(statement)
        connection.commit()
        yield connection
    database.drop()


def batch(connection: Connection, change: Callable[[Operations], None]) -> list[str]:
    """Return what differs after operations."""
    before = take(connection)
    change(Operations(MigrationContext.configure(connection)))
    connection.commit()
    return [str(each) for each in differences(before, take(connection, earlier=before))]


def test_there_and_back(connection: Connection) -> None:
    """A column that is added and dropped leaves no difference, though the table was made anew twice."""

    def change(op: Operations) -> None:
        with op.batch_alter_table("models", recreate="always") as models:
            models.add_column(sa.Column("brand", sa.String(20)))
        with op.batch_alter_table("models", recreate="always") as models:
            models.drop_column("brand")

    assert batch(connection, change) == []
    assert "PRIMARY KEY (id)" in sql(connection)


def sql(connection: Connection) -> str:
    """Return the text of the table as SQLite stores it."""
    text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'models'").scalar_one()
    return " ".join(str(text).split())


def test_the_text_has_changed(connection: Connection) -> None:
    """The stored text is another one, so that comparing it would have been a false alarm."""
    before = sql(connection)
    with Operations(MigrationContext.configure(connection)).batch_alter_table("models", recreate="always"):
        pass
    assert sql(connection) != before


def test_there_alone(connection: Connection) -> None:
    """The new column is named, and nothing else."""

    def change(op: Operations) -> None:
        with op.batch_alter_table("models", recreate="always") as models:
            models.add_column(sa.Column("brand", sa.String(20), server_default="x", nullable=False))

    assert batch(connection, change) == [
        "column models.brand added",
        "constraint models.brand NOT NULL added: None -> 'NOT NULL'",
        "default models.brand added: None -> \"'x'\"",
        "type models.brand added: None -> 'VARCHAR(20)'",
    ]


def test_what_batch_mode_loses(connection: Connection) -> None:
    """Triggers, AUTOINCREMENT, the order of an index, what an unnamed foreign key does: each is a difference."""
    a = "INTEGER CONSTRAINT ck CHECK (a > 0) REFERENCES models (id) ON DELETE CASCADE"
    connection.exec_driver_sql(f"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a {a})")
    connection.exec_driver_sql("CREATE INDEX ix_a ON t (a DESC)")
    connection.exec_driver_sql("CREATE TRIGGER tg AFTER UPDATE ON t BEGIN SELECT 1; END")
    connection.commit()

    def change(op: Operations) -> None:
        with op.batch_alter_table("t", recreate="always") as table:
            table.add_column(sa.Column("b", sa.Integer))
        with op.batch_alter_table("t", recreate="always") as table:
            table.drop_column("b")

    found = batch(connection, change)
    assert [each.partition(":")[0] for each in found] == [
        "constraint t foreign key(a) references models(id) added",
        "constraint t foreign key(a) references models(id) on delete cascade removed",
        "index ix_a changed",
        "table t changed",
        "trigger t.tg removed",
    ]


def test_a_constraint_that_is_dropped(connection: Connection) -> None:
    """It is named, and the others are kept."""

    def change(op: Operations) -> None:
        with op.batch_alter_table("models") as models:
            models.drop_constraint("uq_models_slug", type_="unique")

    assert batch(connection, change) == ["constraint models.uq_models_slug removed: 'unique(slug)' -> None"]
