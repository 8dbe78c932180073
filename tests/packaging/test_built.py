"""What is built of a release: sound for the index, whole, and enough for a bare project."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(kind, checkout, into):
    """Build a wheel or an sdist of a checkout with the project's own backend."""
    code = f"from hatchling.build import build_{kind}; print(build_{kind}({str(into)!r}))"
    result = ran(sys.executable, "-c", code, cwd=checkout)
    assert result.returncode == 0, result.stderr
    return into / result.stdout.split()[-1]


def ran(*command, cwd, **environment):
    """Run a program."""
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel and an sdist of this checkout."""
    directory = tmp_path_factory.mktemp("built")
    return build("wheel", ROOT, directory), build("sdist", ROOT, directory)


def test_the_index_would_take_both(built):
    """Metadata and the README as it is rendered there."""
    result = ran(sys.executable, "-m", "twine", "check", "--strict", *map(str, built), cwd=ROOT)

    assert result.returncode == 0, result.stdout
    assert result.stdout.count("PASSED") == 2


def test_the_wheel_holds_what_a_wheel_should(built):
    """No bytecode, no tests, no stray modules, one package."""
    result = ran(sys.executable, "-m", "check_wheel_contents", str(built[0]), cwd=ROOT)

    assert result.returncode == 0, result.stdout


def test_the_sdist_makes_the_same_wheel(built, tmp_path):
    """Whoever builds from it gets every template, schema and spec."""
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (checkout,) = tmp_path.iterdir()
    again = build("wheel", checkout, tmp_path)

    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture
def bare(built, tmp_path):
    """An empty directory, with the unpacked wheel in front of this checkout; runs Python modules there."""
    zipfile.ZipFile(built[0]).extractall(tmp_path / "site")
    place = tmp_path / "bare project"
    place.mkdir()
    return lambda *arguments: ran(sys.executable, "-m", *arguments, cwd=place, PYTHONPATH=str(tmp_path / "site"))


def test_a_project_without_specs_runs_as_before(bare, tmp_path):
    """Its own tests are run and nothing else is said; who asks for a venue by name hears what is missing."""
    (tmp_path / "bare project/test_own.py").write_text("def test_own():\n    pass\n")
    own = bare("pytest", "-p", "no:cacheprovider", "-q")
    asked = bare("pytest", "-p", "no:cacheprovider", "--venue=together")

    assert own.returncode == 0, own.stdout
    assert "darkhost" not in own.stdout
    assert not (tmp_path / "bare project/.darkhost").exists()
    assert asked.returncode == 4
    assert "--venue=together: there is no spec file" in asked.stderr


def test_a_bare_project_is_made_ready_by_the_wheel_alone(bare):
    """`darkhost init` finds specs and templates in it, and pytest collects what was written."""
    made = bare("pytest_darkhost", "init", "--venue", "local,together")
    listed = bare("pytest", "-p", "no:cacheprovider", "-q", "--collect-only")

    assert made.returncode == 0, made.stderr
    assert "venue_specs/together.yaml::gpt-oss-120b-together::base_url_parity[catalog]" in listed.stdout
    assert bare("pytest_darkhost", "validate", "venue_specs").returncode == 0
