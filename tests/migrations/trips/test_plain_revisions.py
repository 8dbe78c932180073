"""Revisions that activate nothing: what passes, what fails, and how the walk goes on afterwards."""

import pytest

from migrations.trips.histories import HistoryFiles, Options, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode

TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))'
UNDONE = 'op.drop_table("things")'


def test_a_clean_revision_passes(files: HistoryFiles, server: Server) -> None:
    """Up, down and up again give what they should; without a declaration `untouched` is not judged."""
    files.add("a1", None, TABLE, UNDONE)

    with walking(files, server) as walked:
        verdicts = walked.verdicts("a1")

    assert isinstance(verdicts["upgrade"], Passed)
    assert isinstance(verdicts["downgrade"], Passed)
    assert isinstance(verdicts["upgrade_again"], Passed)
    assert isinstance(verdicts["untouched"], NotJudged)
    assert verdicts["untouched"].code == "undeclared"


def test_batch_mode_passes(files: HistoryFiles, server: Server) -> None:
    """Batch mode rewrites a table on SQLite; that is no difference by itself."""
    files.add("a1", None, f"{TABLE}\nexecute(\"INSERT INTO things (id, name) VALUES (1, 'one')\")", UNDONE)
    files.add(
        "a2",
        "a1",
        'with op.batch_alter_table("things") as batch:\n    batch.add_column(sa.Column("size", sa.Integer))\n'
        '    batch.alter_column("name", nullable=False, existing_type=sa.String(40))',
        'with op.batch_alter_table("things") as batch:\n    batch.drop_column("size")\n'
        '    batch.alter_column("name", nullable=True, existing_type=sa.String(40))',
    )

    with walking(files, server) as walked:
        assert walked.failed("a2") == {}


def test_rows_that_the_database_stamps_come_out_alike(files: HistoryFiles, server: Server) -> None:
    """Generated keys, references to them and computed defaults of new rows may differ the second time."""
    files.add(
        "a1",
        None,
        """
        op.create_table("makers", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)),
            sa.Column("at", sa.DateTime, server_default=sa.func.now()))
        op.create_table("things", sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("maker_id", sa.ForeignKey("makers.id")), sa.Column("name", sa.String(40)))
        """,
        'op.drop_table("things")\nop.drop_table("makers")',
    )
    files.add(
        "a2",
        "a1",
        """
        execute("INSERT INTO makers (name) VALUES ('m')",
            "INSERT INTO things (maker_id, name) SELECT max(id), 't' FROM makers")
        """,
        "execute(\"DELETE FROM things WHERE name = 't'\", \"DELETE FROM makers WHERE name = 'm'\")",
    )

    with walking(files, server) as walked:
        assert walked.failed("a2") == {}


@pytest.mark.parametrize("key", [True, False], ids=["keyed", "keyless"])
def test_columns_that_the_database_fills_come_out_alike(files: HistoryFiles, server: Server, key: bool) -> None:
    """A new column's computed default may give the rows that are there other values the second time."""
    table = f'op.create_table("things", sa.Column("id", sa.Integer, primary_key={key}), sa.Column("n", sa.Float))'
    rows = "execute('INSERT INTO things VALUES (1, random()), (2, 0.5), (3, 0.5)')"
    files.add("a1", None, f"{table}\n{rows}", UNDONE)
    files.add("a2", "a1", WIDER, 'with op.batch_alter_table("things") as t:\n    t.drop_column("at")')
    files.add(
        "a3", "a2", "execute('UPDATE things SET n = random() WHERE id = 2')", "execute('UPDATE things SET n = 0.5')"
    )

    with walking(files, server) as walked:
        assert walked.failed("a2") == {}
        assert set(walked.failed("a3")) == {"downgrade", "upgrade_again"}


WIDER = """
with op.batch_alter_table("things") as t:
    t.add_column(sa.Column("at", sa.Float, server_default=sa.text("(random())")))
"""


def test_a_second_upgrade_that_gives_other_values_fails(files: HistoryFiles, server: Server) -> None:
    """A constant of the row that differs the second time is told with both values."""
    files.add("a1", None, f"{TABLE}\nexecute(\"INSERT INTO things VALUES (1, 'a')\")", UNDONE)
    files.add(
        "a2",
        "a1",
        "execute(\"UPDATE things SET name = CASE name WHEN 'a' THEN 'b' ELSE 'c' END\")",
        "execute(\"UPDATE things SET name = 'a0' WHERE id = 1\")",
    )

    with walking(files, server) as walked:
        failed = walked.failed("a2")

    assert failed["downgrade"] == "things id=1: name: before 'a', after 'a0'".replace("id=1", _key(server, 1))
    assert failed["upgrade_again"] == "things id=1: name: before 'b', after 'c'".replace("id=1", _key(server, 1))


def _key(server: Server, number: int) -> str:
    return f"id={number}" if server.name == "sqlite" else f"id='{number}'"


def test_a_downgrade_that_refuses_is_not_judged(files: HistoryFiles, server: Server) -> None:
    """`NotImplementedError` says that a revision cannot be undone; the revisions above it are judged all the same."""
    files.add("a1", None, TABLE, 'raise NotImplementedError("no way back")')
    files.add(
        "a2", "a1", 'op.create_table("more", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("more")'
    )

    with walking(files, server) as walked:
        verdict = walked.verdicts("a1")["downgrade"]
        again = walked.verdicts("a1")["upgrade_again"]
        above = walked.failed("a2")

    assert isinstance(verdict, NotJudged)
    assert verdict.code == "downgrade_refused"
    assert "no way back" in verdict.reason
    assert isinstance(again, NotJudged)
    assert again.code == "downgrade_failed"
    assert above == {}


@pytest.mark.parametrize("written", ["undo", "dowgrade"])
def test_a_revision_without_a_downgrade_is_not_judged(files: HistoryFiles, server: Server, written: str) -> None:
    """As one that refuses; but a function that is nearly called so is a slip."""
    file = files.add("a1", None, TABLE)
    file.write_text(file.read_text().replace("def downgrade", f"def {written}"))
    files.add("a2", "a1", 'op.drop_table("things")', TABLE)

    with walking(files, server) as walked:
        verdict = walked.verdicts("a1")["downgrade"]
        above = walked.failed("a2")

    assert above == {}
    if written == "undo":
        reason = "the downgrade refuses: NotImplementedError: there is no downgrade()"
        assert verdict == NotJudged(ReasonCode.DOWNGRADE_REFUSED, reason, figures=verdict.figures)
    else:
        assert isinstance(verdict, Failed)
        assert verdict.actual == "it raised AttributeError: there is no downgrade(). Did you mean 'dowgrade'?"


def test_a_failing_upgrade_ends_what_builds_on_it(files: HistoryFiles, server: Server) -> None:
    """The failure names exception and line; revisions above are not judged, those of another branch are."""
    files.add("a1", None, TABLE, UNDONE)
    files.add("b1", "a1", 'op.drop_table("nowhere")')
    files.add("b2", "b1")
    files.add(
        "c1", "a1", 'op.create_table("more", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("more")'
    )

    with walking(files, server) as walked:
        failed = walked.verdicts("b1")["upgrade"]
        above = walked.verdicts("b2")["upgrade"]
        beside = walked.failed("c1")

    assert isinstance(failed, Failed)
    assert "nowhere" in failed.actual
    assert ("at", "migrations/versions/b1_it.py:18") in failed.context
    assert isinstance(above, NotJudged)
    assert above.code == "revision_below_failed"
    assert "b1" in above.reason
    assert beside == {}


def test_a_failing_downgrade_does_not_spoil_what_comes_after(files: HistoryFiles, server: Server) -> None:
    """What a bad downgrade left behind is not what the next revision finds."""
    files.add("a1", None, TABLE, UNDONE)
    files.add(
        "a2", "a1", "execute(\"INSERT INTO things VALUES (1, 'a'), (2, 'b')\")", "execute('DELETE FROM things', 'X')"
    )
    files.add(
        "a3", "a2", "execute('UPDATE things SET name = upper(name)')", "execute('UPDATE things SET name = lower(name)')"
    )

    with walking(files, server, Options(strict_rows=True)) as walked:
        second = walked.failed("a2")
        third = walked.failed("a3")

    assert set(second) == {"downgrade"}
    assert third == {}


def test_branches_and_merges_are_walked_one_revision_at_a_time(files: HistoryFiles, server: Server) -> None:
    """Each branch is undone by itself, and a merge with both branches in place."""
    table = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'
    files.add("a1", None, table.format("a"), 'op.drop_table("a")')
    files.add("b1", "a1", table.format("b"), 'op.drop_table("b")')
    files.add("c1", "a1", table.format("c"), 'op.drop_table("c")')
    files.add("d1", ("b1", "c1"), table.format("d"), 'op.drop_table("d")')
    files.add("e1", "d1", table.format("e"), 'op.drop_table("e")')

    with walking(files, server) as walked:
        assert {each: walked.failed(each) for each in ("a1", "b1", "c1", "d1", "e1")} == {
            each: {} for each in ("a1", "b1", "c1", "d1", "e1")
        }


def test_a_revision_that_depends_on_another_branch_comes_after_it(files: HistoryFiles, server: Server) -> None:
    """`depends_on` is a reason to be run later, and to be not judged if the other failed."""
    files.add("a1", None, TABLE, UNDONE)
    files.add(
        "b1", None, "execute(\"INSERT INTO things VALUES (1, 'a')\")", "execute('DELETE FROM things')", needs="a1"
    )

    with walking(files, server) as walked:
        assert walked.failed("b1") == {}
        assert walked.failed("a1") == {}


def test_only_what_is_asked_for_is_judged(files: HistoryFiles, server: Server) -> None:
    """Revisions that nobody asked for are run up, once, and not undone: this one could not be."""
    files.add("a1", None, TABLE, 'raise RuntimeError("never called")')
    files.add("a2", "a1", "execute(\"INSERT INTO things VALUES (1, 'a')\")", "execute('DELETE FROM things')")

    with walking(files, server, Options(wanted=frozenset({"a2"}))) as walked:
        assert walked.failed("a2") == {}


def test_statements_that_touch_nothing_are_told(files: HistoryFiles, server: Server) -> None:
    """An UPDATE or DELETE without a row is a warning in plain revisions, and a failure if the ini says so."""
    files.add("a1", None, TABLE, UNDONE)
    files.add("a2", "a1", "execute(\"UPDATE things SET name = 'x' WHERE id = 7\")")

    with walking(files, server) as walked:
        lenient = walked.verdicts("a2")["upgrade"]
    with walking(files, server, Options(strict_rows=True)) as walked:
        strict = walked.verdicts("a2")["upgrade"]

    assert isinstance(lenient, Passed)
    assert lenient.context == (("warning", "UPDATE things touched no row (migrations/versions/a2_it.py:14)"),)
    assert lenient.figures["rows"] == {"UPDATE things": 0}
    assert isinstance(strict, Failed)
    assert strict.actual == "UPDATE things touched no row"


def test_a_walk_leaves_no_database(files: HistoryFiles, postgresql: Server) -> None:
    """What was made is dropped when the walk ends, and at once after an upgrade that failed."""
    files.add("a1", None, TABLE, UNDONE)
    files.add("a2", "a1", "execute('nonsense')")
    before = len(_databases(postgresql))

    with walking(files, postgresql, Options(wanted=frozenset({"a1"}))) as walked:
        assert walked.failed("a1") == {}
        assert len(_databases(postgresql)) == before + 1
    assert len(_databases(postgresql)) == before
    with walking(files, postgresql, Options(wanted=frozenset({"a2"}))) as walked:
        assert set(walked.failed("a2")) == {"upgrade"}
        assert len(_databases(postgresql)) == before


def _databases(server: Server) -> set[str]:
    """Return the databases that this process made: others may share the server."""
    import sqlalchemy as sa

    from pytest_darkhost.migrations.databases.names import Maker

    database = server.create()
    try:
        engine = sa.create_engine(database.url)
        with engine.connect() as connection:
            names = set(connection.scalars(sa.text("SELECT datname FROM pg_database")))
        engine.dispose()
        return {name for name in names if Maker.of(name) == Maker.of(str(database.url.database))}
    finally:
        database.drop()


def test_a_history_with_two_heads_has_a_verdict_on_that(files: HistoryFiles) -> None:
    """Both heads are named with their files, and the command that joins them."""
    from pytest_darkhost.migrations.checks.history import single_head

    files.add("a1", None)
    files.add("b1", "a1")
    files.add("c1", "a1")

    verdict = single_head(files.load())

    assert isinstance(verdict, Failed)
    assert verdict.actual == "2 heads (b1, c1)"
    assert "alembic merge b1 c1" in verdict.expected


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"b1": "expand", "c1": "contract"}, "expand@b2, contract@c1"),
        ({"b1": "expand"}, None),
        ({"a1": "core"}, None),
    ],
    ids=["each", "one", "both"],
)
def test_several_heads_are_meant_where_each_has_a_label_of_its_own(
    files: HistoryFiles, labels: dict[str, str], told: str | None
) -> None:
    """A label is inherited by what is above and below it, so that one on the trunk tells nothing."""
    from pytest_darkhost.migrations.checks.history import single_head

    for name, down in (("a1", None), ("b1", "a1"), ("b2", "b1"), ("c1", "a1")):
        files.add(name, down, label=labels.get(name))

    verdict = single_head(files.load())

    assert verdict == Passed("one head of each labelled branch", told) if told else isinstance(verdict, Failed)


def test_a_branch_with_two_heads_is_told_though_it_has_a_label(files: HistoryFiles) -> None:
    """The label is that of both."""
    from pytest_darkhost.migrations.checks.history import single_head

    for name, down, label in (("a1", None, None), ("b1", "a1", "expand"), ("b2", "b1", None), ("b3", "b1", None)):
        files.add(name, down, label=label)

    assert isinstance(single_head(files.load()), Failed)
