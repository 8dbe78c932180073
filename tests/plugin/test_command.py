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
