"""What revisions and specs declare, and what of that covers a difference."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.declarations import Declaration, agreed, read_declaration, spec_declarations
from pytest_darkhost.migrations.undeclared import undeclared
from pytest_darkhost.specs.changes import Change
from pytest_darkhost.specs.loader import load_venues

REVISION = '''"""A revision."""
raise SystemExit("none of this is run")
darkhost = {
    "activates": "together/small-together",
    "changes": [
        {"table": "models", "row": {"slug": "small-together"}, "columns": ["active", "q_prior"]},
        {"table": "audit_log", "append": True},
        {"object": "table model_hosts"},
    ],
    "volatile": ["models.updated_at"],
}
'''
MISTAKES = {
    '"activates"': (
        '"activate"',
        "4: 'activate': unknown key, expected one of activates, changes, volatile, guarded. Did you",
    ),
    '"together/small-together"': ('"small"', "4: activates: 'small' is no target, expected 'venue/slug' of a spec"),
    '"columns": [': ('"column": [', "6: changes[0].column: unknown key"),
    '"append": True': ('"append": 1', "7: changes[1].append: 1 is not a truth value"),
    "True": ("False", "7: changes[1]: it has table, expected 'table' with 'row'"),
    '"table model_hosts"': ('"model_hosts"', "8: changes[2]: the object 'model_hosts' has no kind"),
    '"models.updated_at"': ('"updated_at"', "10: volatile[0]: 'updated_at' is no column of a table"),
    '{"slug": "small-together"}': ('{"slug": SLUG}', "6: 'SLUG' is not a literal"),
    '"slug": "small-together"': ("", "6: changes[0].row: 0 items, expected at least 1"),
    '"small-together"}': ('["a"]}', "6: changes[0].row.slug: a list is no single value"),
    '"volatile": ["models.updated_at"],': ("**OTHER,", "10: 'OTHER' is not a literal"),
    '"""A revision."""': (
        "darkhost = {}",
        "3: 'darkhost' is assigned a second time, expected once. The first is in line 1",
    ),
    'raise SystemExit("none of this is run")': ("def f(:", "2: not Python (invalid syntax)"),
    "darkhost = {": ("darkhost = 7, {", "3: darkhost is a tuple, expected a dict"),
}


def read(tmp_path: Path, text: str) -> Declaration | None:
    """Return what a revision file of this text declares."""
    path = tmp_path / "0003_x.py"
    path.write_text(text, encoding="utf-8")
    return read_declaration(path, "versions/0003_x.py")


def test_a_revision_is_read_without_being_run(tmp_path):
    """The file would end the process; its declaration is read all the same, with its place."""
    found = read(tmp_path, REVISION)
    assert found == Declaration(
        place="versions/0003_x.py:3",
        activates="together/small-together",
        changes=(
            Change(table="models", row={"slug": "small-together"}, columns=("active", "q_prior")),
            Change(table="audit_log", append=True),
            Change(object="table model_hosts"),
        ),
        volatile=frozenset({"models.updated_at"}),
    )


def test_a_revision_that_says_nothing_declares_nothing(tmp_path):
    """A name inside a function is none of the module."""
    assert read(tmp_path, "revision = '1'\ndef upgrade():\n    darkhost = {}\n") is None


def test_one_line_is_enough(tmp_path):
    """A revision may name its target alone: what else it touches is then not judged."""
    found = read(tmp_path, "darkhost: dict[str, str] = {'activates': 'a/b'}\n")
    assert found == Declaration("versions/0003_x.py:1", "a/b", None)


@pytest.mark.parametrize("part", MISTAKES)
def test_mistakes_have_their_line(tmp_path, part):
    """Each mistake is one message with file and line, and what was expected."""
    wrong, text = MISTAKES[part]
    with pytest.raises(UsageError) as caught:
        read(tmp_path, REVISION.replace(part, wrong, 1))
    assert str(caught.value).startswith(f"versions/0003_x.py:{text}")
    assert ", expected " in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    """What cannot be read is said so."""
    with pytest.raises(UsageError, match=r"^x\.py: the file cannot be read"):
        read_declaration(tmp_path / "none.py", "x.py")


SPEC = """\
venue: acme
dialect: openai
base_url: https://api.acme.example
credential_env: ACME_API_KEY
errors: {refused_key: {status: 401}, unknown_model: {status: 404}}
models:
  - slug: small-acme
    upstream_model: acme/small
    brand: acme
    price: {in_per_mtok_usd: "1", out_per_mtok_usd: "2", source: composed for tests, as_of: 2026-11-22}
    activation: {revision: "0003", changes: [{table: models, row: {slug: small-acme}}], volatile: [models.seen_at]}
"""


def specs(tmp_path: Path, text: str):
    """Return the declarations of a spec."""
    path = tmp_path / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    return spec_declarations(load_venues([path], tmp_path), tmp_path)


def test_a_spec_may_say_it_instead(tmp_path):
    """An existing revision is tied to its spec by one line there."""
    assert specs(tmp_path, SPEC) == {
        "0003": Declaration(
            place="acme.yaml:7",
            activates="acme/small-acme",
            changes=(Change(table="models", row={"slug": "small-acme"}),),
            volatile=frozenset({"models.seen_at"}),
        )
    }


def test_two_models_cannot_name_one_revision(tmp_path):
    """A revision lights one model."""
    twice = SPEC + SPEC[SPEC.index("  - slug") :].replace("small", "large")
    with pytest.raises(
        UsageError, match=r"^acme\.yaml:12: revision '0003' is also named in acme\.yaml:7, expected one"
    ):
        specs(tmp_path, twice)


def test_spec_and_revision_may_not_contradict_each_other():
    """The revision's own changes count, the spec's where it has none; targets must be the same."""
    change = Change(object="table x")
    spec = Declaration("acme.yaml:7", "acme/a", (change,), frozenset({"m.a"}))
    own = Declaration("v.py:3", None, None, frozenset({"m.b"}))
    assert agreed(own, spec) == Declaration("v.py:3", "acme/a", (change,), frozenset({"m.a", "m.b"}))
    assert agreed(None, spec) is spec
    assert agreed(own, None) is own
    with pytest.raises(UsageError, match=r"^v\.py:3: it activates 'acme/b', expected 'acme/a', as acme\.yaml:7 says"):
        agreed(Declaration("v.py:3", "acme/b", None), spec)


@dataclass(frozen=True)
class Seen:
    """A difference, as far as it is read here."""

    kind: str
    change: str
    name: str
    column: str | None = None
    row: tuple[tuple[str, object], ...] = ()


def row(change: str, column: str | None = None, table: str = "models", **values: object) -> Seen:
    """Return a difference of a row."""
    return Seen("row", change, table, column, tuple(values.items()))


DECLARED = Declaration(
    "v.py:3",
    "acme/a",
    (
        Change(table="models", row={"slug": "a"}, columns=("active",)),
        Change(table="hosts", row={"slug": "a", "main": True}),
        Change(table="audit_log", append=True),
        Change(object="table hosts"),
        Change(object="column models.alias"),
    ),
    frozenset({"models.updated_at"}),
)
COVERED = (
    row("changed", "active", slug="a", id=7),
    row("changed", "updated_at", slug="b"),
    row("changed", "active", "public.models", slug="a"),
    row("added", None, "hosts", slug="a", main=1, id=3),
    row("removed", None, "hosts", slug="a", main=True),
    row("changed", "price", "hosts", slug="a", main=True),
    row("added", None, "audit_log", seq=9),
    Seen("table", "added", "hosts"),
    Seen("index", "added", "hosts.ix_hosts_slug"),
    Seen("column", "added", "models.alias"),
)
NOT_COVERED = (
    row("changed", "price", slug="a"),
    row("changed", "active", slug="b"),
    row("changed", "active"),
    row("added", None, slug="a"),
    row("removed", None, slug="a"),
    row("added", None, "hosts", slug="a", main=0),
    row("added", None, "hosts", slug="a"),
    row("removed", None, "audit_log", seq=1),
    row("changed", "payload", "audit_log", seq=1),
    row("added", None, "routing_outcomes", id=1),
    row("added", None, "other.models", slug="a"),
    row("added", None, "models", slug="a", updated_at="now"),
    Seen("table", "added", "hosts2"),
    Seen("column", "added", "models.alias2"),
    Seen("index", "added", "models.alias"),
    Seen("view", "added", "hosts"),
    Seen("constraint", "removed", "models.uq_models_slug"),
)


def test_what_is_declared_is_covered():
    """Rows, columns, appended rows, schema objects and volatile columns."""
    assert undeclared(COVERED, DECLARED) == ()


@pytest.mark.parametrize("seen", NOT_COVERED, ids=str)
def test_nothing_else_is(seen):
    """Another row, column, table, kind or way of changing is told."""
    assert undeclared((*COVERED, seen), DECLARED) == (seen,)
