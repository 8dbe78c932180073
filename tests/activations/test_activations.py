"""What written activations do to a database: light exactly one row, refuse another, and give back what was there."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from pytest_darkhost.catalog.audit import audit_entries, chain_fault
from pytest_darkhost.catalog.names import AuditNames, CatalogNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.catalog.rows import ModelRow
from pytest_darkhost.catalog.session import read_only
from support.activations import NEW, SEEDED, Project
from support.history import execute, rows

PATHS = [("A", SEEDED["slug"]), ("A", NEW["slug"]), ("B", NEW["slug"]), ("C", SEEDED["slug"]), ("C", NEW["slug"])]
OUTCOME = "INSERT INTO routing_outcomes (model_id, status, latency_ms) SELECT id, 'ok', 1 FROM models WHERE slug = '{}'"


def row_of(url: URL, slug: str) -> ModelRow | None:
    """Return a row of the catalog."""
    return read_catalog(url.render_as_string(hide_password=False), CatalogNames(), str).model(slug)


def audited(url: URL) -> list[str]:
    """Return the actions in the audit log, once its chain was seen to hold."""
    with read_only(url) as connection:
        entries = list(audit_entries(connection, AuditNames()) or ())
    assert chain_fault(entries) is None
    return [entry.action for entry in entries]


def everything(url: URL) -> list[object]:
    """Return all rows but those of the audit log."""
    return [rows(url, f"SELECT * FROM {table} ORDER BY id") for table in ("providers", "models", "routing_outcomes")]


@pytest.mark.parametrize(("path", "slug"), PATHS)
def test_up_and_down(project: Project, catalog: URL, path: str, slug: str) -> None:
    """The row is lit with the spec's values, goes back to what it was, and can be lit again; both are noted."""
    before = everything(catalog)
    project.activation(catalog, slug, path)
    project.upgrade(catalog)
    row = row_of(catalog, slug)
    assert row is not None
    assert (row.active, row.q_prior, row.m_allowed, row.provider_slug) == (True, 0.83, True, "together")
    assert (str(row.price_in_per_mtok_usd), str(row.price_out_per_mtok_usd)) == ("0.15", "0.6")
    assert row.logical_slug == (None if path == "A" else "gpt-oss-120b-novita")
    project.downgrade(catalog, "0002")
    assert everything(catalog) == before
    project.upgrade(catalog)
    assert row_of(catalog, slug) == row
    assert audited(catalog) == ["seed", "activate", "deactivate", "activate"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE models SET price_in_per_mtok_usd = 0.2 WHERE slug = '{}'",
        "UPDATE models SET brand = 'other' WHERE slug = '{}'",
        "UPDATE models SET q_prior = 0.5 WHERE slug = '{}'",
        "UPDATE models SET provider_id = (SELECT id FROM providers WHERE slug = 'groq') WHERE slug = '{}'",
        "DELETE FROM models WHERE slug = '{}'",
        "UPDATE models SET active = true, q_prior = 0.83, m_allowed = true WHERE slug = '{}'",
    ],
)
def test_a_row_that_changed_is_not_lit(project: Project, catalog: URL, change: str) -> None:
    """What was written down as prior values must still be so; the failure says what is there, and nothing is left."""
    project.activation(catalog, SEEDED["slug"])
    execute(catalog, change.format(SEEDED["slug"]))
    before = everything(catalog)
    with pytest.raises(
        RuntimeError, match=r"cannot activate gpt-oss-120b-together of together: expected one row with up.* There: "
    ):
        project.upgrade(catalog)
    assert everything(catalog) == before
    assert audited(catalog) == ["seed"]
    assert rows(catalog, "SELECT version_num FROM alembic_version") == [("0002",)]


def test_a_slug_that_came_in_between_is_not_taken_over(project: Project, catalog: URL) -> None:
    """An activation that inserts fails where somebody else has inserted the slug since."""
    project.activation(catalog, NEW["slug"])
    execute(catalog, f"UPDATE models SET slug = '{NEW['slug']}' WHERE slug = 'gpt-oss-20b-groq'")
    before = everything(catalog)
    with pytest.raises(RuntimeError, match="cannot activate new-together of together: expected one row with "):
        project.upgrade(catalog)
    assert everything(catalog) == before


def test_a_provider_that_is_gone(project: Project, sqlite: URL) -> None:
    """Without the provider's row nothing is inserted."""
    project.activation(sqlite, NEW["slug"])
    execute(sqlite, "UPDATE providers SET slug = 'together-ai' WHERE slug = 'together'")
    with pytest.raises(DBAPIError, match="NOT NULL"):
        project.upgrade(sqlite)
    assert audited(sqlite) == ["seed"]


@pytest.mark.parametrize("path", ["A", "C"])
def test_a_row_that_is_referred_to_goes_dark_and_stays(project: Project, catalog: URL, path: str) -> None:
    """Traffic is not touched; the row can be lit again, and is deleted once nobody refers to it."""
    project.activation(catalog, NEW["slug"], path)
    below = "0002" if path == "A" else "0003"
    project.upgrade(catalog)
    execute(catalog, OUTCOME.format(NEW["slug"]))
    project.downgrade(catalog, below)
    row = row_of(catalog, NEW["slug"])
    assert row is not None
    assert row.active is False
    assert rows(catalog, "SELECT count(*) FROM routing_outcomes") == [(1,)]
    project.upgrade(catalog)
    lit = row_of(catalog, NEW["slug"])
    assert lit is not None
    assert lit.active
    execute(catalog, "DELETE FROM routing_outcomes")
    project.downgrade(catalog, below)
    assert row_of(catalog, NEW["slug"]) is None
    assert audited(catalog)[-1] == "deactivate"


def test_a_row_that_was_changed_while_lit_is_not_overwritten(project: Project, catalog: URL) -> None:
    """The downgrade gives back what was there before; a price that was corrected since is no matter of it."""
    project.activation(catalog, SEEDED["slug"])
    project.upgrade(catalog)
    execute(catalog, f"UPDATE models SET price_in_per_mtok_usd = 9 WHERE slug = '{SEEDED['slug']}'")
    with pytest.raises(RuntimeError, match=r"There: .*price_in_per_mtok_usd 9"):
        project.downgrade(catalog, "0002")
    row = row_of(catalog, SEEDED["slug"])
    assert row is not None
    assert row.active


@pytest.mark.parametrize(("path", "column"), [("B", "table"), ("C", "column")])
def test_schema_revisions_lose_nothing(project: Project, catalog: URL, path: str, column: str) -> None:
    """The revision below an activation is not undone while somebody else's rows need it."""
    project.activation(catalog, NEW["slug"], path)
    project.upgrade(catalog, "0003")
    execute(
        catalog,
        "UPDATE models SET logical_slug = 'x' WHERE slug = 'gpt-oss-20b-groq'"
        if column == "column"
        else "INSERT INTO model_hosts (slug, model_id, provider_id, upstream_model) VALUES ('x', 1, 1, 'x')",
    )
    with pytest.raises(RuntimeError, match=r"holds 1 (rows|values)"):
        project.downgrade(catalog, "0002")


def run_on_sqlite(url: URL, sql: str) -> None:
    """Run a script as `sqlite3 -bail` does: the first error ends it."""
    connection = sqlite3.connect(str(url.database))
    try:
        connection.executescript(sql)
    finally:
        connection.close()


def run_on_postgres(url: URL, sql: str) -> None:
    """Run a script as `psql -v ON_ERROR_STOP=1` does."""
    import psycopg

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql)


def last_entry(url: URL) -> list[str]:
    """Return what `-x` must say of the audit chain on SQLite."""
    if url.get_backend_name() == "postgresql":
        return []
    seq, last = rows(url, "SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1")[0]
    return [f"audit={seq}:{last}"]


def offline(project: Project, url: URL, revisions: str, *, down: bool = False) -> None:
    """Print the SQL of a way, and run it without Alembic."""
    run: Callable[[URL, str], None] = run_on_sqlite if url.get_backend_name() == "sqlite" else run_on_postgres
    run(url, project.printed(url, revisions, down=down, x=last_entry(url)))


@pytest.mark.parametrize(("path", "slug"), PATHS)
def test_printed_sql_does_the_same(project: Project, catalog: URL, path: str, slug: str) -> None:
    """`--sql` up and down, run without Alembic: the rows and the audit chain are as after the real thing."""
    before = everything(catalog)
    files = project.activation(catalog, slug, path)
    head = files[-1].name[:4]
    offline(project, catalog, f"0002:{head}")
    row = row_of(catalog, slug)
    assert row is not None
    assert (row.active, row.q_prior, row.m_allowed) == (True, 0.83, True)
    offline(project, catalog, f"{head}:0002", down=True)
    assert everything(catalog) == before
    assert audited(catalog) == ["seed", "activate", "deactivate"]


@pytest.mark.parametrize("slug", [SEEDED["slug"], NEW["slug"]])
def test_printed_sql_fails_where_the_row_is_another(project: Project, catalog: URL, slug: str) -> None:
    """The assertion is in the SQL itself: nothing is changed, and the revision is not written down."""
    project.activation(catalog, slug)
    taken = "gpt-oss-20b-groq" if slug == NEW["slug"] else slug
    execute(catalog, f"UPDATE models SET slug = '{slug}', brand = 'other' WHERE slug = '{taken}'")
    before = everything(catalog)
    with pytest.raises(Exception, match=r"cannot activate .*: expected one row with|malformed JSON"):
        offline(project, catalog, "0002:0003")
    assert everything(catalog) == before
    assert audited(catalog) == ["seed"]
    assert rows(catalog, "SELECT version_num FROM alembic_version") == [("0002",)]


def test_printed_sql_for_sqlite_must_know_the_end_of_the_chain(project: Project, sqlite: URL) -> None:
    """SQLite computes no SHA-256, so the last entry is named on the command line; one that is not the last fails."""
    project.activation(sqlite, SEEDED["slug"])
    with pytest.raises(NotImplementedError, match="alembic -x audit=SEQ:HASH upgrade --sql"):
        project.printed(sqlite, "0002:0003")
    stale = project.printed(sqlite, "0002:0003", x=[f"audit=1:{'a' * 64}"])
    with pytest.raises(sqlite3.Error, match="must continue the hash chain"):
        run_on_sqlite(sqlite, stale)
    assert audited(sqlite) == ["seed"]


def test_odd_names_do_no_harm(project: Project, catalog: URL) -> None:
    """Quotes, percent signs, colons and backslashes in what a spec says are values, never SQL or Python."""
    odd = r"""it's "50%":a:b\n {x} $darkhost$ \"""" + "'''" + '"""'
    text = (project.root / "venue_specs" / "together.yaml").read_text(encoding="utf-8")
    quoted = "'" + odd.replace("'", "''") + "'"
    project.write_spec(text.replace("upstream_model: acme/new", f"upstream_model: {quoted}"))
    project.activation(catalog, NEW["slug"])
    project.upgrade(catalog)
    row = row_of(catalog, NEW["slug"])
    assert row is not None
    assert row.upstream_model == odd
    project.downgrade(catalog, "0002")
    assert row_of(catalog, NEW["slug"]) is None


def test_other_names_of_tables_and_columns(project: Project, catalog: URL, tmp_path: Path) -> None:
    """What the catalog's reader is told of names, the activation uses too."""
    execute(
        catalog,
        "ALTER TABLE models RENAME TO offers",
        "ALTER TABLE offers RENAME COLUMN slug TO key",
        "ALTER TABLE offers RENAME COLUMN m_allowed TO verdict",
    )
    names = [f"--name={name}" for name in ("models = offers", "models.slug = key", "models.m_allowed = verdict")]
    (file,) = project.activation(catalog, SEEDED["slug"], "A", *names)
    assert "models.c.key == SLUG" in file.read_text(encoding="utf-8")
    project.upgrade(catalog)
    assert rows(catalog, f"SELECT verdict FROM offers WHERE key = '{SEEDED['slug']}'") in ([(1,)], [(True,)])
    project.downgrade(catalog, "0002")
    assert rows(catalog, f"SELECT verdict FROM offers WHERE key = '{SEEDED['slug']}'") == [(None,)]


def test_a_revision_of_that_id_is_refused(project: Project, sqlite: URL) -> None:
    """An id that the history has is not used again."""
    catalog = ("--catalog", sqlite.render_as_string())
    asked = ("new", "activation", "--venue", "together", "--model", SEEDED["slug"], "--path", "A")
    code, _, err = project.darkhost(*asked, *catalog, "--revision", "0001")
    assert code == 1
    assert err == "--revision 0001: the history has it, expected a new id such as 0003\n"
