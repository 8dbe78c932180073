"""What `darkhost new activation` refuses, before anything is written: one line each, with the place in the spec."""

import pytest
from sqlalchemy import URL

from support.activations import NEW, SEEDED, Project, model, spec
from support.history import execute


def refused(project: Project, url: URL, slug: str, path: str = "A", *more: str, exit_code: int = 1) -> str:
    """Return what the command says when it refuses; nothing may have been written."""
    before = sorted(project.root.rglob("*.py"))
    catalog = ("--catalog", url.render_as_string(hide_password=False))
    asked = ("new", "activation", "--venue", "together", "--model", slug, "--path", path)
    code, out, err = project.darkhost(*asked, *catalog, *more)
    assert (code, out) == (exit_code, "")
    assert sorted(project.root.rglob("*.py")) == before
    assert "Traceback" not in err
    return err.strip()


@pytest.mark.parametrize(
    ("changes", "gates"),
    [
        ({"prior": "null"}, ["q_prior (absent: measure it, a prior is never made up)"]),
        ({"allowed": "null"}, ["m_allowed (absent: a missing verdict gates out, as false does)"]),
        ({"allowed": "false"}, ["m_allowed (false: "]),
        ({"prior": "null", "allowed": "null"}, ["q_prior (absent", "m_allowed (absent"]),
    ],
)
def test_a_row_that_the_router_would_not_enrol(
    project: Project, sqlite: URL, changes: dict[str, str], gates: list[str]
):
    """Each gate that is closed is named."""
    project.write_spec(spec(model(**SEEDED, **changes)))
    told = refused(project, sqlite, SEEDED["slug"]).splitlines()
    assert len(told) == len(gates)
    for line, gate in zip(told, gates, strict=True):
        place = f"venue_specs/together.yaml:8: {SEEDED['slug']}: the router would not enrol the row: "
        assert line.startswith(f"{place}{gate}")


@pytest.mark.parametrize("path", ["A", "C"])
def test_a_slug_of_another_provider(project: Project, catalog: URL, path: str) -> None:
    """Path A is not one slug on several providers: `uq_models_slug` holds over all of them."""
    project.write_spec(spec(model(slug="gpt-oss-120b-groq", upstream="openai/gpt-oss-120b", brand="openai")))
    assert refused(project, catalog, "gpt-oss-120b-groq", path) == (
        "venue_specs/together.yaml:8: gpt-oss-120b-groq: models has a row 'gpt-oss-120b-groq' of 'groq', expected a "
        "slug that no other provider has: uq_models_slug holds over all of them. Name it 'gpt-oss-120b-groq-together' "
        "in the spec"
    )


def test_one_slug_in_two_specs(project: Project, sqlite: URL) -> None:
    """The same logical model with equal slugs on two venues is found in the specs, whatever the catalog holds."""
    project.write_spec(spec(model(**NEW), venue="novita"), "novita")
    assert "models[1].slug: 'new-together' is also in venue_specs/novita.yaml:8, expected one" in refused(
        project, sqlite, NEW["slug"]
    )


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        (
            f"UPDATE models SET active = true WHERE slug = '{SEEDED['slug']}'",
            "A",
            "is active already, expected a dark one",
        ),
        ("UPDATE providers SET slug = 'together-ai' WHERE slug = 'together'", "A", "providers has no row 'together'"),
        ("UPDATE alembic_version SET version_num = '0001'", "A", "the catalog is at 0001, expected 0002, the head"),
        ("DROP TABLE audit_log", "A", "the catalog has no table 'audit_log', expected one that notes the activation"),
        ("UPDATE models SET slug = 'x' WHERE slug = 'gpt-oss-120b-novita'", "B", "to add a host to, expected one"),
        (
            "UPDATE models SET provider_id = 3 WHERE slug = 'gpt-oss-120b-novita'",
            "B",
            "'gpt-oss-120b-novita' is on 'together' in models already, expected another venue. Light it by path A",
        ),
        (
            "UPDATE models SET brand = 'acme' WHERE slug = 'gpt-oss-120b-novita'",
            "B",
            "brand 'openai' in the spec is 'acme' of 'gpt-oss-120b-novita', expected one: a host has none of its own",
        ),
        ("SELECT 1", "B", "'gpt-oss-120b-together' is a row of models, expected none there on path B"),
    ],
)
def test_a_catalog_that_does_not_serve(project: Project, catalog: URL, change: str, path: str, told: str) -> None:
    """What the catalog holds is looked at before anything is written."""
    execute(catalog, change)
    assert told in refused(project, catalog, SEEDED["slug"], path)


def test_a_broken_chain_is_not_continued(project: Project, sqlite: URL) -> None:
    """An entry behind a break would give the break a good name."""
    execute(sqlite, "DROP TRIGGER audit_log_no_update", "UPDATE audit_log SET actor = 'somebody'")
    assert "the chain of audit_log is broken (seq 1 has the hash " in refused(project, sqlite, SEEDED["slug"])


def test_a_column_that_nothing_fills(project: Project, sqlite: URL) -> None:
    """A row cannot be inserted where the catalog wants values that no spec has; a row that is there can be lit."""
    execute(sqlite, "ALTER TABLE models RENAME TO old", "CREATE TABLE models AS SELECT * FROM old")
    execute(sqlite, "DROP TABLE models", "ALTER TABLE old RENAME TO models")
    execute(
        sqlite,
        "CREATE TABLE fresh (id integer PRIMARY KEY, slug text NOT NULL, provider_id integer, upstream_model text,"
        " brand text, price_in_per_mtok_usd numeric, price_out_per_mtok_usd numeric, q_prior double, m_allowed boolean,"
        " active boolean, region text NOT NULL)",
        "INSERT INTO fresh SELECT id, slug, provider_id, upstream_model, brand, price_in_per_mtok_usd,"
        " price_out_per_mtok_usd, q_prior, m_allowed, active, 'eu' FROM models",
        "DROP TABLE models",
        "ALTER TABLE fresh RENAME TO models",
    )
    assert "models.region may not be NULL and has no default" in refused(project, sqlite, NEW["slug"])
    project.activation(sqlite, SEEDED["slug"])


def test_what_a_human_accepts(project: Project, sqlite: URL) -> None:
    """A catalog without an audit table, or behind the head, is used once that is said; nothing else can be accepted."""
    execute(sqlite, "DROP TABLE audit_log", "UPDATE alembic_version SET version_num = '0001'")
    (file,) = project.activation(sqlite, SEEDED["slug"], "A", "--accept=no_audit", "--accept=behind_head")
    assert "audit" not in file.read_text(encoding="utf-8")
    assert "--accept gates: 'gates' cannot be accepted, expected one of no_audit, behind_head" in refused(
        project, sqlite, SEEDED["slug"], "A", "--accept=gates", exit_code=2
    )


def test_names_that_are_not_there(project: Project, sqlite: URL) -> None:
    """Venue, model, catalog and ini are named with what there is; what was typed wrongly is a matter of usage."""
    catalog = ("--catalog", sqlite.render_as_string())
    new = ("--venue", "together", "--model", NEW["slug"])
    cases = [
        (
            ("--venue", "togehter", "--model", "x", *catalog),
            2,
            "'togehter' is no known venue, expected one of together",
        ),
        ((*new[:-1], "new", *catalog), 2, "no model 'new', expected one of gpt-oss-120b-together, new-"),
        (new, 2, "no catalog is named, expected the database with the row's values"),
        ((*new, *catalog, "--alembic", "no.ini"), 2, "no.ini: there is no such file"),
        ((*new, "--catalog", "sqlite:///no.db"), 1, "there is no file 'no.db'"),
        ((*new, *catalog, "--specs", "no"), 2, "there is no spec file, expected one"),
    ]
    for arguments, exit_code, told in cases:
        code, _, err = project.darkhost("new", "activation", "--path", "A", *arguments)
        assert code == exit_code
        assert told in err
        assert "Traceback" not in err


def test_what_the_project_says_need_not_be_typed(project: Project, sqlite: URL) -> None:
    """Catalog, specs and history are those of pytest's ini."""
    project.root.joinpath("venue_specs").rename(project.root / "specs")
    project.root.joinpath("alembic.ini").rename(project.root / "history.ini")
    said = f"darkhost_catalog = {sqlite.render_as_string()}\ndarkhost_specs = specs\ndarkhost_alembic = history.ini\n"
    project.root.joinpath("pytest.ini").write_text(f"[pytest]\n{said}")

    code, out, err = project.darkhost(
        "new", "activation", "--venue", "together", "--model", SEEDED["slug"], "--path", "A"
    )

    assert (code, err) == (0, "")
    assert out.startswith(str(project.versions))


def test_a_history_with_two_heads(project: Project, sqlite: URL) -> None:
    """There is no one revision to build on."""
    text = 'revision = "00aa"\ndown_revision = "0001"\n'
    (project.versions / "00aa_other.py").write_text(text, encoding="utf-8")
    assert "the history has the heads 0002, 00aa, expected one" in refused(project, sqlite, SEEDED["slug"])


def test_a_history_that_cannot_be_read(project: Project, sqlite: URL) -> None:
    """A revision with an error is told, not shown as a traceback."""
    (project.versions / "0003_x.py").write_text("def (", encoding="utf-8")
    assert "alembic.ini: the history cannot be read (SyntaxError: " in refused(project, sqlite, SEEDED["slug"])


def test_names_of_the_project_are_read(project: Project, sqlite: URL) -> None:
    """Those of pytest's ini hold for the command too; what is typed wins."""
    ini = project.root / "pytest.ini"
    ini.write_text("[pytest]\ndarkhost_catalog_names =\n    models = offers\n")
    assert "there is no table 'offers'" in refused(project, sqlite, SEEDED["slug"])
    assert "there is no table 'prices'" in refused(project, sqlite, SEEDED["slug"], "A", "--name", "models = prices")
    execute(sqlite, "ALTER TABLE models RENAME TO offers")
    assert 'sa.table(\n    "offers",' in project.activation(sqlite, SEEDED["slug"])[-1].read_text(encoding="utf-8")
