"""The statements of a revision are seen, whoever made the connection, and those of Alembic are not."""

import pytest

from migrations.trips.histories import ENV, HistoryFiles, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.round_trip import NotReached

ENGINE = """
{imports}
from alembic import context

engine = {engine}
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
OFFERED = ENGINE.format(imports="", engine='context.config.attributes["connection"]')
OWN = ENGINE.format(
    imports="import sqlalchemy as sa",
    engine='sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.pool.NullPool)',
)


@pytest.mark.parametrize("env", [ENV, OFFERED, OWN], ids=["connection", "engine", "own"])
def test_each_is_seen_once(files: HistoryFiles, server: Server, env: str) -> None:
    """With its rows and the last line of the file that it came from, on the way up, down and up again."""
    (files.path / "migrations/env.py").write_text(env, encoding="utf-8")
    files.add(
        "1", None, "execute('CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1), (2)')", "execute('DROP TABLE t')"
    )
    with walking(files, server) as walked:
        trip = walked.trip("1")
    assert not isinstance(trip, NotReached)
    seen = [[(each.verb, each.rows if each.is_data else None) for each in step.statements] for step in trip.steps]
    up = [("CREATE", None), ("INSERT", 2)]
    assert seen == [up, [("DROP", None)], up]
    assert {each.line for step in trip.steps for each in step.statements} == {14}, "of the helper that executes"
