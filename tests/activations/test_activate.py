"""`darkhost activate`: each gate open and shut, on composed evidence that is signed and verified for real."""

import hashlib
import json
import shutil
import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest

from pytest_darkhost.commands.activate.authorisation import EXAMPLE, authorisation_of
from support import evidence, smokes
from support.activations import NEW, SEEDED, model, spec
from support.history import execute
from support.markdown import blocks

SLUG = SEEDED["slug"]
SLUGS = (SLUG, NEW["slug"])
KEY = "tgp_v1_canary4f8a91c27be3d605aa11bb22"
AUTHORISED = "A by alice@example.org on 2026-11-20"
FILE = "alembic/versions/0003_activate_gpt_oss_120b_together.py"


class Activating:
    """A project with a key, a catalog, and a signing key; evidence comes with the tests."""

    def __init__(self, project, url, signer):
        self.project = project
        self.root = project.root
        self.url = url
        self.signer = signer
        self.folder = project.root / "evidence"
        self.ini(f"darkhost_authorised_path = {AUTHORISED}")

    def ini(self, *lines):
        """Write the settings."""
        usual = ("darkhost_evidence = evidence", f"darkhost_key = {self.signer.path}", f"darkhost_catalog = {self.url}")
        (self.root / "pytest.ini").write_text("\n".join(("[pytest]", *usual, *lines, "")))

    def smoke(self, run=1, at=None, key=None, slugs=SLUGS, **changes):
        """Append a run, by default of yesterday and in which all is well."""
        made = smokes.report(self.root, self.url, slugs, run, at, **changes)
        return evidence.add_run(self.folder, key or self.signer, made)

    def run(self, *more, slug=SLUG):
        """Return exit code, output and errors."""
        return self.project.darkhost("activate", "--venue", "together", "--model", slug, *more)

    def gates(self, *more, slug=SLUG):
        """Return the exit code and the gates, by name."""
        code, out, err = self.run("--check", "--json", *more, slug=slug)
        assert err == "", err
        return code, {each["gate"]: each for each in json.loads(out)["gates"]}

    def gate(self, name, *more, slug=SLUG):
        """Return state and text of one gate."""
        code, found = self.gates(*more, slug=slug)
        assert code == int(any(each["state"] == "shut" for each in found.values()))
        assert all(each["to_do"] for each in found.values() if each["state"] == "shut")
        return found[name]["state"], found[name]["text"]

    @property
    def versions(self):
        """The names of the revision files."""
        return sorted(path.name for path in self.project.versions.glob("*.py"))


@pytest.fixture(scope="session")
def signer(tmp_path_factory):
    """The key of the project."""
    return evidence.signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory):
    """A key that nobody trusts."""
    return evidence.signer(tmp_path_factory.mktemp("keys"), "stranger")


@pytest.fixture
def activating(project, sqlite, signer, monkeypatch):
    """A project in which all gates but that of the evidence are open."""
    for name in ("TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOGETHER_API_KEY", KEY)
    return Activating(project, sqlite, signer)


@pytest.fixture
def ready(activating):
    """A project in which all gates are open."""
    activating.smoke()
    return activating


def test_all_gates_open(ready):
    """A line each; the revision is written, and what comes next is named; nothing is applied."""
    before = hashlib.sha256((ready.root.parent / "catalog.sqlite").read_bytes()).digest()

    code, out, err = ready.run()

    day = f"{smokes.yesterday():%Y-%m-%d}"
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"open  keys       TOGETHER_API_KEY is set; together took it in the run of {day} (line 2)",
        "open  path       path A, authorised by alice@example.org on 2026-11-20",
        f"open  evidence   the run of {day} (line 2): 5 checks passed, on this spec, row and version",
        "open  migration  revision 0003, on top of 0002",
        f"written  {FILE}",
        "Nothing is lit before somebody has reviewed, tried and applied it:",
        "  try        pytest -m migration --darkhost-alembic=alembic.ini --darkhost-since=0002",
        "  apply      alembic upgrade 0003",
        "  verify     pytest -m deployed --venue=together --darkhost-alembic=alembic.ini",
        "  roll back  alembic downgrade 0002",
    ]
    assert ready.versions[-1] == "0003_activate_gpt_oss_120b_together.py"
    text = (ready.root / FILE).read_text()
    assert "Path A was authorised by alice@example.org on 2026-11-20.\n" in text
    assert f"Proved by run {evidence.run_id(1)} of " in text
    assert hashlib.sha256((ready.root.parent / "catalog.sqlite").read_bytes()).digest() == before
    assert KEY not in out + text


def test_it_is_written_once(ready):
    """A second run says which revision is there, and what comes next; it writes no other."""
    assert ready.run()[0] == 0
    before = ready.versions

    code, out, err = ready.run()

    assert (code, err) == (0, "")
    assert f"open  migration  revision 0003 activates it already ({FILE}): nothing is written" in out
    assert "written" not in out.replace("nothing is written", "")
    assert "  roll back  alembic downgrade 0002" in out
    assert ready.versions == before


def test_a_revision_that_a_spec_names_is_one_too(ready):
    """Written by hand, tied to its target in the spec: no other is written, and what lies above it is said."""
    shutil.copy(ready.project.versions / "0002_seed.py", ready.project.versions / "0003_by_hand.py")
    path = ready.project.versions / "0003_by_hand.py"
    text = path.read_text().replace('revision = "0002"', 'revision = "0003"')
    path.write_text(text.replace('down_revision = "0001"', 'down_revision = "0002"'))
    (ready.project.versions / "0004_more.py").write_text(
        '"""More."""\nrevision = "0004"\ndown_revision = "0003"\ndef upgrade(): pass\ndef downgrade(): pass\n'
    )
    seeded = model(**SEEDED) + '    activation: {revision: "0003"}\n'
    ready.project.write_spec(spec(seeded, model(**NEW)))
    ready.smoke(2)

    code, out, _ = ready.run()

    assert code == 0, out
    assert "revision 0003 activates it already (alembic/versions/0003_by_hand.py)" in out
    assert "To roll back takes back every revision above 0003 too" in out


def test_check_writes_nothing(ready):
    """All gates are looked at, also those behind a shut one."""
    before = ready.versions

    code, out, _ = ready.run("--check")

    assert code == 0
    assert out.splitlines()[-2:] == [
        "open  migration  revision 0003, on top of 0002",
        "Nothing was written, for that is what --check says",
    ]
    ready.ini()
    code, out, _ = ready.run("--check")
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["open", "keys"],
        ["shut", "path"],
        ["open", "evidence"],
        ["shut", "migration"],
    ]
    assert code == 1
    assert ready.versions == before


def test_the_first_shut_gate_is_the_last_that_is_named(activating):
    """Whoever opens it comes again."""
    activating.ini()

    code, out, _ = activating.run()

    assert code == 1
    assert [line.split()[:2] for line in out.splitlines()] == [["open", "keys"], ["shut", "path"]]
    assert "To do: have it decided" in out


def test_json_is_for_programs(ready):
    """One object with the gates, what was written, and the commands that come next."""
    code, out, _ = ready.run("--json")

    said = json.loads(out)
    assert (code, said["open"], said["target"], said["written"]) == (0, True, f"together/{SLUG}", [FILE])
    assert [(each["gate"], each["state"], each["to_do"]) for each in said["gates"]] == [
        (name, "open", None) for name in ("keys", "path", "evidence", "migration")
    ]
    assert [each["step"] for each in said["next"]] == ["try", "apply", "verify", "roll back"]


def test_no_statement_writes(ready, monkeypatch):
    """The catalog is opened so that it cannot be written, and nothing but questions is asked of it."""
    said = []
    connect = sqlite3.connect

    def listening(*arguments, **options):
        connection = connect(*arguments, **options)
        if "mode=ro" in str(arguments[0]):
            connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", listening)

    assert ready.run()[0] == 0

    assert len(said) > 3
    assert {text.split()[0].upper() for text in said} <= {"SELECT", "PRAGMA", "BEGIN", "ROLLBACK"}


# Keys


def test_without_a_key(ready, monkeypatch):
    """The variables are named."""
    monkeypatch.delenv("TOGETHER_API_KEY")

    assert ready.gate("keys") == ("shut", "the key of together is not there, expected it in TOGETHER_API_KEY")


def test_a_malformed_key_is_not_shown(ready, monkeypatch):
    """Not even in part."""
    monkeypatch.setenv("TOGETHER_API_KEY", f"{KEY}\n")

    code, out, err = ready.run()

    assert code == 1
    assert out.startswith("shut  keys       TOGETHER_API_KEY: the key of together has a line break, expected a key")
    assert "canary" not in out + err


def test_without_evidence_credit_is_unknown(activating):
    """No call is made to find out."""
    state, text = activating.gate("keys")

    assert (state, text) == (
        "open",
        "TOGETHER_API_KEY is set; whether it is good and has credit, no evidence says: a smoke does",
    )


@pytest.mark.parametrize("kind", ["no_credit", "auth_refused", "forbidden"])
def test_the_venue_refused_the_key(activating, kind):
    """In the newest run in which it answered: that the constant which nobody accepts was refused is no refusal."""
    at = smokes.yesterday()
    bad = smokes.call(1, 1, at, SLUG, **{"error.type": kind, "http.response.status_code": 402})
    tests = [smokes.judged("chat_shape", SLUG, bad, make=evidence.failed)]
    activating.smoke(tests=tests, exit_status=1)

    state, text = activating.gate("keys")
    assert state == "shut"
    assert text.endswith(
        f"and together refused it in the run of {at:%Y-%m-%d} (line 2): together/{SLUG}/chat[1]: {kind}"
    )

    activating.smoke(2)
    assert activating.gate("keys")[0] == "open"


def test_what_another_model_may_not_is_no_refusal_of_the_key(activating):
    """Credit is the account's; permission may be a model's."""
    at = smokes.yesterday()
    other = smokes.call(1, 1, at, NEW["slug"], **{"error.type": "forbidden", "http.response.status_code": 403})
    activating.smoke(tests=[smokes.judged("chat_shape", NEW["slug"], other, make=evidence.failed)], exit_status=1)

    assert activating.gate("keys")[0] == "open"


# Path


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("", f"no schema path is authorised for together/{SLUG}, expected A, B or C with who and when"),
        (f"A for together/{NEW['slug']} by al on 2026-11-20", f"no schema path is authorised for together/{SLUG}, "),
        (
            "A for togeter by al on 2026-11-20",
            "'togeter' is no venue and no target of the specs. Did you mean 'together'",
        ),
        ("A for by alice on 2026-11-20", "'A for by alice on 2026-11-20' does not say"),
        ("\n  A by al on 2026-11-20\n  D for together by al on 2026-11-20", "'D' is no path"),
        (
            "\n  A for together by al on 2026-11-20\n  A for together by al on 2026-11-21",
            "says both 'path A for together",
        ),
        ("A", "'A' does not say which path, who and when"),
        ("A by alice on", "'A by alice on' does not say"),
        ("A by on 2026-11-20", "'A by on 2026-11-20' does not say"),
        ("a by alice on 2026-11-20", "'a' is no path, expected one of A, B, C"),
        ("D by alice on 2026-11-20", "'D' is no path"),
        ("A by alice on 2026-02-30", "2026-02-30 is no date, expected a day such as "),
        ("A by alice on 20261120", "does not say which path"),
        ("A by alice on 9999-12-31", "9999-12-31 is to come, expected a day that has been: today is "),
        ("\n  A by alice on 2026-11-20\n  B by bob on 2026-11-21", "says both 'path A, authorised by"),
        ("A by al\x1bice on 2026-11-20", "does not say which path"),
    ],
)
def test_a_path_that_is_not_authorised(ready, lines, text):
    """Missing, malformed, of a day to come, or contradicted."""
    ready.ini(f"darkhost_authorised_path = {lines}")

    state, said = ready.gate("path")

    assert state == "shut"
    assert text in said


def test_who_may_have_a_name_with_blanks(ready):
    """And another path."""
    ready.ini("darkhost_authorised_path = C by Zoë van der Berg on 2026-11-20")

    assert ready.gate("path") == ("open", "path C, authorised by Zoë van der Berg on 2026-11-20")


def test_the_narrowest_line_holds(ready):
    """A path for all, another for a venue, a third for one target; the order is none of it."""
    lines = (
        "darkhost_authorised_path =",
        f"  C for together/{SLUG} by carol on 2026-11-22",
        "  A by alice on 2026-11-20",
        "  B for together by bob on 2026-11-21",
    )
    ready.ini(*lines)
    assert ready.gate("path") == ("open", f"path C for together/{SLUG}, authorised by carol on 2026-11-22")
    assert ready.gate("path", slug=NEW["slug"])[1] == "path B for together, authorised by bob on 2026-11-21"
    ready.ini(*(line for line in lines if "together" not in line))
    assert ready.gate("path")[1] == "path A, authorised by alice on 2026-11-20"


def test_what_the_page_shows_can_be_said():
    """Both examples of docs/paths.md."""
    one, several = (block.splitlines() for block in blocks("paths.md", "ini"))
    lines = [line.removeprefix("darkhost_authorised_path =") for line in several]
    known = {"novita", "novita/kimi-k2-novita", "together"}
    today = date(2026, 11, 26)

    said = {
        target: str(authorisation_of(lines, target, known, today)).split(",")[0]
        for target in ("together/x", "novita/x", "novita/kimi-k2-novita")
    }

    assert said == {
        "together/x": "path A",
        "novita/x": "path B for novita",
        "novita/kimi-k2-novita": "path A for novita/kimi-k2-novita",
    }
    assert one == [f"darkhost_authorised_path = {EXAMPLE}"]


def test_a_decision_of_today_counts():
    """It need not be a day old."""
    today = date(2026, 11, 20)

    assert str(authorisation_of((AUTHORISED,), "together/x", (), today)) == (
        "path A, authorised by alice@example.org on 2026-11-20"
    )


# Evidence


def test_no_folder_is_named(activating):
    """The commands that make one are told."""
    activating.ini(f"darkhost_authorised_path = {AUTHORISED}")
    text = (activating.root / "pytest.ini").read_text().replace("darkhost_evidence = evidence\n", "")
    (activating.root / "pytest.ini").write_text(text)

    code, found = activating.gates()

    assert code == 1
    assert found["evidence"]["text"] == "no evidence is named, expected the folder of a live run"
    assert found["evidence"]["to_do"] == "pytest -m live --venue=together --darkhost-evidence=evidence"


def test_no_folder_is_there(activating):
    """Nobody has smoked yet."""
    state, text = activating.gate("evidence")

    assert state == "shut"
    assert text.endswith(
        "evidence: no directory, expected an evidence folder, which holds bundle.intoto.jsonl (folder)"
    )


def test_of_another_target(activating):
    """A run that judged only another model says nothing of this one; nor does one in which this one was not run."""
    activating.smoke(slugs=(NEW["slug"],), tests=list(smokes.tests_of((NEW["slug"],), 1, smokes.yesterday()))[:3])
    assert activating.gate("evidence") == ("shut", f"evidence: no run judged together/{SLUG}, expected a live one")

    at = smokes.yesterday(2)
    activating.smoke(2, tests=[smokes.judged("chat_shape", NEW["slug"], smokes.call(2, 1, at, NEW["slug"]))])
    assert activating.gate("evidence") == ("shut", f"evidence: no run judged together/{SLUG}, expected a live one")


def flawed(activating, *more):
    """Return what the gate says of the newest run, which must be shut."""
    state, text = activating.gate("evidence", *more)
    assert state == "shut"
    return text.partition("does not do: ")[2] or text


def test_a_check_that_failed(ready):
    """Of the target."""
    at = smokes.yesterday(2)
    tests = list(smokes.tests_of(SLUGS, 2, at))
    tests[0] = smokes.judged("chat_shape", SLUG, smokes.call(2, 1, at, SLUG), make=evidence.failed)
    ready.smoke(2, at, tests=tests, exit_status=1)

    assert flawed(ready) == f"1 failed: {SLUG}::chat_shape[live]"


def test_a_check_of_the_venue_that_failed(ready):
    """It is a check of the target's host."""
    at = smokes.yesterday(2)
    tests = list(smokes.tests_of(SLUGS, 2, at))
    tests[-1] |= {"outcome": "failed", "call": {"duration": 0.1, "outcome": "failed"}}
    ready.smoke(2, at, tests=tests, exit_status=1)

    assert flawed(ready) == "1 failed: refused_key[live]"


def test_a_check_of_another_target_that_failed(activating):
    """Is no matter of this one."""
    at = smokes.yesterday()
    tests = list(smokes.tests_of(SLUGS, 1, at))
    tests[3] = smokes.judged("chat_shape", NEW["slug"], smokes.call(1, 1, at, NEW["slug"]), make=evidence.failed)
    activating.smoke(1, at, tests=tests, exit_status=1)

    assert activating.gate("evidence")[0] == "open"
    assert activating.gate("evidence", slug=NEW["slug"])[0] == "shut"


def test_a_check_that_was_not_judged(ready):
    """Nor is it proof that most of it is: a narrowed run, and one in which a check was skipped."""
    at = smokes.yesterday(2)
    tests = list(smokes.tests_of(SLUGS, 2, at))[1:]
    skipped = evidence.skipped("latency_warm", "client_busy") | {"nodeid": smokes.node_id("latency_warm", SLUG)}
    skipped["metadata"]["darkhost"] |= {"venue": "together", "model": SLUG}
    tests[0] = skipped
    ready.smoke(2, at, tests=tests)

    assert flawed(ready) == f"1 not judged: {SLUG}::latency_warm[live]; 1 not run: {SLUG}::chat_shape[live]"


def test_a_check_that_does_not_apply(activating):
    """The spec declares it: nothing is missing."""
    at = smokes.yesterday()
    tests = list(smokes.tests_of(SLUGS, 1, at))
    tests[1] = evidence.skipped("latency_warm", "not_applicable") | {"nodeid": smokes.node_id("latency_warm", SLUG)}
    tests[1]["metadata"]["darkhost"] |= {"venue": "together", "model": SLUG}
    activating.smoke(1, at, tests=tests)

    assert activating.gate("evidence")[1].endswith(": 4 checks passed, on this spec, row and version")


def test_a_record_is_no_evidence(ready):
    """The newest run decides, whatever came before it."""
    vcs = evidence.record(1)["vcs"] | {"dirty": True, "changes": ["a.py"]}
    ready.smoke(2, vcs=vcs)

    assert flawed(ready) == "it is no evidence: dirty"


def test_a_run_that_was_never_closed(ready):
    """A run that is killed hides what it saw: it is not passed over."""
    made = smokes.report(ready.root, ready.url, SLUGS, 2)
    with evidence.Bundle.open(ready.folder, ready.signer, clock=evidence.Clock(smokes.yesterday(2))) as bundle:
        bundle.open_run(made["darkhost"])

    assert flawed(ready) == "it was opened and never closed: killed, or at work still"
    ready.smoke(3)
    assert ready.gate("evidence")[0] == "open"


def test_another_spec(ready):
    """Whatever was changed in the file."""
    ready.project.write_spec(spec(model(**SEEDED, price="0.16"), model(**NEW)))

    assert flawed(ready).startswith("the spec was changed since (")


def test_another_row(ready):
    """Or another base URL of the provider."""
    execute(ready.url, "UPDATE models SET brand = 'acme' WHERE slug = 'gpt-oss-120b-together'")
    assert flawed(ready).startswith("the catalog's row, or its provider's, was changed since (")
    execute(ready.url, "UPDATE models SET brand = 'openai' WHERE slug = 'gpt-oss-120b-together'")
    assert ready.gate("evidence")[0] == "open"
    execute(ready.url, "UPDATE providers SET base_url = 'https://other.example' WHERE slug = 'together'")
    assert flawed(ready).startswith("the catalog's row, or its provider's, was changed since (")


def test_a_row_that_is_lit(ready):
    """There is nothing to activate."""
    execute(ready.url, "UPDATE models SET active = true WHERE slug = 'gpt-oss-120b-together'")

    code, found = ready.gates()

    assert code == 1
    assert found["evidence"]["state"] == "shut"
    assert found["evidence"]["text"] == f"{SLUG} is lit already in {ready.url}, expected a dark row"
    assert found["evidence"]["to_do"] == "pytest -m deployed --venue=together"


def test_another_version(activating):
    """Its checks may be others."""
    activating.smoke(invocation={"arguments": [], "plugins": {}, "packages": {"pytest-darkhost": "0.0.9"}})

    assert flawed(activating).startswith("the package was changed since (0.0.9 is ")


def test_a_report_that_does_not_say(activating):
    """One of an earlier version of this package, or of a stranger shape."""
    activating.smoke(
        catalog=evidence.record(1)["catalog"]
        | {"rows": [{"name": 1}, None, {"name": f"together/{SLUG}", "digest": 2}]},
        invocation=None,
    )

    assert flawed(activating) == (
        "its report does not say of which version the package was; "
        "its report does not say what the catalog held of the target"
    )


def test_a_catalog_that_cannot_be_read(ready):
    """There is no row to compare with."""
    code, found = ready.gates("--catalog", "sqlite:///nowhere.sqlite")

    assert code == 1
    assert (
        "the catalog's row cannot be compared: catalog sqlite:///nowhere.sqlite: there is no file"
        in (found["evidence"]["text"])
    )
    ready.ini("darkhost_catalog_names =", f"darkhost_authorised_path = {AUTHORISED}")
    text = (ready.root / "pytest.ini").read_text().replace(f"darkhost_catalog = {ready.url}", "darkhost_catalog = none")
    (ready.root / "pytest.ini").write_text(text)
    assert flawed(ready).endswith("no catalog is named, expected the database with the row")
    assert "or give --catalog" in ready.gates()[1]["evidence"]["to_do"]


def test_stale_evidence(activating):
    """Seven days, or what ini or the command line says; none of a day to come."""
    activating.smoke(at=datetime.now(UTC) - timedelta(days=8))
    assert flawed(activating).startswith("it is of 20")
    assert flawed(activating).endswith("Z, expected one of the last 7 days")
    assert activating.gate("evidence", "--max-age", "9")[0] == "open"
    activating.ini("darkhost_evidence_max_age_days = 9", f"darkhost_authorised_path = {AUTHORISED}")
    assert activating.gate("evidence")[0] == "open"

    activating.smoke(2, datetime.now(UTC) + timedelta(days=3))
    assert ", which is to come: the clock says " in flawed(activating)


def test_an_edited_report(ready):
    """Its bytes are not those that were signed: the folder is refused as `darkhost verify` refuses it."""
    (path,) = (ready.folder / "reports").iterdir()
    path.write_text(path.read_text().replace('"verdict":"passed"', '"verdict":"failed"', 1))

    text = flawed(ready)

    assert text.endswith("is not the report that was signed, expected its bytes (subject)")
    assert ready.project.darkhost("verify", "evidence", "--key", str(ready.signer.path.with_suffix(".pub")))[0] == 1


def test_a_foreign_key(activating, stranger):
    """Who signs is not who is trusted."""
    activating.smoke(key=stranger)
    assert ": signed by key " in flawed(activating)

    public = str(stranger.path.with_suffix(".pub"))
    assert activating.gate("evidence", "--key", public)[0] == "open"


def test_an_answer_that_was_shown_before(ready):
    """The same answers in a second run: they are none of it."""
    at = smokes.yesterday(2)
    ready.smoke(2, at, tests=list(smokes.tests_of(SLUGS, 1, at)))

    assert flawed(ready) == "it is no evidence: foreign_id"


def test_a_replay(activating):
    """Answers from a cassette."""
    at = smokes.yesterday()
    tests = list(smokes.tests_of(SLUGS, 1, at))
    for test in tests:
        for probe in test["metadata"]["darkhost"]["probes"]:
            probe["mode"] = "replay"
    activating.smoke(1, at, tests=tests)

    assert "replayed" in flawed(activating)


def test_lines_that_were_cut_off(ready):
    """A later run that failed is gone, and only who noted the head can tell."""
    at = smokes.yesterday(2)
    tests = [smokes.judged("chat_shape", SLUG, smokes.call(2, 1, at, SLUG), make=evidence.failed)]
    head = ready.smoke(2, at, tests=tests, exit_status=1).head
    evidence.write_lines(ready.folder, evidence.line_bytes(ready.folder)[:2])
    (ready.folder / "reports" / f"0004-{evidence.run_id(2)}.json").unlink()

    assert ready.gate("evidence")[0] == "open"
    assert flawed(ready, "--head", head).endswith("lines were cut off, or it is another chain (head)")


def test_no_public_key_is_named(ready):
    """That of a private key elsewhere is not guessed."""
    text = (ready.root / "pytest.ini").read_text().replace(f"darkhost_key = {ready.signer.path}\n", "")
    (ready.root / "pytest.ini").write_text(text)
    assert flawed(ready) == "evidence: no public key is named that verifies it"

    (ready.root / "pytest.ini").write_text(f"{text}darkhost_public_key = {ready.signer.path.with_suffix('.pub')}\n")
    assert ready.gate("evidence")[0] == "open"


# Migration


def test_what_new_activation_refuses_is_a_shut_gate(ready):
    """With all reasons in one line, and nothing written."""
    ready.project.write_spec(spec(model(**SEEDED, prior="null", allowed="null"), model(**NEW)))
    ready.smoke(2)
    before = ready.versions

    code, out, _ = ready.run()

    assert code == 1
    last = out.splitlines()[-1]
    assert last.startswith(
        f"shut  migration  venue_specs/together.yaml:8: {SLUG}: the router would not enrol the row: "
    )
    assert last.count("the router would not enrol the row") == 2
    assert ready.versions == before


def test_a_folder_that_cannot_be_written(ready, monkeypatch):
    """One line, and nothing half-written."""
    from pytest_darkhost.commands.activate import walk

    def refused(*_arguments):
        raise PermissionError(13, "Permission denied", "alembic/versions/.darkhost-x")

    monkeypatch.setattr(walk, "place", refused)
    before = ready.versions

    code, out, err = ready.run()

    assert (code, err) == (1, "")
    assert out.splitlines()[-1] == (
        "shut  migration  alembic/versions/.darkhost-x: Permission denied, expected a place that can be written. "
        "To do: mend that: nothing was written"
    )
    assert ready.versions == before
    assert [path for path in ready.project.versions.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_is_there_already(ready, monkeypatch):
    """Another's file of the same name, written meanwhile, is not overwritten."""
    from pytest_darkhost.commands.activate import walk

    place = walk.place

    def beaten(files, directory):
        (ready.root / FILE).write_text("# another's\n")
        return place(files, directory)

    monkeypatch.setattr(walk, "place", beaten)

    code, out, _ = ready.run()

    assert code == 1
    assert f"{FILE}: the file is there already, expected none. It stays as it was" in out
    assert (ready.root / FILE).read_text() == "# another's\n"


def test_a_history_that_cannot_be_read(ready):
    """It is the last gate that is shut: nothing is put on top of it."""
    (ready.root / FILE).write_text("# no revision\n")

    state, text = ready.gate("migration")

    assert state == "shut"
    assert text.endswith("expected a history that Alembic can read")


@pytest.mark.parametrize("path", ["B", "C"])
def test_paths_b_and_c_bring_their_schema(ready, path):
    """Two revisions: the schema, and the activation on top; each is taken back by its name."""
    ready.ini(f"darkhost_authorised_path = {path} by alice@example.org on 2026-11-20")
    slug = NEW["slug"] if path == "B" else SLUG
    code, out, err = ready.run(slug=slug)

    assert (code, err) == (0, ""), out
    written = [line.split()[1] for line in out.splitlines() if line.startswith("written")]
    assert len(written) == 2
    assert "open  migration  revision 0003 and 0004, on top of 0002" in out
    assert "--darkhost-since=0002" in out
    assert "  roll back  alembic downgrade 0003" in out


# Usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--venue", "togeter", "--model", SLUG), "'togeter' is no known venue, expected one of together. Did you"),
        (("--venue", "together", "--model", "gpt-oss-120b-togeter"), f"expected one of {SLUG}, new-together. Did you"),
        (("--venue", "*", "--model", SLUG), None),
        (("--venue", "together", "--model", SLUG, "--accept", "no_audit", "--accept", "all"), "--accept all: 'all'"),
        (("--venue", "together", "--model", SLUG, "--head", "abc"), "--head 'abc': no SHA-256"),
        (("--venue", "together", "--model", SLUG, "--key", "nowhere.pub"), "nowhere.pub: "),
        (("--venue", "together", "--model", SLUG, "--evidence", "nowhere"), "nowhere: no directory, expected an evi"),
        (("--venue", "together", "--model", SLUG, "--specs", "nowhere"), "nowhere: there is no spec file"),
    ],
)
def test_what_cannot_be_used(ready, arguments, message):
    """Near names, one line, exit code 2, and no gate."""
    if message is None:
        ready.project.write_spec(spec(model(slug="a-novita", upstream="a", brand="b"), venue="novita"), "novita")
        message = "--venue=*: it names novita, together, expected one venue"
    code, out, err = ready.project.darkhost("activate", *arguments)

    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "99999"])
def test_days_that_are_none(ready, days, capsys):
    """On the command line, and in ini."""
    with pytest.raises(SystemExit) as raised:
        ready.project.darkhost("activate", "--venue", "together", "--model", SLUG, f"--max-age={days}")
    assert raised.value.code == 2
    ready.ini(f"darkhost_evidence_max_age_days = {days}")
    code, _, err = ready.run()
    assert code == 1
    assert err.startswith(f"darkhost_evidence_max_age_days: '{days}' is no number of days, expected such as 7")


def test_a_broken_spec(ready):
    """With its line, as everywhere."""
    ready.project.write_spec("venue: together\ncolour: red\n")

    code, out, err = ready.run()

    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith("venue_specs/together.yaml:")
