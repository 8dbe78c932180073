"""The reference history: constraints, triggers, and the way up, down and up again."""

import hashlib
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import alembic
import pytest
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import URL, create_engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from support.history import HISTORY, config, downgraded, execute, printed, rows, schema, upgraded

AUDIT = "SELECT seq, at, actor, action, subject, payload, previous_hash, hash FROM audit_log ORDER BY seq"
APPEND = (
    "INSERT INTO audit_log (seq, at, actor, action, subject, payload, previous_hash, hash) "
    "VALUES ({seq}, 'now', 'a', 'b', 'c', '', '{previous}', '{hash}')"
)


def expected_hash(row: tuple[object, ...]) -> str:
    """Return the hash of an audit entry as revision 0001 describes it."""
    *fields, previous, _ = map(str, row)
    return hashlib.sha256((previous + "".join(f"{len(text)}:{text}" for text in fields)).encode()).hexdigest()


def test_alembic_is_the_library() -> None:
    """The directory of the history is no package, so that it does not hide the library of the same name."""
    assert not list(HISTORY.rglob("__init__.py"))
    assert "site-packages" in Path(str(alembic.__file__)).parts


def test_up_down_up_leaves_the_same_schema(empty: URL) -> None:
    """The first downgrade to base removes everything, and a second upgrade makes the same schema again."""
    before = schema(empty)
    upgraded(empty, "head")
    at_head = schema(empty)
    downgraded(empty, "base")
    assert schema(empty) == before == frozenset()
    upgraded(empty, "head")
    assert schema(empty) == at_head
    assert len(at_head) > 10


def test_every_constraint_follows_the_convention(head: URL) -> None:
    """Keys, constraints and indexes are named by kind, table and column."""
    inspector = inspect(create_engine(head, poolclass=NullPool))
    found: set[str] = set()
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        indexes = [each for each in inspector.get_indexes(table) if not each.get("duplicates_constraint")]
        names = {str(inspector.get_pk_constraint(table)["name"]), *(str(each["name"]) for each in indexes)}
        names |= {str(each["name"]) for each in inspector.get_unique_constraints(table)}
        names |= {str(each["name"]) for each in inspector.get_foreign_keys(table)}
        names |= {str(each["name"]) for each in inspector.get_check_constraints(table)}
        assert all(re.fullmatch(rf"(pk|uq|fk|ck|ix)_{table}(_\w+)?", name) for name in names), names
        found |= names
    assert {"uq_models_slug", "uq_providers_slug", "fk_models_provider_id_providers", "ck_models_q_prior"} <= found


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE models SET slug = 'grok-4.3-xai' WHERE slug = 'gpt-oss-20b-groq'", "slug"),
        ("UPDATE providers SET slug = 'xai' WHERE slug = 'groq'", "slug"),
        ("UPDATE models SET q_prior = 1.5", "ck_models_q_prior"),
        ("UPDATE models SET price_in_per_mtok_usd = -1", "ck_models_price_in_per_mtok_usd"),
        ("UPDATE models SET active = NULL", "active"),
        ("INSERT INTO routing_outcomes (model_id, status, latency_ms) VALUES (1, 'ok', -1)", "latency_ms"),
    ],
)
def test_the_schema_refuses_what_cannot_be(head: URL, statement: str, constraint: str) -> None:
    """A slug that occurs twice, a prior beyond 1, a negative price or latency and an unknown state are refused."""
    with pytest.raises(DBAPIError, match=constraint):
        execute(head, statement)


def test_equal_slugs_break_uq_models_slug_on_another_provider_too(head: URL) -> None:
    """Two providers cannot have models of one slug; PostgreSQL names the constraint."""
    with pytest.raises(DBAPIError, match=r"uq_models_slug|UNIQUE constraint failed: models\.slug"):
        execute(
            head,
            "INSERT INTO models (slug, provider_id, upstream_model, brand) SELECT 'a', id, 'x', 'y' FROM providers",
        )


def test_new_models_are_dark_and_unjudged(migrated: URL) -> None:
    """Without values of its own, a model is inactive and has neither prior nor verdict."""
    execute(migrated, "INSERT INTO models (slug, provider_id, upstream_model, brand) VALUES ('a', 1, 'x', 'y')")
    [(active, q_prior, m_allowed)] = rows(migrated, "SELECT active, q_prior, m_allowed FROM models WHERE slug = 'a'")
    assert (bool(active), q_prior, m_allowed) == (False, None, None)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE audit_log SET actor = 'x'", "audit_log is append-only"),
        ("DELETE FROM audit_log", "audit_log is append-only"),
        (APPEND.format(seq=1, previous="0" * 64, hash="b" * 64), "audit_log rows must continue the hash chain"),
        (APPEND.format(seq=9, previous="0" * 64, hash="b" * 64), "audit_log rows must continue the hash chain"),
        (APPEND.format(seq=2, previous="0" * 64, hash="b" * 64), "audit_log rows must continue the hash chain"),
    ],
)
def test_the_audit_log_only_grows(head: URL, statement: str, message: str) -> None:
    """An entry is neither changed nor removed, and a new one must come next and refer to the last."""
    before = rows(head, AUDIT)
    with pytest.raises(DBAPIError, match=message):
        execute(head, statement)
    assert rows(head, AUDIT) == before


def test_the_audit_log_is_not_replaced_or_truncated(head: URL) -> None:
    """The ways around DELETE are closed: INSERT OR REPLACE on SQLite, TRUNCATE on PostgreSQL."""
    replaced = APPEND.format(seq=1, previous="0" * 64, hash="c" * 64).replace("INSERT", "INSERT OR REPLACE")
    statement = {"sqlite": replaced, "postgresql": "TRUNCATE audit_log"}[head.get_backend_name()]
    with pytest.raises(DBAPIError, match="audit_log"):
        execute(head, statement)


def test_the_audit_log_takes_the_next_entry(migrated: URL) -> None:
    """An entry that continues the chain is taken."""
    last = str(rows(migrated, AUDIT)[-1][-1])
    execute(migrated, APPEND.format(seq=2, previous=last, hash="d" * 64))
    assert len(rows(migrated, AUDIT)) == 2


def test_the_seed_and_its_undoing_continue_the_chain(migrated: URL) -> None:
    """Each run of the seed adds one entry, earlier entries stay as they were, and every hash can be computed again."""
    first = rows(migrated, AUDIT)
    downgraded(migrated, "0001")
    upgraded(migrated, "head")
    entries = rows(migrated, AUDIT)
    assert [entry[3] for entry in entries] == ["seed", "unseed", "seed"]
    assert entries[:1] == first
    assert [entry[-1] for entry in entries] == [expected_hash(entry) for entry in entries]
    assert all(later[-2] == earlier[-1] for earlier, later in pairwise(entries))
    assert len(str(entries[0][1])) == 32


def test_printed_sql_gives_the_same_database(empty: URL) -> None:
    """What `--sql` prints, executed as it is, makes the schema and rows that a connection makes, chain included."""
    script = printed(empty, "head")
    _execute_script(empty, script)
    offline = schema(empty), rows(empty, "SELECT slug, base_url FROM providers ORDER BY slug"), _models(empty)
    entries = rows(empty, AUDIT)
    assert [entry[-1] for entry in entries] == [expected_hash(entry) for entry in entries]
    downgraded(empty, "base")
    upgraded(empty, "head")
    assert offline == (schema(empty), rows(empty, "SELECT slug, base_url FROM providers ORDER BY slug"), _models(empty))


def test_printed_undoing_of_the_seed(migrated: URL) -> None:
    """PostgreSQL computes the hash of the entry itself; for SQLite the printing is refused with the reason."""
    if migrated.get_backend_name() == "sqlite":
        with pytest.raises(NotImplementedError, match="this SQL cannot hash an audit entry, expected"):
            printed(migrated, "0002:0001", down=True)
        return
    for seq in range(2, 10):
        previous = str(rows(migrated, AUDIT)[-1][-1])
        execute(migrated, APPEND.format(seq=seq, previous=previous, hash=str(seq) * 64))
    _execute_script(migrated, printed(migrated, "0002:0001", down=True))
    last = rows(migrated, AUDIT)[-1]
    assert (last[0], last[3], last[-2]) == (10, "unseed", "9" * 64)
    assert last[-1] == expected_hash(last)
    assert rows(migrated, "SELECT slug FROM providers UNION SELECT slug FROM models") == []


def test_a_failure_half_way_leaves_nothing(empty: URL) -> None:
    """A revision that fails on its last statement leaves neither table nor version, on SQLite too."""
    execute(empty, "CREATE TABLE audit_log (seq integer)")
    before = schema(empty)
    with pytest.raises(DBAPIError, match="already exists"):
        upgraded(empty, "head")
    assert schema(empty) == before
    assert read_revision(empty) is None


def read_revision(url: URL) -> object:
    """Return the revision of a database, `None` where no table says one."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_a_supplied_connection_is_used(tmp_path: Path) -> None:
    """`env.py` migrates on the connection that it is given, and opens none of its own."""
    from alembic import command

    engine = create_engine("sqlite://", poolclass=NullPool)
    with engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        assert {"providers", "models"} <= set(inspect(connection).get_table_names())
    assert list(tmp_path.iterdir()) == []


def test_the_environment_names_the_database(sqlite: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a URL in the ini file, DARKHOST_CATALOG_URL is used; without both, the error says so."""
    from alembic import command

    monkeypatch.delenv("DARKHOST_CATALOG_URL", raising=False)
    with pytest.raises(CommandError, match="no database is named, expected its URL in DARKHOST_CATALOG_URL"):
        command.upgrade(config(), "head")
    monkeypatch.setenv("DARKHOST_CATALOG_URL", sqlite.render_as_string())
    command.upgrade(config(), "0001")
    assert rows(sqlite, "SELECT version_num FROM alembic_version") == [("0001",)]


def _models(url: URL) -> list[tuple[object, ...]]:
    columns = "m.slug, p.slug, upstream_model, brand, price_in_per_mtok_usd, price_out_per_mtok_usd, active"
    return rows(url, f"SELECT {columns} FROM models m JOIN providers p ON p.id = provider_id ORDER BY m.slug")


def _execute_script(url: URL, script: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    driver: Any = engine.raw_connection()
    try:
        if url.get_backend_name() == "sqlite":
            driver.executescript(script)
        else:
            driver.dbapi_connection.autocommit = True
            driver.cursor().execute(script)
    finally:
        driver.close()
