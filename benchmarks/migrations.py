"""What round trips cost: a history beside pytest-alembic's default tests on the same one, an activation, many rows."""

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from benchmarks.commands import interleaved, workplace
from benchmarks.environments import python_of
from benchmarks.figures import Figure
from benchmarks.histories import write_history
from pytest_darkhost.migrations.checks.registry import checks_of
from pytest_darkhost.migrations.databases.embedded import start_or_join
from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.declarations import read_declaration
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.engines import engine_for
from pytest_darkhost.migrations.history import load
from pytest_darkhost.migrations.ini import locate
from pytest_darkhost.migrations.itinerary import Itinerary
from pytest_darkhost.migrations.round_trip import NotReached
from pytest_darkhost.migrations.snapshots.taking import take
from pytest_darkhost.migrations.walk import Walk
from pytest_darkhost.specs.loader import load_venue
from pytest_darkhost.verdicts import Failed
from support.activations import SEEDED, write_project
from support.history import upgraded

_PEER_PACKAGES = ("pytest==9.1.*", "pytest-alembic", "alembic", "psycopg[binary]")
"""pytest-alembic 0.13 breaks on pytest 9.2."""
_OWN_PACKAGES = ("--editable", f"{Path(__file__).resolve().parent.parent}[postgres]")
"""What a user has. Here tests have more installed, loaded at each start: pytest-xdist; trio, by anyio's plugin."""
_REVISIONS = 50
_FOURFOLD = 4
_MANY_ROWS = 1_000_000
_ACTIVATION_GOAL_S = {"sqlite": 0.3, "postgresql": 0.8}
_CONFTEST = """
import os
import pytest
import sqlalchemy as sa


@pytest.fixture
def alembic_engine():
    return sa.create_engine(os.environ["BENCHMARK_URL"])


@pytest.fixture
def alembic_config():
    return {"file": "alembic.ini"}
"""
_INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"


@dataclass(frozen=True, slots=True)
class Run:
    """pytest of one interpreter in a directory."""

    python: str
    directory: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def wall_s(self) -> float:
        """Return the seconds of one run. Raises `RuntimeError` where it does not pass."""
        started = time.perf_counter()
        line = [self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.arguments]
        done = subprocess.run(
            line, cwd=self.directory, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            msg = f"{' '.join(line)}: exit code {done.returncode}\n{done.stdout[-3000:]}{done.stderr}"
            raise RuntimeError(msg)
        return time.perf_counter() - started


def migrations(repeats: int) -> Iterator[Figure]:
    """Yield the figures: wall seconds, since a server works besides."""
    pythons = python_of("own", *_OWN_PACKAGES), python_of("peers", *_PEER_PACKAGES)
    run = secrets.token_hex(8)
    with workplace() as (directory, environment), closing(start_or_join(run)) as embedded:
        for name, revisions in (("fifty", _REVISIONS), ("many", _FOURFOLD * _REVISIONS)):
            write_history(directory / name, revisions)
            (directory / name / "pytest.ini").write_text(_INI, encoding="utf-8")
        write_history(directory / "peer", _REVISIONS)
        (directory / "peer/tests").mkdir()
        (directory / "peer/tests/conftest.py").write_text(_CONFTEST, encoding="utf-8")
        sources = {"sqlite": "sqlite", "postgresql": embedded.url.render_as_string(hide_password=False)}
        with closing(open_server("sqlite")) as files, closing(open_server("postgresql", run=run)) as postgresql:
            servers = {"sqlite": files, "postgresql": postgresql}
            for kind, source in sources.items():
                yield from _histories(repeats, directory, environment, (kind, source), pythons, servers[kind])
            for kind, server in servers.items():
                yield _activation(repeats, directory / f"activation-{kind}", server)
                yield _many_rows(repeats, server)


def _histories(
    repeats: int,
    directory: Path,
    environment: Mapping[str, str],
    database: tuple[str, str],
    pythons: tuple[str, str],
    server: Server,
) -> Iterator[Figure]:
    kind, source = database
    python, peer = pythons
    ours = ("-m", "migration", "--darkhost-alembic=alembic.ini", f"--darkhost-database={source}")

    def own(name: str) -> float:
        return Run(python, directory / name, ours, environment).wall_s()

    def theirs() -> float:
        with _database(server) as url:
            more = {**environment, "BENCHMARK_URL": url, "PYTHONPATH": str(directory / "peer")}
            return Run(peer, directory / "peer", ("--test-alembic",), more).wall_s()

    measures: dict[str, Callable[[], float]] = {
        "peer": theirs,
        "own": partial(own, "fifty"),
        "many": partial(own, "many"),
    }
    seconds = interleaved(repeats, measures)
    what = f"{_REVISIONS} plain revisions, {kind}"
    yield Figure("migrations", what, "wall s", seconds["own"], "pytest-alembic's default tests", seconds["peer"], 1.0)
    four = tuple(_FOURFOLD * each for each in seconds["own"])
    yield Figure(
        "migrations",
        f"{_FOURFOLD} times as many, {kind}",
        "wall s",
        seconds["many"],
        f"{_FOURFOLD} times as long",
        four,
        1.1,
    )


@contextmanager
def _database(server: Server) -> Iterator[str]:
    database = server.create()
    try:
        yield database.url.render_as_string(hide_password=False)
    finally:
        database.drop()


def _activation(repeats: int, directory: Path, server: Server) -> Figure:
    """Return the seconds of a generated activation with all its checks, once the revision below it was walked to."""
    project = write_project(directory)
    catalog = sa.make_url(f"sqlite:///{directory}/catalog.sqlite")
    upgraded(catalog, "head")
    with chdir(directory):
        project.activation(catalog, SEEDED["slug"])
    spec = directory / "venue_specs/together.yaml"
    history = load(locate(directory / "alembic.ini", directory), directory)
    said = {each.id: read_declaration(each.path, each.shown) for each in history.revisions}
    itinerary = Itinerary(
        history=history,
        wanted=frozenset(each.id for each in history.revisions[-2:]),
        declarations={name: each for name, each in said.items() if each},
        targets={each.id: each for each in load_venue(spec, directory).spec.targets},
    )
    samples = tuple(_walked_s(itinerary, server) for _ in range(repeats))
    goal = _ACTIVATION_GOAL_S[server.name]
    return Figure("migrations", f"one activation, {server.name}", "wall s", samples, "goal", (goal,), 1.0)


def _walked_s(itinerary: Itinerary, server: Server) -> float:
    """Return the seconds from the revision below the head to the verdicts on the head. Raises `RuntimeError`."""
    *_, below, head = (each.id for each in itinerary.history.revisions)
    with closing(Walk(lambda: itinerary, server.name, lambda: server)) as walk:
        walk.trip(below)
        started = time.perf_counter()
        trip = walk.trip(head)
        assert not isinstance(trip, NotReached), trip.reason
        verdicts = {check.name: check.judge(trip) for check in checks_of(trip.declaration, server.name)}
        elapsed_s = time.perf_counter() - started
    failed = {name: each.actual for name, each in verdicts.items() if isinstance(each, Failed)}
    if failed:
        raise RuntimeError(failed)
    return elapsed_s


def _many_rows(repeats: int, server: Server) -> Figure:
    """Return the seconds of one snapshot and comparison with a table of many rows that nobody touched."""
    database = server.create()
    engine = engine_for(database.url)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {_MANY_ROWS})"
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE outcomes (id INTEGER PRIMARY KEY, status VARCHAR(20), latency FLOAT)")
        connection.exec_driver_sql(f"INSERT INTO outcomes {numbers} SELECT i, 'ok', i * 0.5 FROM n")
    with engine.connect() as connection:
        earlier = take(connection)
        samples = []
        for _ in range(repeats):
            started = time.perf_counter()
            later = take(connection, earlier=earlier)
            if differences(earlier, later):
                msg = "a table that nobody touched differs"
                raise RuntimeError(msg)
            samples.append(time.perf_counter() - started)
            earlier = later
        counted = time.perf_counter()
        connection.execute(sa.text("SELECT count(*), sum(length(status) + latency) FROM outcomes")).all()
        scan = time.perf_counter() - counted
    engine.dispose()
    database.drop()
    what = f"snapshot with {_MANY_ROWS:,} rows, {server.name}"
    return Figure("migrations", what, "wall s", tuple(samples), "one sum over the same rows", (scan,))
