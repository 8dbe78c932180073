"""`darkhost doctor` says what is here, what is missing, and what to do; it shows no key and sends nothing."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine

ROOT = Path(__file__).parents[2]
KEY = "sk-canary-4f8a91c27be3d605"


def found(darkhost, *arguments):
    """Return exit code and findings, as JSON has them."""
    said = darkhost("doctor", "--json", *arguments)
    return said.code, json.loads(said.out)["findings"]


def of(findings, area):
    """Return the findings of one area, as pairs of state and text."""
    return [(each["state"], each["text"]) for each in findings if each["area"] == area]


def test_an_empty_directory_lacks_specs(darkhost, here):
    """It says what to type, and exits with 1."""
    code, findings = found(darkhost)

    assert code == 1
    (specs,) = [each for each in findings if each["area"] == "specs"]
    assert specs["state"] == "wrong"
    assert specs["to_do"] == "darkhost init, or darkhost new venue NAME"


def test_a_new_project_has_nothing_wrong(darkhost, here):
    """What it lacks yet is a note: cassettes, a commit."""
    darkhost("init")
    code, findings = found(darkhost)

    assert code == 0
    assert of(findings, "specs") == [("fine", "local: 1 model, all sound")]
    assert of(findings, "cassettes") == [("note", "local: 0 of 2: 2 missing")]
    assert of(findings, "settings") == [("fine", str(here / "pytest.ini"))]


def test_every_note_says_what_to_do(darkhost, here):
    """Whatever is not fine comes with a step."""
    darkhost("init", "--venue", "local,together")
    _, findings = found(darkhost)

    assert [each for each in findings if each["state"] == "note" and not each["to_do"]] == []


def test_keys_are_named_and_never_shown(darkhost, here, monkeypatch):
    """Present, absent and malformed ones are told apart; no part of any is in either form of the output."""
    darkhost("init", "--venue", "together,groq,novita")
    for name in ("TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN", "NOVITA_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOGETHER_API_KEY", KEY)
    monkeypatch.setenv("GROQ_API_KEY", f"{KEY}\n")
    code, findings = found(darkhost)
    shown = darkhost("doctor")

    assert code == shown.code == 1
    assert of(findings, "keys") == [
        ("wrong", "GROQ_API_KEY: the key of groq has a line break, expected a key on one line. Set the variable anew"),
        ("note", "novita: NOVITA_API_KEY is not set"),
        ("fine", "together: TOGETHER_API_KEY is set"),
    ]
    assert "canary" not in json.dumps(findings) + shown.out + shown.err


def test_a_broken_spec_hides_no_other(darkhost, here):
    """Each mistake has its line, and what is sound is examined none the less."""
    darkhost("init")
    (here / "venue_specs/bad.yaml").write_text("venue: bad\ncolour: red\nshape: round\n")
    code, findings = found(darkhost)

    assert code == 1
    texts = [text for state, text in of(findings, "specs") if state == "wrong"]
    assert any(text.startswith("venue_specs/bad.yaml:2: colour: ") for text in texts)
    assert any(text.startswith("venue_specs/bad.yaml:3: shape: ") for text in texts)
    assert ("fine", "local: 1 model, all sound") in of(findings, "specs")


def test_a_catalog_is_read_and_its_revision_told(darkhost, here, tmp_path, monkeypatch):
    """So are dark rows that no spec is there for."""
    darkhost("init", "--venue", "together")
    monkeypatch.setenv("DARKHOST_CATALOG_URL", f"sqlite:///{catalog(tmp_path / 'catalog.db')}")
    _, findings = found(darkhost)
    (state, text), *more = of(findings, "catalog")

    assert state == "fine"
    assert "catalog.db at 00" in text
    assert any("dark models have no spec" in text and "gpt-oss-120b-groq" in text for _, text in more)


def catalog(path):
    """Write the reference catalog into a file, with the revision that Alembic would have written."""
    from pytest_darkhost.catalog.reference import _upgrade

    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _upgrade(connection)
    engine.dispose()
    return path


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///nowhere.db", "there is no file 'nowhere.db'"),
        ("postgresql+psycopg://me:canary-secret@127.0.0.1:1/x", "127.0.0.1"),
        ("canary-secret", "it is not a database URL"),
    ],
)
def test_a_catalog_that_cannot_be_read_is_wrong(darkhost, here, monkeypatch, url, words):
    """The password of its URL is not shown."""
    darkhost("init")
    monkeypatch.setenv("DARKHOST_CATALOG_URL", url)
    code, findings = found(darkhost)
    ((state, text),) = of(findings, "catalog")

    assert (code, state) == (1, "wrong")
    assert words in text
    assert "canary-secret" not in json.dumps(findings)


def test_cassettes_are_looked_at_file_by_file(darkhost, here):
    """A changed spec and age are notes; a file that cannot be read, or is of no target, is wrong."""
    darkhost("init")
    shutil.copytree(ROOT / "cassettes/local", here / "cassettes/local")
    (here / "cassettes/local/other.yaml").write_text("x: 1\n")
    (here / "cassettes/local/@venue.yaml").write_text("not: ours\n")
    code, findings = found(darkhost)
    texts = {text: state for state, text in of(findings, "cassettes")}

    assert code == 1
    assert texts["cassettes/local/other.yaml: of no target in any spec"] == "wrong"
    assert any(text.startswith("cassettes/local/@venue.yaml: ") and texts[text] == "wrong" for text in texts)
    assert any(text.startswith("local: 1 of 1") and "1 of another spec" in text for text in texts)


def test_age_is_counted_in_days(darkhost, here):
    """`--max-age` says from when on."""
    darkhost("init")
    shutil.copytree(ROOT / "cassettes/local", here / "cassettes/local")
    for file in (here / "cassettes/local").iterdir():
        text = file.read_text(encoding="utf-8")
        line = next(line for line in text.splitlines() if "recorded_at:" in line)
        file.write_text(text.replace(line, "  recorded_at: '2020-01-01T00:00:00+00:00'"), encoding="utf-8")
    _, findings = found(darkhost, "--max-age", "1000")

    assert any("2 older than 1000 days" in text for _, text in of(findings, "cassettes"))


def test_what_a_spec_needs_is_wrong_when_it_is_missing(darkhost, here, monkeypatch):
    """The local venue without its extra."""
    from pytest_darkhost.commands.doctor import around

    darkhost("init")
    monkeypatch.setattr(around, "find_spec", lambda _name: None)
    code, findings = found(darkhost)

    assert code == 1
    assert ("wrong", "local is not installed: the local venues' language model") in of(findings, "extras")


def test_the_key_of_the_evidence_is_tried(darkhost, here):
    """There or not, and whether it signs; nothing of it is shown, and nothing is appended."""
    darkhost("init")
    none = of(found(darkhost)[1], "evidence")
    with (here / "pytest.ini").open("a") as ini:
        ini.write("darkhost_evidence = evidence\ndarkhost_key = darkhost.pem\n")
    absent = of(found(darkhost)[1], "evidence")
    darkhost("key", "new")
    ready = of(found(darkhost)[1], "evidence")
    (here / "darkhost.pem").write_text("canary")
    broken = found(darkhost)[1]

    assert [state for ((state, _),) in (none, absent, ready, of(broken, "evidence"))] == [
        "fine",
        "wrong",
        "fine",
        "wrong",
    ]
    assert "live runs are signed into" in ready[0][1]
    assert not (here / "evidence").exists()
    assert "canary" not in json.dumps(broken)


def test_what_an_activation_goes_by_is_read(darkhost, here):
    """Who authorised which path, and which key verifies; a project that says nothing of it hears nothing."""
    darkhost("init")
    darkhost("key", "new")
    silent = of(found(darkhost)[1], "activation")
    ini = here / "pytest.ini"
    before = ini.read_text()
    decided = "darkhost_authorised_path = A for local by alice@example.org on 2026-01-02\n"
    ini.write_text(f"{before}{decided}darkhost_public_key = darkhost.pub\n")
    ready = of(found(darkhost)[1], "activation")
    ini.write_text(f"{before}{decided.replace('local', 'lokal')}darkhost_public_key = darkhost.pem\n")
    code, findings = found(darkhost)

    assert silent == []
    assert ready[0] == ("fine", "path A for local, authorised by alice@example.org on 2026-01-02")
    assert ready[1][0] == "fine"
    assert ready[1][1].startswith("evidence is verified by the key ")
    assert code == 1
    wrong = of(findings, "activation")
    assert [state for state, _ in wrong] == ["wrong", "wrong"]
    assert "Did you mean 'local'?" in wrong[0][1]
    assert "darkhost.pem: " in wrong[1][1]


def test_the_adapter_of_the_team_is_named(darkhost, here):
    """With the file that gives it."""
    darkhost("init")
    (here / "conftest.py").write_text("def pytest_darkhost_adapter(venue, http_client):\n    return None\n")
    _, findings = found(darkhost)

    assert of(findings, "adapter") == [("fine", "pytest_darkhost_adapter of conftest.py")]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("conftest.py", "import nonsense_that_is_not_there\n", "nonsense_that_is_not_there"),
        ("pytest.ini", "[pytest]\ndarkhost_max_cost_usd = much\n", "darkhost_max_cost_usd: 'much' is not an amount"),
        ("pytest.ini", "[pytest\n", "pytest.ini"),
    ],
)
def test_settings_that_cannot_be_read_are_one_finding(darkhost, here, name, text, words):
    """Pytest's own complaint is passed on, without a traceback."""
    (here / name).write_text(text)
    code, findings = found(darkhost)
    ((state, told),) = of(findings, "settings")

    assert (code, state) == (1, "wrong")
    assert words in told


def test_git_says_which_commit_and_what_is_not_committed(darkhost, here):
    """A report names a commit, so it should be all of the code. What Python writes when it reads that is none."""
    darkhost("init")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *arguments], cwd=here, check=True)
    (here / "__pycache__").mkdir(exist_ok=True)
    (here / "__pycache__/conftest.cpython-311.pyc").write_bytes(b"")
    clean = of(found(darkhost)[1], "git")
    (here / "new.txt").write_text("")
    dirty = of(found(darkhost)[1], "git")

    assert [state for state, _ in clean] == ["fine"]
    assert dirty[0][1].endswith("1 file is not committed")


@pytest.mark.parametrize("columns", ["40", "200"])
def test_a_narrow_terminal_loses_nothing(darkhost, here, monkeypatch, columns):
    """Lines are left to the terminal to wrap; there is no colour without a terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    darkhost("init")
    said = darkhost("doctor")

    assert "cassettes  local: 0 of 2: 2 missing" in said.out
    assert "to do: pytest -m live --venue=local --darkhost-record" in said.out
    assert "\x1b" not in said.out


def test_a_number_of_days_is_a_number(darkhost, here):
    """Usage: exit 2."""
    said = darkhost("doctor", "--max-age", "soon")

    assert said.code == 2
    assert "'soon' is no number of days" in said.err


def test_nothing_that_the_repository_configures_is_run(darkhost, here):
    """A watcher that git would start to see what has changed is not started by a look around."""
    for arguments in (["init", "-q"], ["config", "core.fsmonitor", "touch started; false"]):
        subprocess.run(["git", *arguments], cwd=here, check=True)
    commit = ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x", "--allow-empty"]
    subprocess.run(["git", "-c", "core.fsmonitor=false", *commit], cwd=here, check=True)

    found(darkhost)

    assert not (here / "started").exists()
