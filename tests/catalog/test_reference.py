"""The reference catalog: what it holds, and that building it touches nothing else."""

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog import reference
from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.catalog.reference import history_directory, reference_catalog
from pytest_darkhost.catalog.rows import CatalogSource
from pytest_darkhost.errors import CatalogError
from support.history import HISTORY


def test_it_is_what_alembic_makes(tmp_path: Path, sqlite_head: URL) -> None:
    """It has the rows and the revision of a database that Alembic's own command migrated."""
    catalog = reference_catalog(tmp_path)
    migrated = read_catalog(sqlite_head.render_as_string(), CatalogNames(), str)
    assert (catalog.providers, catalog.models) == (migrated.providers, migrated.models)
    assert catalog.revision == migrated.revision == "0002"
    assert (catalog.source, catalog.location) == (CatalogSource.REFERENCE, "reference catalog")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """A directory that is not there is made, and its file is removed again."""
    reference_catalog(tmp_path / "a b" / "c%20d#e")
    assert [path.name for path in tmp_path.rglob("*")] == ["a b", "c%20d#e"]


def test_it_is_quiet_and_changes_no_logger(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is printed or warned of, and every logger keeps its level, its handlers and its state."""
    with caplog.at_level(logging.WARNING):
        before = _loggers()
        reference_catalog(tmp_path)
        assert {name: state for name, state in _loggers().items() if name in before} == before
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_it_changes_no_state_of_the_process(tmp_path: Path) -> None:
    """Modules, environment and the working directory are as before."""
    reference_catalog(tmp_path)
    before = (set(sys.modules), dict(os.environ), Path.cwd(), list(sys.path))
    reference_catalog(tmp_path)
    assert (set(sys.modules), dict(os.environ), Path.cwd(), list(sys.path)) == before


def test_a_migration_that_is_under_way_is_not_disturbed(tmp_path: Path) -> None:
    """Alembic's proxy belongs to whoever runs a migration at the time: it is neither used nor replaced."""
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            assert len(reference_catalog(tmp_path).providers) == 12
            assert op.get_context() is context
            assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


def test_threads_may_build_it_at_once(tmp_path: Path) -> None:
    """Each of several threads gets the same rows from a file of its own."""
    with ThreadPoolExecutor(6) as pool:
        catalogs = list(pool.map(reference_catalog, [tmp_path] * 6))
    assert all(catalog == catalogs[0] for catalog in catalogs)
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_carries_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own history goes before that of a repository, and without both the error says what is missing."""
    assert history_directory() == HISTORY
    home = tmp_path / "site-packages" / "pytest_darkhost"
    monkeypatch.setattr(reference, "_HOME", home)
    with pytest.raises(CatalogError, match="there is no Alembic history beside the package, expected '_alembic'"):
        history_directory()
    for place in (home.parent / "alembic", home / "_alembic"):
        (place / "versions").mkdir(parents=True)
        assert history_directory() == place


def _loggers() -> dict[str, tuple[object, ...]]:
    named = {name: logging.getLogger(name) for name in list(logging.root.manager.loggerDict)}
    return {
        name: (logger.level, logger.disabled, logger.propagate, tuple(logger.handlers), tuple(logger.filters))
        for name, logger in {**named, "": logging.root}.items()
    }
