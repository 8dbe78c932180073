"""A listing of PostgreSQL's objects that is kept hides nothing: what changes is seen, wherever it is mentioned."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from migrations.snapshots.planted import POSTGRESQL_BASE
from migrations.snapshots.test_planted_changes import run, words
from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.engines import observer_for
from pytest_darkhost.migrations.snapshots import postgresql_ahead, postgresql_asking, postgresql_listing
from pytest_darkhost.migrations.snapshots.postgresql_asking import Question, ask
from pytest_darkhost.migrations.snapshots.taking import take

BASE = f"""{POSTGRESQL_BASE};;
CREATE TABLE shades (id serial PRIMARY KEY, shade colour DEFAULT 'red', size positive, duo pair, whole models,
    CONSTRAINT ck_duo CHECK ((duo).a > 0));;
CREATE INDEX ix_twice ON shades (twice(size));;
CREATE POLICY po_notes ON shades USING (EXISTS (SELECT FROM notes WHERE body = 'x'));;
CREATE RULE ru_notes AS ON UPDATE TO shades DO ALSO INSERT INTO notes (body) VALUES ('u');;
CREATE VIEW wide AS SELECT s.shade, m.slug, m.price FROM shades s, models m;;
CREATE TABLE heirs (more text) INHERITS (shades);;
CREATE TABLE numbered (id integer DEFAULT nextval('numbers'), other integer);;
CREATE UNIQUE INDEX ix_numbered ON numbered (id);;
ALTER TABLE numbered ALTER id SET NOT NULL;;
CREATE FUNCTION first_model(m models) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT m.slug; END;;
COMMENT ON POLICY po_notes ON shades IS 'x';;
CREATE FUNCTION all_models() RETURNS SETOF models LANGUAGE sql AS 'SELECT * FROM models';;
CREATE VIEW countless AS SELECT count(*) AS n FROM all_models();;
CREATE DOMAIN model AS models;;
CREATE TABLE listed (names regclass[] DEFAULT '{{notes}}', number oid DEFAULT 'numbers'::regclass);;
CREATE OPERATOR CLASS own_ops FOR TYPE integer USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(integer);;
CREATE INDEX ix_own ON shades USING hash (size own_ops);;
CREATE TEXT SEARCH CONFIGURATION own_words (COPY = simple);;
CREATE INDEX ix_words ON notes USING gin (to_tsvector('own_words', body));;
CREATE OPERATOR FAMILY own_family USING btree;;
COMMENT ON OPERATOR FAMILY own_family USING btree IS 'x';;
COMMENT ON INDEX ix_own IS 'x';;
COMMENT ON TYPE models IS 'x';;
CREATE STATISTICS st_shades ON size, shade FROM shades;;
CREATE OPERATOR =? (leftarg = integer, rightarg = integer, function = int4eq);;
CREATE COLLATION plain FROM "C";;
CREATE TEXT SEARCH DICTIONARY own_dict (template = simple);;
CREATE TABLE asking (a integer CONSTRAINT ck_asked CHECK (a =? 1), b text COLLATE plain,
    c text[] DEFAULT ts_lexize('own_dict', 'x'));;
CREATE TABLE no_columns ();;
CREATE TABLE no_more () INHERITS (no_columns);;
CREATE FUNCTION spoken() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';;
CREATE OPERATOR CLASS whole_ops FOR TYPE bigint USING hash AS OPERATOR 1 =, FUNCTION 1 hashint8(bigint);;
CREATE AGGREGATE total_of(integer) (sfunc = int4pl, stype = integer);;
CREATE CAST (model AS text) WITH INOUT;;
CREATE FUNCTION heard() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';;
CREATE EVENT TRIGGER et_own ON ddl_command_end EXECUTE FUNCTION heard();;
CREATE PUBLICATION few;;
CREATE FOREIGN DATA WRAPPER far_off;;
CREATE SERVER far FOREIGN DATA WRAPPER far_off;;
CREATE TABLE of_function (id integer);;
CREATE FUNCTION naming() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM of_function; END;;
CREATE TABLE of_cast (id integer);;
CREATE CAST (of_cast AS text) WITH INOUT;;
CREATE TABLE of_statistics (a integer, b integer);;
CREATE STATISTICS st_of ON a, b FROM of_statistics;;
CREATE TABLE of_domain (id integer);;
CREATE DOMAIN whole AS of_domain;;
CREATE TABLE of_check (id integer);;
CREATE DOMAIN checked AS oid CHECK (VALUE <> 'of_check'::regclass);;
CREATE TABLE of_comment (id integer CONSTRAINT ck_of CHECK (id > 0));;
COMMENT ON CONSTRAINT ck_of ON of_comment IS 'x';;
CREATE TABLE of_array (id integer);;
CREATE TABLE arrays (each of_array[]);;
CREATE TABLE kinds (each regtype[] DEFAULT '{{models}}');;
CREATE FOREIGN TABLE outside (id integer) SERVER far;;
CREATE PROCEDURE done() LANGUAGE sql AS 'SELECT 1';;
CREATE COLLATION odd FROM "C";;
CREATE OPERATOR =! (leftarg = integer, rightarg = integer, function = int4eq);;
CREATE TYPE stretch AS RANGE (subtype = float8)"""
NAMED_ONCE = ("function", "cast", "statistics", "domain", "check", "comment", "array")
"""Tables of these, `of_<word>`, are named by nothing else."""
ELSEWHERE = (
    "ALTER TABLE models RENAME TO machines",
    "ALTER TABLE models RENAME slug TO name",
    "ALTER TABLE models RENAME id TO number",
    "ALTER TABLE models SET SCHEMA audit",
    "ALTER TABLE notes RENAME body TO text",
    "ALTER TABLE shades RENAME TO tints",
    "ALTER TABLE shades RENAME size TO extent",
    "ALTER TYPE colour RENAME VALUE 'red' TO 'rot'",
    "ALTER TYPE colour RENAME TO tint",
    "ALTER TYPE pair RENAME ATTRIBUTE a TO first",
    "ALTER TYPE pair SET SCHEMA audit",
    "ALTER DOMAIN positive RENAME TO above",
    "ALTER FUNCTION twice RENAME TO double",
    "ALTER FUNCTION keep() SET SCHEMA audit",
    "ALTER SEQUENCE numbers RENAME TO counted",
    "ALTER SEQUENCE numbers CACHE 5",
    "ALTER SEQUENCE numbers CYCLE",
    "ALTER SEQUENCE numbers OWNED BY numbered.id",
    "ALTER SEQUENCE shades_id_seq OWNED BY shades.size",
    "ALTER SEQUENCE shades_id_seq OWNED BY NONE",
    "ALTER SCHEMA audit RENAME TO trail",
    "ALTER INDEX ix_price RENAME TO ix_cost",
    "ALTER TABLE models CLUSTER ON ix_price",
    "ALTER TABLE numbered REPLICA IDENTITY USING INDEX ix_numbered",
    "ALTER TABLE numbered ALTER id SET STORAGE PLAIN;; ALTER TABLE notes ALTER body SET STORAGE EXTERNAL",
    "ALTER TABLE notes ALTER body SET (n_distinct = 5)",
    "ALTER TABLE heirs NO INHERIT shades",
    "ALTER POLICY po_notes ON shades TO pg_monitor",
    "ALTER POLICY po_notes ON shades RENAME TO po_other",
    "ALTER RULE ru_notes ON shades RENAME TO ru_other",
    "ALTER TRIGGER tg_keep ON models RENAME TO tg_other",
    "ALTER TABLE models RENAME CONSTRAINT ck_price TO ck_cost",
    "ALTER TABLE audit.entries ALTER CONSTRAINT entries_model_id_fkey DEFERRABLE",
    "ALTER STATISTICS st_models RENAME TO st_other",
    "ALTER VIEW cheap RENAME slug TO name",
    "ALTER VIEW cheap SET (security_barrier = true)",
    "COMMENT ON INDEX ix_price IS 'x'",
    "COMMENT ON SCHEMA public IS 'ours'",
    "COMMENT ON TYPE colour IS 'x'",
    "GRANT SELECT ON SEQUENCE numbers TO pg_monitor",
    "GRANT USAGE ON TYPE colour TO pg_monitor;; REVOKE USAGE ON TYPE colour FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION keep() FROM PUBLIC",
    "CREATE PUBLICATION everything FOR ALL TABLES",
    "CREATE CAST (pair AS text) WITH INOUT",
    "CREATE OPERATOR === (leftarg = integer, rightarg = integer, function = int4eq)",
    'CREATE COLLATION own FROM "C"',
    "CREATE TYPE span AS RANGE (subtype = float8)",
    "ALTER EXTENSION plpgsql ADD FUNCTION keep()",
    "ALTER EXTENSION plpgsql ADD TABLE notes",
    "SELECT nextval('numbers')",
    "ALTER TABLE models ADD COLUMN more text",
    "ALTER SEQUENCE numbers SET SCHEMA audit",
    "ALTER OPERATOR CLASS own_ops USING hash RENAME TO other_ops",
    "ALTER TEXT SEARCH CONFIGURATION own_words RENAME TO other_words",
    "ALTER OPERATOR FAMILY own_family USING btree RENAME TO other_family",
    "ALTER INDEX ix_own SET (fillfactor = 50)",
    "COMMENT ON INDEX ix_own IS NULL",
    "COMMENT ON CONSTRAINT ck_price ON models IS 'x'",
    "COMMENT ON COLUMN pair.a IS 'x'",
    "ALTER TYPE pair ADD ATTRIBUTE more integer",
    "ALTER TABLE shades ADD CONSTRAINT fk_shades FOREIGN KEY (size) REFERENCES models",
    "DROP INDEX ix_price",
    "DROP VIEW wide",
    "DROP TABLE heirs",
    "ALTER TABLE events DETACH PARTITION events_2026",
    "CREATE TABLE audit.extra (id serial PRIMARY KEY, model models)",
    "ALTER TABLE numbered ALTER other TYPE bigint",
    "ALTER TABLE notes RENAME TO remarks",
    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE models DISABLE TRIGGER tg_keep",
    "GRANT SELECT (slug) ON models TO pg_monitor",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor",
    "CREATE OR REPLACE FUNCTION twice(x integer) RETURNS integer LANGUAGE sql AS 'SELECT x + x'",
    "ALTER TABLE models ALTER id RESTART WITH 7",
    "CREATE EVENT TRIGGER et_keep ON ddl_command_end EXECUTE FUNCTION heard()",
    "CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer)",
    "DROP STATISTICS st_shades",
    "ALTER TABLE heirs RENAME more TO less",
    "DROP SCHEMA audit CASCADE",
    *(f"ALTER TABLE of_{word} RENAME TO other" for word in NAMED_ONCE),
    "COMMENT ON INDEX shades_pkey IS 'x'",
    "SET search_path = audit",
    "ALTER OPERATOR =?(integer, integer) SET SCHEMA audit",
    "ALTER COLLATION plain RENAME TO sober",
    "ALTER TEXT SEARCH DICTIONARY own_dict RENAME TO other_dict",
    "ALTER TABLE no_more NO INHERIT no_columns",
    "CREATE OR REPLACE AGGREGATE total_of(integer) (sfunc = int4mul, stype = integer)",
    "DROP CAST (model AS text)",
    "ALTER TYPE positive SET SCHEMA audit",
    "ALTER EVENT TRIGGER et_own DISABLE",
    "ALTER PUBLICATION few SET (publish = 'insert')",
    "ALTER SERVER far OPTIONS (ADD host 'x')",
    "ALTER DOMAIN positive ADD CONSTRAINT above_zero CHECK (VALUE > 0)",
    "COMMENT ON RULE ru_notes ON shades IS 'x'",
    "COMMENT ON OPERATOR CLASS whole_ops USING hash IS 'x'",
    "GRANT SELECT ON models TO pg_monitor WITH GRANT OPTION",
    "CREATE OR REPLACE PROCEDURE done() LANGUAGE sql AS 'SELECT 2'",
    'DROP COLLATION odd;; CREATE COLLATION odd FROM "POSIX"',
    "DROP OPERATOR =! (integer, integer);;"
    "CREATE OPERATOR =! (leftarg = integer, rightarg = integer, function = int4ne)",
    "DROP CAST (model AS text);; CREATE CAST (model AS text) WITH INOUT AS ASSIGNMENT",
    "DROP STATISTICS st_models;; CREATE STATISTICS st_models (mcv) ON slug, price FROM models",
    "DROP EVENT TRIGGER et_own;;"
    "CREATE EVENT TRIGGER et_own ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION heard()",
    "CREATE OR REPLACE AGGREGATE total_of(integer) (sfunc = int4pl, stype = integer, initcond = '0')",
    "REVOKE USAGE ON TYPE positive FROM PUBLIC",
    "REVOKE USAGE ON TYPE stretch FROM PUBLIC",
    "ALTER FOREIGN TABLE outside ADD COLUMN more text",
    "ALTER MATERIALIZED VIEW dear RENAME slug TO name",
    "ALTER TABLE events RENAME id TO number",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database()); END $$",
)
"""Changes that show in the definitions of others, or in small print."""


@pytest.fixture(scope="module")
def base(postgresql: Server) -> Database:
    """A database in which much is mentioned elsewhere."""
    database = postgresql.create()
    run(database.url, BASE.split(";;"))
    return database


@pytest.fixture(scope="module")
def changing(postgresql: Server, base: Database) -> Iterator[Engine]:
    """An engine whose one connection is kept, in a database whose changes are rolled back."""
    database = postgresql.copy(base)
    observer = observer_for(database.url)
    yield observer
    observer.dispose()
    database.drop()


@pytest.mark.parametrize("statements", ELSEWHERE)
def test_what_is_kept_is_what_would_be_listed(changing: Engine, statements: str) -> None:
    """Of a change, a snapshot with an earlier one at hand says what one without says, and that is another thing."""
    with changing.connect() as connection:
        before = take(connection)
        for statement in statements.split(";;"):
            ask(connection, statement)
        after = take(connection, earlier=before)
        assert take(connection) == after
        assert take(connection, earlier=after) == after
        assert after.objects != before.objects


def test_other_tables_are_left_out(changing: Engine) -> None:
    """An earlier snapshot says nothing of one from which other tables are left out."""
    with changing.connect() as connection:
        before = take(connection)
        left = take(connection, exclude=frozenset({"notes"}), earlier=before)
        assert left == take(connection, exclude=frozenset({"notes"}))
        assert "notes" not in left.tables
        assert take(connection, earlier=left) == before


@contextmanager
def observed(database: Database) -> Iterator[Connection]:
    """Yield a connection that observes."""
    observer = observer_for(database.url)
    with observer.connect() as connection:
        yield connection
    observer.dispose()


@pytest.fixture
def observing(postgresql: Server, base: Database) -> Iterator[tuple[Connection, Database]]:
    """A connection that is kept, and its database."""
    database = postgresql.copy(base)
    with observed(database) as connection:
        yield connection, database
    database.drop()


@pytest.fixture
def one_at_a_time() -> Iterator[None]:
    """Roles belong to the server, which all processes share: who changes them waits for who must not see it."""
    with (Path(tempfile.gettempdir()) / "darkhost-tests-roles").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("one_at_a_time")
def test_a_role_is_called_otherwise(observing: tuple[Connection, Database]) -> None:
    """Roles belong to the server: owners and grants name them."""
    connection, database = observing
    run(database.url, ["CREATE ROLE darkhost_before", "GRANT SELECT ON notes TO darkhost_before"])
    try:
        before = take(connection)
        run(database.url, ["ALTER ROLE darkhost_before RENAME TO darkhost_after"])
        found = {words(each) for each in differences(before, take(connection, earlier=before))}
    finally:
        run(database.url, ["REVOKE ALL ON notes FROM darkhost_after", "DROP ROLE darkhost_after"])
    grant = "notes to darkhost_"
    assert found == {("grant", "removed", f"{grant}before"), ("grant", "added", f"{grant}after")}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the questions about catalogs, as they are asked."""
    names: list[str] = []
    real = postgresql_asking.execution

    def noted(connection: Connection, question: Question, *rest: Any, **named: Any) -> str:
        names.append(question.name)
        return real(connection, question, *rest, **named)

    for module in (postgresql_ahead, postgresql_listing):
        monkeypatch.setattr(module, "execution", noted)
    return names


@pytest.mark.usefixtures("one_at_a_time")
def test_nothing_is_listed_twice(observing: tuple[Connection, Database], asked: list[str]) -> None:
    """Where only rows were written, nothing is listed; else what the change touched."""
    connection, database = observing
    before = take(connection)
    run(database.url, ["INSERT INTO numbered VALUES (1)"])
    asked.clear()
    after = take(connection, earlier=before)
    assert asked == ["darkhost_tokens"]
    assert after.objects is before.objects
    assert after != before
    run(database.url, ["ALTER TABLE numbered ADD COLUMN more text"])
    later = take(connection, earlier=after)
    kept = {number for number, part in later.parts.items() if part is after.parts.get(number)}
    assert asked[1:] == ["darkhost_tokens", "darkhost_relations"]
    ((numbered, models),) = ask(connection, "SELECT 'numbered'::regclass::oid, 'models'::regclass::oid")
    assert str(models) in kept
    assert str(numbered) not in kept


@pytest.mark.usefixtures("one_at_a_time")
def test_a_copy_is_not_listed(postgresql: Server, base: Database, asked: list[str]) -> None:
    """What an earlier snapshot says of a database holds for its copy."""
    with observed(base) as connection:
        before = take(connection)
    asked.clear()
    database = postgresql.copy(base)
    with observed(database) as connection:
        assert take(connection, earlier=before) == before
    database.drop()
    assert asked == ["darkhost_tokens"]
