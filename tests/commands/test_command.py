"""The console command `darkhost`."""

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_darkhost.__main__ import main

SPECS = Path(__file__).parents[2] / "venue_specs"


def test_validate_names_each_sound_spec(capsys):
    """A directory or files; exit 0 when all are sound."""
    assert main(["validate", str(SPECS)]) == 0
    assert capsys.readouterr().out.count(", fine\n") == 12


def test_validate_reports_all_mistakes(tmp_path, capsys, monkeypatch):
    """Each with its line, in one go; exit 1."""
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text("venue: bad\ncolour: red\nshape: round\n")

    assert main(["validate", "bad.yaml"]) == 1
    text = capsys.readouterr().err
    assert "bad.yaml:2: colour: " in text
    assert "bad.yaml:3: shape: " in text


def test_schema_prints_what_is_committed(capsys):
    """Editors and the package agree."""
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == (SPECS.parent / "pytest_darkhost/venue-spec.schema.json").read_text()


@pytest.mark.parametrize("arguments", [[], ["--version"], ["nonsense"]])
def test_usage(arguments):
    """`python -m pytest_darkhost` is the same command."""
    command = [sys.executable, "-m", "pytest_darkhost", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert result.returncode == (0 if arguments == ["--version"] else 2)
    assert "darkhost" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_cassettes_says_of_each_what_it_is(capsys, monkeypatch):
    """Origin, time, run, URL and whether the spec is the same, whole also in a narrow terminal."""
    monkeypatch.chdir(SPECS.parent)
    monkeypatch.setenv("COLUMNS", "40")

    assert main(["cassettes"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["cassette", "origin", "recorded", "age", "run", "base", "URL", "version", "spec"]
    assert {row.split()[1] for row in rows} == {"composed", "recorded"}
    assert {row.split()[-1] for row in rows} == {"same"}
    assert len(rows) == len(list(SPECS.parent.glob("cassettes/*/*.yaml")))


def test_cassettes_lists_what_it_can_read_and_says_why_not_the_rest(tmp_path, capsys):
    """One line for each; a name, a label or a link cannot break the list or the terminal."""
    place = tmp_path / "venue"
    place.mkdir()
    whole = (SPECS.parent / "cassettes/local/@venue.yaml").read_text(encoding="utf-8")
    (place / "a[red]\x1b[31m.yaml").write_text(whole.replace("base_url: ", "base_url: '[/b]' #"), encoding="utf-8")
    (place / "empty.yaml").write_text("")
    (place / "link.yaml").symlink_to("nowhere")

    assert main(["cassettes", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "venue/a[red]\\x1b[31m.yaml" in said.out
    assert " [/b] " in said.out
    assert [line.split(", expected")[0] for line in said.err.splitlines()] == [
        "venue/empty.yaml: no list of interactions",
        "venue/link.yaml: a link to no file",
    ]


def test_cassettes_with_specs_that_are_nowhere_is_a_usage_error(capsys, monkeypatch, tmp_path):
    """A directory that was named must be there; without one, and without `venue_specs`, there is nothing to compare."""
    monkeypatch.chdir(tmp_path)
    cassettes = str(SPECS.parent / "cassettes")

    assert main(["cassettes", cassettes, "--specs", "nope"]) == 2
    assert capsys.readouterr().err == "nope: no directory, expected one that holds venue specs\n"
    assert main(["cassettes", cassettes]) == 0
    assert {row.split()[-1] for row in capsys.readouterr().out.splitlines()[1:]} == {"none"}


def test_cassettes_of_an_empty_directory_says_what_it_looks_for(tmp_path, capsys):
    """The directory of one venue is none of cassettes."""
    assert main(["cassettes", str(tmp_path)]) == 1
    assert "no cassettes, expected such as" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "meant"), [("doctr", "doctor"), ("valdate", "validate")])
def test_an_unknown_command_gets_a_near_name(typed, meant, capsys):
    """On every Python; exit 2."""
    with pytest.raises(SystemExit) as ended:
        main([typed])

    assert ended.value.code == 2
    assert f"Did you mean '{meant}'?" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_one_line(tmp_path, capsys, monkeypatch):
    """What the system says, with the place, and no traceback."""
    monkeypatch.chdir(tmp_path)
    Path("specs").mkdir()
    Path("specs/a.yaml").mkdir()

    assert main(["validate", "specs"]) == 1
    said = capsys.readouterr().err
    assert "specs/a.yaml" in said
    assert len(said.splitlines()) == 1
