"""`darkhost init` makes a repository ready, and overwrites nothing."""

import os
import tomllib
from pathlib import Path

import pytest
import yaml

from pytest_darkhost.commands.placing import Draft, place
from pytest_darkhost.commands.shipped import shipped_specs
from pytest_darkhost.errors import UsageError
from pytest_darkhost.specs.loader import load_venue

FILES = {
    "venue_specs/local.yaml",
    "venue_specs/example.yaml.txt",
    "venue_specs/venue-spec.schema.json",
    "conftest.py",
    "pytest.ini",
    ".github/workflows/darkhost.yml",
    ".gitignore",
}


def files(directory: Path) -> dict[str, bytes]:
    """Return all files below a directory."""
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_an_empty_directory_becomes_a_project(darkhost, here):
    """Every file that a first run needs is there, and what to type next is said."""
    said = darkhost("init")

    assert said.code == 0, said.err
    assert set(files(here)) == FILES
    assert "pytest -m live --venue=local" in said.out


def test_what_it_writes_collects(darkhost, pytester, monkeypatch):
    """Pytest finds the local venue in it, and every ini key is known."""
    monkeypatch.chdir(pytester.path)
    darkhost("init")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--collect-only", "-q", "--strict-config")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["venue_specs/local.yaml::smollm2-135m-local::base_url_parity?catalog?"])


def test_a_replay_without_cassettes_says_what_to_record(darkhost, pytester, monkeypatch):
    """It is not green: nothing was judged."""
    monkeypatch.chdir(pytester.path)
    darkhost("init")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Record them with: pytest -m live --venue=local --darkhost-record"])


def test_a_second_time_changes_nothing(darkhost, here):
    """It may be typed again."""
    darkhost("init")
    before = files(here)
    said = darkhost("init")

    assert said.code == 0
    assert files(here) == before
    assert said.out.count("left ") == len(FILES)


def test_a_dry_run_prints_and_writes_nothing(darkhost, here):
    """Each file with its text."""
    said = darkhost("init", "--dry-run")

    assert said.code == 0
    assert files(here) == {}
    assert "# would be written  pytest.ini" in said.out
    assert "venue: local" in said.out


def test_files_that_are_there_stay(darkhost, here):
    """A file of the user's own is left, and that is said."""
    (here / "conftest.py").write_text("MINE = 1\n")
    (here / ".gitignore").write_text("*.log")
    said = darkhost("init")

    assert (here / "conftest.py").read_text() == "MINE = 1\n"
    assert "left     conftest.py: it was there before" in said.out
    assert (here / ".gitignore").read_text() == "*.log\n.darkhost/\n"


PYPROJECT = (
    '# mine\n[project]\nname = "x"  # kept\n\n[tool.pytest.ini_options]\naddopts = "-ra"\n\n[tool.x]\ny = [1,\n 2]\n'
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", PYPROJECT),
        ("pyproject.toml", PYPROJECT.replace("\n", "\r\n")),
        ("pyproject.toml", '[project]\nname = "x"'),
        ("pyproject.toml", '[tool.pytest]\naddopts = ["-ra"]\n'),
        ("pytest.toml", '[pytest]\naddopts = ["-ra"]\n'),
        ("pytest.ini", "[pytest]\naddopts = -ra\n"),
        ("pytest.ini", ""),
        ("tox.ini", "[tox]\nenvlist = a\n[pytest]\naddopts = -ra\n    -q"),
        ("setup.cfg", "[metadata]\nname = x\n[tool:pytest]\naddopts = -ra"),
    ],
)
def test_settings_go_where_pytest_reads_them(darkhost, here, name, text):
    """All that was there stays, byte by byte: the new lines are one block."""
    (here / name).write_bytes(text.encode())
    said = darkhost("init")
    made = (here / name).read_bytes().decode()

    assert said.code == 0, said.err
    assert f"added to {name}" in said.out
    assert not (name != "pytest.ini" and (here / "pytest.ini").exists())
    assert "asyncio_default_fixture_loop_scope" in made
    cut = next(i for i in range(len(text) + 1) if text[:i] + made[i : i + len(made) - len(text)] + text[i:] == made)
    assert made[cut:].strip()
    if name.endswith(".toml"):
        tomllib.loads(made)
    assert darkhost("init").out.count("left ") == len(FILES)


def test_a_setting_of_the_user_s_own_stays(darkhost, here):
    """What is set already is neither repeated nor changed."""
    (here / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = session\n")
    said = darkhost("init")
    text = (here / "pytest.ini").read_text()

    assert text.count("asyncio_default_fixture_loop_scope") == 1
    assert "asyncio_default_fixture_loop_scope left as before" in said.out
    assert "darkhost_max_cost_usd = 0.10" in text


@pytest.mark.parametrize(
    "text",
    [
        '[tool]\npytest.ini_options = {addopts = "-ra"}\n',
        "[tool.pytest.ini_options\n",
        'x = """\n[tool.pytest.ini_options]\n"""\n',
    ],
)
def test_a_file_that_cannot_be_added_to_is_left(darkhost, here, text):
    """The lines are printed instead, to be put in by hand."""
    (here / "pyproject.toml").write_text(text)
    said = darkhost("init")

    assert said.code == 0
    assert (here / "pyproject.toml").read_text() == text
    assert "add by hand:" in said.out
    assert 'darkhost_max_cost_usd = "0.10"' in said.out


def test_shipped_specs_are_copied_by_name(darkhost, here):
    """They are sound in their new place, and their keys are secrets of the workflow."""
    said = darkhost("init", "--venue", "together,groq")

    assert said.code == 0
    for name in ("together", "groq"):
        assert load_venue(here / f"venue_specs/{name}.yaml", here).spec.venue == name
    assert not (here / "venue_specs/local.yaml").exists()
    jobs = yaml.safe_load((here / ".github/workflows/darkhost.yml").read_text())["jobs"]
    environment = next(step["env"] for step in jobs["live"]["steps"] if "env" in step)
    assert environment["GROQ_API_KEY"] == "${{ secrets.GROQ_API_KEY }}"
    assert "TOGETHER_API_KEY" in environment


def test_every_shipped_spec_can_be_copied(darkhost, here):
    """Ten hosted ones and two local ones."""
    assert len(shipped_specs()) == 12
    assert darkhost("init", "--venue", ",".join(shipped_specs())).code == 0
    assert darkhost("validate", "venue_specs").out.count("fine") == 12


def test_the_example_is_sound_once_it_is_renamed(darkhost, here):
    """What is to be filled in validates as it is."""
    darkhost("init")
    (here / "venue_specs/example.yaml.txt").rename(here / "venue_specs/example.yaml")

    assert darkhost("validate", "venue_specs/example.yaml").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--venue", "togehter"), "togehter: no spec of this venue is shipped, expected one of anthropic"),
        (("nowhere",), "nowhere: no directory, expected the one of a repository"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(darkhost, here, arguments, words):
    """Unknown names get near ones."""
    said = darkhost("init", *arguments)

    assert said.code == 2
    assert said.err.startswith(words)
    assert len(said.err.splitlines()) == 1
    assert files(here) == {}


def test_a_place_that_is_a_file_leaves_nothing_behind(darkhost, here):
    """Where one file cannot be written, none is."""
    (here / ".github").write_text("")
    said = darkhost("init")

    assert said.code == 1
    assert "darkhost.yml" in said.err
    assert set(files(here)) == {".github"}


def test_names_with_blanks_and_umlauts(darkhost, here):
    """A directory may be called anything."""
    (here / "mein Verzeichnis ä").mkdir()

    assert darkhost("init", "mein Verzeichnis ä").code == 0
    assert set(files(here / "mein Verzeichnis ä")) == FILES


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_in_the_middle_is_taken_back(darkhost, here, monkeypatch, error):
    """A full disk, or an interrupt: every file is as before, and no directory is left."""
    (here / ".gitignore").write_text("*.log\n")
    real, placed = os.replace, []

    def replace(source, target):
        placed.append(target)
        if len(placed) == len(FILES):
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    said = darkhost("init")

    assert said.code == 1
    assert ("No space left on device" in said.err) is isinstance(error, OSError)
    assert files(here) == {".gitignore": b"*.log\n"}
    assert [path.name for path in here.iterdir()] == [".gitignore"]


def test_a_file_that_was_changed_meanwhile_stops_all(tmp_path):
    """Nothing is written over what somebody else has just written, and what was put in place is taken back."""
    changed = tmp_path / "b"
    changed.write_text("theirs")

    with pytest.raises(UsageError, match="it was changed meanwhile"):
        place([Draft(tmp_path / "a", "ours"), Draft(changed, "ours", "before")])
    assert files(tmp_path) == {"b": b"theirs"}
