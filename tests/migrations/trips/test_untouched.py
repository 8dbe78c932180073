"""
One change for each kind of thing that an activation may not touch.

Undone and undeclared it fails `untouched` alone; declared and not undone it fails `downgrade` alone.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from migrations.trips.histories import HistoryFiles, Options, Walked, walking
from migrations.trips.lighting import executing

BELOW_ANYWHERE = (
    "CREATE TABLE routing_outcomes (id INTEGER PRIMARY KEY)",
    "CREATE TABLE extras (id INTEGER PRIMARY KEY, size INTEGER)",
    "CREATE VIEW extra_view AS SELECT id FROM extras",
)
BELOW = {
    "sqlite": (*BELOW_ANYWHERE, "INSERT INTO extras VALUES (1, 1)"),
    "postgresql": (
        *BELOW_ANYWHERE,
        "INSERT INTO extras VALUES (1, 1)",
        "CREATE TYPE mood AS ENUM ('calm')",
        "CREATE SEQUENCE numbers INCREMENT 1",
        "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ),
}
BATCH = (
    "CREATE TABLE _alembic_tmp_extras ({columns})",
    "INSERT INTO _alembic_tmp_extras SELECT id, size FROM extras",
    "DROP TABLE extras",
    "ALTER TABLE _alembic_tmp_extras RENAME TO extras",
)


@dataclass(frozen=True)
class Touch:
    """What is done, what undoes it, what covers it in a declaration, and how it is told."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    declared: dict[str, object]
    told: str


def _object(word: str, up: str, down: str, *, told: str = "", declared: str = "") -> Touch:
    return Touch(tuple(up.split(";;")), tuple(down.split(";;")), {"object": declared or word}, told or f"{word}: ")


def _batch(columns: str, word: str) -> Touch:
    view = "DROP VIEW extra_view"
    restored = BELOW_ANYWHERE[2]
    up = (view, *(each.format(columns=columns) for each in BATCH), restored)
    down = (view, *(each.format(columns="id INTEGER PRIMARY KEY, size INTEGER") for each in BATCH), restored)
    return Touch(up, down, {"object": word}, f"{word}: ")


ANYWHERE = {
    "row": Touch(
        ("UPDATE extras SET size = 2",),
        ("UPDATE extras SET size = 1",),
        {"table": "extras", "row": {"id": 1}, "columns": ["size"]},
        "size: before ",
    ),
    "table": _object("table more", "CREATE TABLE more (id INTEGER PRIMARY KEY)", "DROP TABLE more"),
    "column": _object(
        "column extras.more", "ALTER TABLE extras ADD COLUMN more INTEGER", "ALTER TABLE extras DROP COLUMN more"
    ),
    "index": _object("index ix_more", "CREATE INDEX ix_more ON extras (size)", "DROP INDEX ix_more"),
    "view": _object("view more_view", "CREATE VIEW more_view AS SELECT size FROM extras", "DROP VIEW more_view"),
    "outcomes": _object(
        "column routing_outcomes.more",
        "ALTER TABLE routing_outcomes ADD COLUMN more INTEGER",
        "ALTER TABLE routing_outcomes DROP COLUMN more",
    ),
}
SQLITE = ANYWHERE | {
    "type": _batch("id INTEGER PRIMARY KEY, size BIGINT", "type extras.size"),
    "default": _batch("id INTEGER PRIMARY KEY, size INTEGER DEFAULT 7", "default extras.size"),
    "constraint": _batch(
        "id INTEGER PRIMARY KEY, size INTEGER, CONSTRAINT ck_size CHECK (size > 0)", "constraint extras.ck_size"
    ),
    "trigger": _object(
        "trigger extras.quiet",
        "CREATE TRIGGER quiet BEFORE DELETE ON extras BEGIN SELECT RAISE(IGNORE); END",
        "DROP TRIGGER quiet",
    ),
}
POSTGRESQL = ANYWHERE | {
    "type": _object(
        "type extras.size",
        "ALTER TABLE extras ALTER size TYPE bigint",
        "ALTER TABLE extras ALTER size TYPE integer",
    ),
    "default": _object(
        "default extras.size",
        "ALTER TABLE extras ALTER size SET DEFAULT 7",
        "ALTER TABLE extras ALTER size DROP DEFAULT",
    ),
    "constraint": _object(
        "constraint extras.ck_size",
        "ALTER TABLE extras ADD CONSTRAINT ck_size CHECK (size > 0)",
        "ALTER TABLE extras DROP CONSTRAINT ck_size",
    ),
    "trigger": _object(
        "trigger extras.quiet",
        "CREATE TRIGGER quiet BEFORE UPDATE ON extras FOR EACH ROW EXECUTE FUNCTION "
        "suppress_redundant_updates_trigger()",
        "DROP TRIGGER quiet ON extras",
    ),
    "function": _object(
        "function one()",
        "CREATE OR REPLACE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 2'",
        "CREATE OR REPLACE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ),
    "enum": _object(
        "enum mood",
        "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad'",
        "DROP TYPE mood;;CREATE TYPE mood AS ENUM ('calm')",
    ),
    "sequence": _object("sequence numbers", "ALTER SEQUENCE numbers INCREMENT 2", "ALTER SEQUENCE numbers INCREMENT 1"),
    "grant": _object(
        "grant extras to PUBLIC",
        "GRANT SELECT ON extras TO PUBLIC",
        "REVOKE SELECT ON extras FROM PUBLIC",
        told="grant extras",
    ),
    "comment": _object("comment extras", "COMMENT ON TABLE extras IS 'more'", "COMMENT ON TABLE extras IS NULL"),
}
TOUCHES = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
MATRIX = [(kind, name) for kind, touches in TOUCHES.items() for name in touches]
matrix = pytest.mark.parametrize(("kind", "name"), MATRIX, ids=[f"{name}-{kind}" for kind, name in MATRIX])


class Chains:
    """For each kind of database one history in which every change is made, undone or not, and cleaned away again."""

    def __init__(self, request: pytest.FixtureRequest, root: Path, *, undone: bool) -> None:
        self.request = request
        self.root = root
        self.undone = undone
        self._open = ExitStack()
        self._walked: dict[str, Walked] = {}

    def failed(self, kind: str, name: str) -> dict[str, str]:
        """Return what the checks of one change say that failed."""
        if kind not in self._walked:
            self._walked[kind] = self._open.enter_context(self._walking(kind))
        return self._walked[kind].failed(f"r_{name}")

    def _walking(self, kind: str) -> AbstractContextManager[Walked]:
        files = HistoryFiles(self.root / kind)
        files.add("b0", None, executing(BELOW[kind]))
        last = "b0"
        for name, touch in TOUCHES[kind].items():
            declared = {"changes": [] if self.undone else [touch.declared]}
            files.add(
                f"r_{name}", last, executing(touch.up), executing(touch.down if self.undone else ()), declared=declared
            )
            last = f"c_{name}"
            files.add(last, f"r_{name}", executing(touch.down))
        wanted = frozenset(f"r_{name}" for name in TOUCHES[kind])
        return walking(files, self.request.getfixturevalue(kind), Options(wanted=wanted))

    def close(self) -> None:
        """Drop the databases."""
        self._open.close()


@pytest.fixture(scope="module", params=[True, False])
def chains(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chains]:
    """The changes undone and undeclared, or declared and not undone."""
    made = Chains(request, tmp_path_factory.mktemp("chains"), undone=request.param)
    yield made
    made.close()


@matrix
@pytest.mark.parametrize("chains", [True], indirect=True, ids=["undone"])
def test_what_is_not_declared_may_not_change(chains: Chains, kind: str, name: str) -> None:
    """The change is named by `untouched`, although it is undone."""
    failed = chains.failed(kind, name)

    assert set(failed) == {"untouched"}
    assert TOUCHES[kind][name].told in failed["untouched"]


@matrix
@pytest.mark.parametrize("chains", [False], indirect=True, ids=["left"])
def test_what_is_declared_must_be_undone(chains: Chains, kind: str, name: str) -> None:
    """The change is named by `downgrade`, although it is declared."""
    failed = chains.failed(kind, name)

    assert "untouched" not in failed
    assert TOUCHES[kind][name].told in failed["downgrade"]
