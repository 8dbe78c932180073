"""Production-shaped rows from files: put in, or refused with the place of what does not fit. All rows are composed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.rows.source import rows_in_file
from support.history import execute, rows

YAML = """\
revision: "0002"
routing_outcomes:
  - {id: 41, model_id: 900, ts: 2026-11-22T10:00:00+00:00, status: ok, latency_ms: 12.5, cost_usd: "0.000001"}
  - {id: 42, model_id: 900, status: error, latency_ms: 3, error_code: "429 100%"}
models:
  - {id: 900, slug: old-acme, provider_id: 77, upstream_model: acme/old, brand: acme, m_allowed: true, q_prior: 0.5}
providers:
  - {id: 77, slug: acme, name: Acme, base_url: https://api.acme.example}
  - {id: 3, slug: together, name: Renamed, base_url: https://api.together.example}
"""
SQL = """\
-- Rows of production, composed.
-- revision: 0002
SET statement_timeout = 0;
INSERT INTO providers (id, slug, name, base_url) VALUES (77, 'acme', 'A; it''s 100%', 'https://a.example'); -- ; here
/* ; */ INSERT INTO models (id, slug, provider_id, upstream_model, brand)
VALUES (900, 'old:acme', 77, 'x', 'acme');
"""


def put(url: URL, path: Path, text: str) -> None:
    """Write a file and put its rows into a database."""
    path.write_text(text, encoding="utf-8")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        rows_in_file(path, path.name).put(connection)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_documents(catalog: URL, tmp_path: Path, suffix: str) -> None:
    """Tables in any order, values of the columns' types; a row with a key that is there replaces it."""
    text = YAML
    if suffix == ".json":
        from pytest_darkhost.specs.yaml_nodes import read

        text = json.dumps(read(YAML).value, indent=1)
    put(catalog, tmp_path / f"rows{suffix}", text)
    assert rows(catalog, "SELECT slug, provider_id FROM models WHERE id = 900") == [("old-acme", 77)]
    assert rows(catalog, "SELECT id, status FROM routing_outcomes ORDER BY id") == [(41, "ok"), (42, "error")]
    assert rows(catalog, "SELECT name FROM providers WHERE slug = 'together'") == [("Renamed",)]
    assert rows(catalog, "SELECT count(*) FROM providers") == [(13,)]


@pytest.mark.parametrize(("suffix", "text"), [(".yaml", YAML), (".sql", SQL)])
def test_numbers_go_on_behind(catalog: URL, tmp_path: Path, suffix: str, text: str) -> None:
    """What is inserted afterwards, without an id, does not collide."""
    put(catalog, tmp_path / f"rows{suffix}", text)
    execute(catalog, "INSERT INTO providers (slug, name, base_url) VALUES ('next', 'Next', 'https://n.example')")
    assert rows(catalog, "SELECT id FROM providers WHERE slug = 'next'") == [(78,)]


def test_sql(catalog: URL, tmp_path: Path) -> None:
    """Semicolons in texts and comments end nothing; what concerns the session alone is left out."""
    put(catalog, tmp_path / "rows.sql", SQL)
    assert rows(catalog, "SELECT name FROM providers WHERE id = 77") == [("A; it's 100%",)]
    assert rows(catalog, "SELECT slug FROM models WHERE id = 900") == [("old:acme",)]


@pytest.mark.parametrize(("suffix", "text"), [(".yaml", YAML), (".json", '{"revision": "0002"}'), (".sql", SQL)])
def test_the_revision_that_they_fit(tmp_path: Path, suffix: str, text: str) -> None:
    """It may be said in the file."""
    path = tmp_path / f"rows{suffix}"
    path.write_text(text, encoding="utf-8")
    assert rows_in_file(path, "r").revision == "0002"
    path.write_text("SELECT 1" if suffix == ".sql" else "{}", encoding="utf-8")
    assert rows_in_file(path, "r").revision is None


MISFITS = {
    "table": ("models:", "modles:", "rows.yaml: modles: no table 'modles'; tables: 'models',"),
    "column": (
        "upstream_model:",
        "upstrem_model:",
        "rows.yaml:6: models[0].upstrem_model: no column 'upstrem_model' in",
    ),
    "near column": ("upstream_model:", "upstrem_model:", "columns: 'upstream_model', "),
    "missing": (
        ", brand: acme",
        "",
        "rows.yaml:6: models[0]: brand is missing, expected a value: the column is NOT NULL",
    ),
    "null": ("brand: acme", "brand: null", "rows.yaml:6: models[0]: brand is NULL, expected a value"),
    "number": ("latency_ms: 3", "latency_ms: fast", "rows.yaml:4: routing_outcomes[1].latency_ms: 'fast' does not fit"),
    "whole": ("{id: 900,", "{id: 9.5,", "rows.yaml:6: models[0].id: 9.5 does not fit, expected INTEGER"),
    "truth": ("m_allowed: true", "m_allowed: maybe", "rows.yaml:6: models[0].m_allowed: 'maybe' does not fit"),
    "day": ("2026-11-22T10:00:00+00:00", "yesterday", "rows.yaml:3: routing_outcomes[0].ts: 'yesterday' does not fit"),
    "length": ("status: ok", f"status: {'o' * 41}", "has 41 characters, expected at most 40"),
    "mapping": (
        "slug: acme",
        "slug: {a: b}",
        "rows.yaml:8: providers[0].slug: a mapping stands here, expected VARCHAR",
    ),
    "reference": (
        "provider_id: 77",
        "provider_id: 78",
        "rows.yaml:6: models[0].provider_id: no row 78 in providers; rows:",
    ),
    "check": ("q_prior: 0.5", "q_prior: 5", "rows.yaml:6: models[0]: the database refuses the row ("),
    "no list": ("  - {id: 77,", "  {id: 77,", "rows.yaml:"),
    "no row": (
        "  - {id: 41, ",
        "  - 41\n  - {id: 41, ",
        "rows.yaml:3: routing_outcomes[0]: 41, expected a row: columns",
    ),
    "revision": ('"0002"', "2", "rows.yaml:1: revision: 2, expected the id of a revision in quotes"),
    "twin": ("slug: acme,", "slug: acme, slug: acme,", "rows.yaml:8: providers[0]: 'slug' is given twice"),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_what_does_not_fit(catalog: URL, tmp_path: Path, misfit: str) -> None:
    """It is named with file, line, table, row and column, and with what is near; nothing is left behind."""
    old, new, told = MISFITS[misfit]
    assert old in YAML
    with pytest.raises(UsageError) as caught:
        put(catalog, tmp_path / "rows.yaml", YAML.replace(old, new, 1))
    assert told in str(caught.value)
    assert rows(catalog, "SELECT count(*) FROM providers") == [(12,)]
    assert rows(catalog, "SELECT count(*) FROM routing_outcomes") == [(0,)]


def test_a_near_row_is_named(sqlite: URL, tmp_path: Path) -> None:
    """The reference by name that is not quite right."""
    execute(sqlite, "CREATE TABLE plans (id integer PRIMARY KEY, provider text REFERENCES providers (slug))")
    with pytest.raises(
        UsageError, match=r"^r\.json:2: plans\[0\]\.provider: no row 'together-ai' in providers; rows: "
    ):
        put(sqlite, tmp_path / "r.json", '{"plans": [\n{"id": 1, "provider": "together-ai"}]}')
    with pytest.raises(UsageError, match="rows: 'together', "):
        put(sqlite, tmp_path / "r.json", '{"plans": [\n{"id": 1, "provider": "together-ai"}]}')


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("r.sql", "INSERT INTO providers (slug) VALUES ('x');\n", "r.sql:1: the database refuses the statement ("),
        ("r.sql", "SELECT 1;\n\nINSERT INTO modles VALUES (1);", "r.sql:3: the database refuses the statement ("),
        ("r.sql", "-- nothing\n", "r.sql:1: there is no statement, expected INSERT statements"),
        ("r.sql", "COPY models (id) FROM stdin;\n1\n\\.\n", "r.sql:1: COPY reads from stdin, expected INSERT"),
        ("r.json", '{"models": [}', "r.json:1: not JSON ("),
        ("r.json", '{"models": [\n{"id": 1, "id": 2}]}', "r.json:2: models[0]: 'id' is given twice"),
        ("r.json", "[]", "r.json:1: a list, expected a mapping of tables to lists of rows"),
        ("r.yaml", "", "r.yaml:1: the file is empty, expected a mapping of tables to lists of rows"),
        ("r.yaml", "models: [", "r.yaml:1: the file: not YAML ("),
        ("r.csv", "a,b", "r.csv: '.csv' is no kind of file that holds rows, expected .sql, .json or .yaml"),
    ],
)
def test_a_file_that_is_none(sqlite: URL, tmp_path: Path, name: str, text: str, told: str) -> None:
    """Each has its message."""
    with pytest.raises(UsageError) as caught:
        put(sqlite, tmp_path / name, text)
    assert str(caught.value).startswith(told)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is named as it was typed."""
    with pytest.raises(UsageError, match=r"^rows\.yaml: there is no such file, expected rows"):
        rows_in_file(tmp_path / "rows.yaml", "rows.yaml")
