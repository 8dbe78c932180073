"""Production-shaped rows from another database: read-only, between any two kinds. All rows are composed."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.errors import CatalogError, UsageError
from pytest_darkhost.migrations.rows.copying import rows_in_database
from support.history import execute, rows

PLANTED = (
    "INSERT INTO providers (id, slug, name, base_url) VALUES (77, 'acme', 'Acme', 'https://a.example')",
    "INSERT INTO models (id, slug, provider_id, upstream_model, brand, price_in_per_mtok_usd, q_prior, m_allowed)"
    " VALUES (900, 'old-acme', 77, 'x', 'acme', 0.123456789, 0.25, true)",
    "UPDATE models SET brand = 'renamed' WHERE slug = 'gpt-oss-120b-together'",
    "INSERT INTO routing_outcomes (model_id, status, latency_ms, cost_usd) VALUES (900, 'ok', 1.5, 0.000001)",
)


@pytest.fixture
def target(tmp_path: Path, sqlite_head: URL) -> URL:
    """A database of the round trip at the history's head."""
    shutil.copy(str(sqlite_head.database), tmp_path / "target.sqlite")
    return make_url(f"sqlite:///{tmp_path}/target.sqlite")


def copied(source: URL, target: URL, *tables: str) -> None:
    """Copy rows from one database to another."""
    text = source.render_as_string(hide_password=False)
    with create_engine(target, poolclass=NullPool).begin() as connection:
        rows_in_database(text, CatalogNames(), tables).put(connection)


def planted(url: URL) -> list[object]:
    """Return what was planted in the source."""
    values = "price_in_per_mtok_usd, q_prior, m_allowed"
    found = rows(url, f"SELECT slug, provider_id, {values} FROM models WHERE id = 900")
    return [tuple(float(v) if not isinstance(v, str) else v for v in row) for row in found]


def test_named_tables_are_copied(catalog: URL, target: URL) -> None:
    """From SQLite and from PostgreSQL, in an order in which each row finds what it refers to."""
    execute(catalog, *PLANTED)
    copied(catalog, target, "routing_outcomes", "models", "providers")
    assert planted(target) == [("old-acme", 77.0, 0.123456789, 0.25, 1.0)]
    assert rows(target, "SELECT model_id, status FROM routing_outcomes") == [(900, "ok")]
    assert rows(target, "SELECT brand FROM models WHERE slug = 'gpt-oss-120b-together'") == [("renamed",)]


def test_without_names_it_is_the_catalog(sqlite: URL, postgres: URL) -> None:
    """Providers and models, here into PostgreSQL, whose sequences go on behind."""
    execute(sqlite, *PLANTED)
    copied(sqlite, postgres)
    assert planted(postgres) == planted(sqlite)
    assert rows(postgres, "SELECT count(*) FROM routing_outcomes") == [(0,)]
    execute(postgres, "INSERT INTO providers (slug, name, base_url) VALUES ('n', 'N', 'https://n.example')")
    assert rows(postgres, "SELECT id FROM providers WHERE slug = 'n'") == [(78,)]


def test_the_source_says_which_revision_fits(catalog: URL) -> None:
    """It is that of the source, and the password is not shown."""
    found = rows_in_database(catalog.render_as_string(hide_password=False), CatalogNames())
    assert found.revision == "0002"
    assert not catalog.password or str(catalog.password) not in found.shown


def test_the_source_is_not_written_to(sqlite: URL, target: URL) -> None:
    """Its file is the same, byte for byte."""
    before = Path(str(sqlite.database)).read_bytes()
    copied(sqlite, target)
    assert Path(str(sqlite.database)).read_bytes() == before


def test_what_does_not_fit(sqlite: URL, target: URL) -> None:
    """A table or column that one side has not is named, with the near ones."""
    with pytest.raises(UsageError, match=r"no table 'modles'; tables: 'models', "):
        copied(sqlite, target, "modles")
    execute(sqlite, "ALTER TABLE models ADD COLUMN barnd text")
    with pytest.raises(UsageError, match=r"no column 'barnd' in models; columns: 'brand', "):
        copied(sqlite, target)
    assert rows(target, "SELECT count(*) FROM models") == rows(sqlite, "SELECT count(*) FROM models")


def test_columns_of_all_tables_are_told_at_once(sqlite: URL, target: URL) -> None:
    """Before anything is copied."""
    execute(sqlite, "ALTER TABLE models ADD COLUMN barnd text", "ALTER TABLE providers ADD COLUMN region text")
    with pytest.raises(UsageError) as caught:
        copied(sqlite, target)
    told = str(caught.value).splitlines()
    assert [line.partition(": ")[2].partition(";")[0] for line in told] == [
        "no column 'region' in providers",
        "no column 'barnd' in models",
    ]
    assert told[-1].endswith("Expected a source at the revision after which the rows are put")


def test_too_many_rows_are_refused(catalog: URL) -> None:
    """Part of a table would be other rows: the limit is told, and how to raise it."""
    text = catalog.render_as_string(hide_password=False)
    with pytest.raises(UsageError, match=r": models: more than 3 rows, expected at most so many: .*rows_limit"):
        rows_in_database(text, CatalogNames(), ("models",), most_rows=3)


def test_what_rows_refer_to_must_be_there(sqlite: URL, target: URL, postgres: URL) -> None:
    """A table without that which it refers to is refused on both: SQLite alone would take it."""
    execute(sqlite, *PLANTED)
    with pytest.raises(UsageError, match="rows of routing_outcomes refer to rows of models that are not there"):
        copied(sqlite, target, "routing_outcomes")
    with pytest.raises(UsageError, match=r"the rows of routing_outcomes do not fit \(.*foreign key"):
        copied(sqlite, postgres, "routing_outcomes")


def test_rows_that_refer_to_their_own_table(postgres: URL, target: URL) -> None:
    """They come in the order of the key, parents first, also where they lie otherwise."""
    table = "CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES nodes (id))"
    execute(target, table, "INSERT INTO nodes VALUES (2, 1)", "INSERT INTO nodes VALUES (1, NULL)")
    execute(postgres, table)
    copied(target, postgres, "nodes")
    assert rows(postgres, "SELECT id, parent_id FROM nodes ORDER BY id") == [(1, None), (2, 1)]


def test_a_source_that_cannot_be_read(postgres: URL) -> None:
    """It is an error of the catalog's reader, without the password."""
    wrong = postgres.set(password="canary-wrong").render_as_string(hide_password=False)
    with pytest.raises(CatalogError) as caught:
        rows_in_database(wrong, CatalogNames())
    assert "canary-wrong" not in str(caught.value)
