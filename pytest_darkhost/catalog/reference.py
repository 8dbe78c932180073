"""
The reference catalog: the rows that the carried Alembic history seeds, for runs that name no database.
"""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.catalog.rows import Catalog, CatalogSource
from pytest_darkhost.errors import CatalogError

_HOME = Path(__file__).resolve().parents[1]


def history_directory() -> Path:
    """Return the directory of the Alembic history: the wheel's own, else that of the repository."""
    for place in (_HOME / "_alembic", _HOME.parent / "alembic"):
        if (place / "versions").is_dir():
            return place
    msg = f"{_HOME}: there is no Alembic history beside the package, expected '_alembic'. Install the package again"
    raise CatalogError(msg)


def reference_catalog(directory: Path) -> Catalog:
    """
    Return the catalog that the history seeds, read from an SQLite file which is made in `directory` and removed.

    Several threads and processes may call this at once, with one directory.
    """
    directory.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="reference-catalog-", suffix=".sqlite", dir=directory)
    os.close(handle)
    url = URL.create("sqlite", database=str(Path(name).absolute()))
    try:
        _build(url)
        catalog = read_catalog(url.render_as_string(), CatalogNames(), str)
    finally:
        Path(name).unlink()
    return replace(catalog, source=CatalogSource.REFERENCE, location=CatalogSource.REFERENCE.value)


def _build(url: URL) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        # Nobody reads the file after a crash.
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        _upgrade(connection)
        connection.commit()


def _upgrade(connection: Connection) -> None:
    """
    Run every upgrade of the history, then write down the head.

    Alembic's own commands go through `env.py` and through proxies that all threads of a process share. Each
    `ScriptDirectory` loads its revisions as modules of its own, so that these can be given an `op` of their own.
    """
    script = ScriptDirectory(str(history_directory()))
    context = MigrationContext.configure(connection)
    for revision in reversed(list(script.walk_revisions())):
        vars(revision.module)["op"] = Operations(context)
        revision.module.upgrade()
    context.stamp(script, "head")
