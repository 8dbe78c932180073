"""The seed revision: in step with the venue specs, dark, and undone exactly."""

import ast
from decimal import Decimal
from typing import Any

import pytest
import yaml
from sqlalchemy import URL
from sqlalchemy.exc import IntegrityError

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.catalog.rows import Catalog
from support.history import HISTORY, ROOT, downgraded, execute, rows, upgraded

SPECS = sorted((ROOT / "venue_specs").glob("*.yaml"))
OTHERS = (
    "INSERT INTO providers (slug, name, base_url) VALUES ('own', 'Own', 'https://own.example')",
    "INSERT INTO models (slug, provider_id, upstream_model, brand) "
    "SELECT 'own-model', id, 'x', 'y' FROM providers WHERE slug = 'own'",
)
ALL = ("SELECT * FROM providers ORDER BY slug", "SELECT * FROM models ORDER BY slug")


@pytest.fixture
def catalog(sqlite_head: URL) -> Catalog:
    """The seeded rows."""
    return read_catalog(sqlite_head.render_as_string(), CatalogNames(), str)


def specs() -> list[dict[str, Any]]:
    """Return the shipped specs with every scalar as it is written."""
    return [yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for file in SPECS]


def test_there_are_twelve_providers(catalog: Catalog) -> None:
    """Ten hosted venues and the two dialects of the embedded one are seeded."""
    assert len(catalog.providers) == len(SPECS) == 12


def test_providers_and_specs_are_in_step(catalog: Catalog) -> None:
    """Each spec has its provider with the same base URL, and each provider its spec."""
    seeded = {(row.slug, row.base_url) for row in catalog.providers}
    assert seeded == {(spec["venue"], spec["base_url"].rstrip("/")) for spec in specs()}


def test_models_and_specs_are_in_step(catalog: Catalog) -> None:
    """Each model of a spec has its row with the same values, and each row its spec."""
    seeded = {
        (
            row.slug,
            row.provider_slug,
            row.upstream_model,
            row.brand,
            row.price_in_per_mtok_usd,
            row.price_out_per_mtok_usd,
        )
        for row in catalog.models
    }
    assert seeded == {_expected(spec["venue"], model) for spec in specs() for model in spec["models"]}


def test_every_row_is_dark(catalog: Catalog) -> None:
    """No row is active, and none has a prior or a verdict: these are never made up."""
    assert {(row.active, row.q_prior, row.m_allowed) for row in catalog.models} == {(False, None, None)}


def test_revisions_stand_on_their_own() -> None:
    """A revision imports neither the package nor a reader of files, so that it says the same for ever."""
    for file in (HISTORY / "versions").glob("*.py"):
        imports = [
            node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        names = {getattr(node, "module", None) or alias.name for node in imports for alias in node.names}
        assert names <= {"alembic", "datetime", "hashlib", "json", "sqlalchemy"}, file.name


def test_the_downgrade_removes_exactly_the_seeded_rows(migrated: URL) -> None:
    """Providers and models of others stay as they were, and the seed can be made again."""
    execute(migrated, *OTHERS)
    others = [rows(migrated, query.replace("ORDER", "WHERE slug LIKE 'own%%' ORDER")) for query in ALL]
    downgraded(migrated, "0001")
    assert [rows(migrated, query) for query in ALL] == others
    upgraded(migrated, "head")
    assert len(rows(migrated, ALL[0])) == 13


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "INSERT INTO routing_outcomes (model_id, status, latency_ms) "
            "SELECT id, 'ok', 1 FROM models WHERE slug = 'grok-4.3-xai'",
            r"there are seeded models with routing outcomes \(grok-4.3-xai\), expected none. The seed stays",
        ),
        (
            "INSERT INTO models (slug, provider_id, upstream_model, brand) "
            "SELECT 'own-model', id, 'x', 'y' FROM providers WHERE slug = 'groq'",
            r"there are models on seeded providers \(own-model\), expected none. The seed stays",
        ),
        (
            "DELETE FROM models WHERE slug = 'grok-4.3-xai'",
            "models has no row 'grok-4.3-xai', expected the seeded one. Was it removed by hand?",
        ),
    ],
)
def test_the_downgrade_refuses_to_guess(migrated: URL, statement: str, message: str) -> None:
    """Traffic, models of others and rows that are gone stop the downgrade, and everything stays."""
    execute(migrated, statement)
    before = [rows(migrated, query) for query in ALL]
    with pytest.raises(RuntimeError, match=message):
        downgraded(migrated, "0001")
    assert [rows(migrated, query) for query in ALL] == before
    assert rows(migrated, "SELECT version_num FROM alembic_version") == [("0002",)]


def test_the_upgrade_overwrites_nothing(empty: URL) -> None:
    """A slug that somebody has taken stops the seed, and their row stays."""
    upgraded(empty, "0001")
    execute(empty, OTHERS[0].replace("'own'", "'xai'"))
    with pytest.raises(IntegrityError, match="slug"):
        upgraded(empty, "head")
    assert rows(empty, "SELECT slug, base_url FROM providers") == [("xai", "https://own.example")]


def _expected(venue: str, model: dict[str, Any]) -> tuple[object, ...]:
    prices = (Decimal(model["price"][f"{way}_per_mtok_usd"]) for way in ("in", "out"))
    return (model["slug"], venue, model["upstream_model"], model["brand"], *prices)
