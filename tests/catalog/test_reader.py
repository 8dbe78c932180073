"""What is read from a database, and how its names are mapped."""

import shutil
from decimal import Decimal

import pytest
from sqlalchemy import URL

from pytest_darkhost.catalog.names import CatalogNames, parse_names
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ModelRow, ProviderRow
from support.history import execute, rows

VENDORS = (
    "CREATE TABLE {p}vendors (vid integer, vkey varchar(20), url varchar(90))",
    "INSERT INTO {p}vendors VALUES (7, 'groq', 'https://api.groq.com/openai'), (8, 'xai', 'https://api.x.ai')",
    "CREATE TABLE {p}hosted (vkey varchar(9), skey varchar(9), remote varchar(9), pin varchar(9), pout real, lit char)",
    "INSERT INTO {p}hosted VALUES ('groq', 'b', 'remote-b', '0.150', 0.6, 't'), ('gone', 'a', 'remote-a', '2', 3, 'f')",
)
MAPPED = (
    "providers.slug = vkey",
    "providers.base_url = url",
    "models.provider_slug = vkey",
    "models.slug = skey",
    "models.upstream_model = remote",
    "models.price_in_per_mtok_usd = pin",
    "models.price_out_per_mtok_usd = pout",
    "models.active = lit",
)


def read(url: URL, *lines: str) -> Catalog:
    """Return the catalog at this URL, with the names that ini lines give."""
    return read_catalog(url.render_as_string(hide_password=False), parse_names(lines), str)


def test_everything_is_read_in_slug_order(migrated: URL) -> None:
    """Providers and models come as rows with exact prices, whatever the database keeps them as."""
    execute(
        migrated,
        "UPDATE models SET active = true, q_prior = 0.625, m_allowed = false, price_in_per_mtok_usd = 0.037 "
        "WHERE slug = 'grok-4.3-xai'",
    )
    catalog = read(migrated)
    assert catalog.source is CatalogSource.DATABASE
    assert catalog.revision == "0002"
    assert catalog.location == migrated.render_as_string(hide_password=True)
    assert catalog.provider("xai") == ProviderRow("xai", "https://api.x.ai", "xAI")
    expected = ModelRow(
        "grok-4.3-xai", "xai", "grok-4.3", Decimal("0.037"), Decimal("2.5"), True, "xai", q_prior=0.625, m_allowed=False
    )
    assert catalog.model("grok-4.3-xai") == expected
    assert [row.slug for row in catalog.providers] == sorted(row.slug for row in catalog.providers)
    assert [row.slug for row in catalog.models] == sorted(row.slug for row in catalog.models)


def test_both_databases_give_the_same_rows(sqlite_head: URL, postgres_head: URL) -> None:
    """Floats of SQLite and numerics of PostgreSQL become the same prices."""
    from_file, from_server = read(sqlite_head), read(postgres_head)
    assert (from_file.providers, from_file.models) == (from_server.providers, from_server.models)


def test_tiny_prices_are_exact(seeded: URL) -> None:
    """Nine decimal places survive SQLite, which keeps them as a float."""
    execute(seeded, "UPDATE models SET price_in_per_mtok_usd = 0.000000001, price_out_per_mtok_usd = 123456.789012345")
    model = read(seeded).models[0]
    assert (model.price_in_per_mtok_usd, model.price_out_per_mtok_usd) == (Decimal("1E-9"), Decimal("123456.789012345"))


def test_a_null_price_is_no_price(seeded: URL) -> None:
    """A row without a price has none, rather than a price of 0."""
    execute(seeded, "UPDATE models SET price_in_per_mtok_usd = NULL")
    assert {model.price_in_per_mtok_usd for model in read(seeded).models} == {None}


def test_a_model_of_no_provider_is_read(seeded: URL) -> None:
    """A row that refers to a provider which is not there is read without one, for parity to report."""
    execute(seeded, "UPDATE models SET provider_id = 999 WHERE slug = 'grok-4.3-xai'")
    model = read(seeded).model("grok-4.3-xai")
    assert model is not None
    assert model.provider_slug is None


@pytest.mark.parametrize("schema", ["", "routing."])
def test_other_names_are_mapped(postgres: URL, schema: str) -> None:
    """
    Tables, columns and a schema of other names are read, models by the provider's slug instead of its id; the revision
    stands in the default schema.
    """
    execute(postgres, "CREATE SCHEMA routing", "CREATE TABLE alembic_version AS SELECT 'v1' AS version_num")
    execute(postgres, *(statement.format(p=schema) for statement in VENDORS))
    tables = (f"providers = {schema}vendors", f"models = {schema}hosted")
    _assert_vendors(read(postgres, *tables, *MAPPED), "v1")


def test_other_names_are_mapped_on_sqlite(sqlite: URL) -> None:
    """The same on SQLite, where `main` is the schema."""
    execute(sqlite, *(statement.format(p="") for statement in VENDORS))
    _assert_vendors(read(sqlite, "providers = main.vendors", "models = hosted", *MAPPED), None)


def _assert_vendors(catalog: Catalog, revision: str | None) -> None:
    assert catalog.revision == revision
    assert catalog.providers[0] == ProviderRow("groq", "https://api.groq.com/openai", None)
    assert catalog.models == (
        ModelRow("a", "gone", "remote-a", Decimal(2), Decimal(3), active=False),
        ModelRow("b", "groq", "remote-b", Decimal("0.15"), Decimal("0.6"), active=True),
    )


def test_ids_may_be_of_any_type(sqlite: URL) -> None:
    """Models find their provider by text ids as well, under other names."""
    execute(
        sqlite,
        "CREATE TABLE providers (key TEXT, slug TEXT, base_url TEXT)",
        "INSERT INTO providers VALUES ('p-1', 'groq', 'u')",
        "CREATE TABLE models "
        "(host TEXT, slug TEXT, upstream_model TEXT, price_in_per_mtok_usd, price_out_per_mtok_usd, active)",
        "INSERT INTO models VALUES ('p-1', 'a', 'x', 1, 2, NULL)",
    )
    [model] = read(sqlite, "providers.id = key", "models.provider_id = host").models
    assert (model.provider_slug, model.active) == ("groq", False)


def test_views_and_unknown_types_are_read(postgres: URL) -> None:
    """Views serve as tables, and columns of types that SQLAlchemy does not know do no harm."""
    execute(
        postgres,
        "CREATE TYPE tier AS (a integer)",
        "CREATE DOMAIN short AS varchar(20)",
        "CREATE TABLE hosts (id uuid DEFAULT gen_random_uuid(), slug short, base_url text, tier tier, span tsrange)",
        "INSERT INTO hosts (slug, base_url) VALUES ('groq', 'u')",
        "CREATE VIEW providers AS SELECT * FROM hosts",
        "CREATE VIEW models AS SELECT id AS provider_id, slug, base_url AS upstream_model, 1 AS price_in_per_mtok_usd, "
        "1.50 AS price_out_per_mtok_usd, true AS active FROM hosts",
    )
    [model] = read(postgres).models
    assert (model.provider_slug, model.price_out_per_mtok_usd) == ("groq", Decimal("1.5"))


def test_several_heads_are_joined(seeded: URL) -> None:
    """A database on two branches says both revisions."""
    execute(seeded, "INSERT INTO alembic_version VALUES ('0001a')")
    assert read(seeded).revision == "0001a,0002"


def test_a_user_without_access_to_the_versions_reads_the_rest(postgres_seeded: URL) -> None:
    """Rights on the two tables are enough; the revision is then unknown."""
    role = f"reader_{postgres_seeded.database}"
    execute(
        postgres_seeded,
        f"CREATE ROLE {role} LOGIN PASSWORD 'pw'",
        f"GRANT SELECT ON providers, models TO {role}",
    )
    try:
        catalog = read(postgres_seeded.set(username=role, password="pw"))
    finally:
        execute(postgres_seeded, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    assert catalog.revision is None
    assert len(catalog.providers) == 12


def test_an_async_sqlite_driver_is_no_obstacle(seeded: URL) -> None:
    """The URL that an application uses for SQLite serves here, whatever driver it names."""
    assert read(seeded.set(drivername="sqlite+aiosqlite")).revision == "0002"


def test_a_file_uri_is_read(seeded: URL) -> None:
    """SQLite's own URI form is read, and read only: its mode is not obeyed."""
    text = f"sqlite:///file:{seeded.database}?mode=rwc&uri=true"
    catalog = read_catalog(text, CatalogNames(), str)
    assert catalog.revision == "0002"
    assert len(rows(seeded, "SELECT * FROM providers")) == len(catalog.providers)


def test_odd_paths_are_read(sqlite_head: URL, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Blanks, `%` and `#` in a path reach the right file."""
    file = tmp_path_factory.mktemp("a b") / "c%20d#e.db"
    shutil.copy(str(sqlite_head.database), file)
    assert read(URL.create("sqlite", database=str(file))).revision == "0002"


def test_keys_are_removed_from_the_location(seeded: URL) -> None:
    """What the caller must not show is removed from the place as well."""
    catalog = read_catalog(seeded.render_as_string(), CatalogNames(), lambda text: text.replace("catalog", "[gone]"))
    assert "catalog" not in catalog.location
    assert "[gone]" in catalog.location
