"""What is shipped: the wheel, its metadata, and the development lock."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX_HOSTS = {"https://pypi.org", "https://files.pythonhosted.org"}


def test_the_lock_names_public_hosts_only():
    """A lock that was made on a machine with another index does not land."""
    hosts = set(re.findall(r"https?://[^/\"]+", (ROOT / "uv.lock").read_text()))

    assert hosts == INDEX_HOSTS


def test_the_lock_knows_every_dependency():
    """A dependency that was added is locked too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(name for group in project["optional-dependencies"].values() for name in group),
    ]
    names = {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in wanted}
    locked = {package["name"] for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}

    assert names - locked == set()


def test_the_alembic_directory_is_no_package():
    """With an `__init__.py` it would be imported instead of the library of the same name."""
    assert not (ROOT / "alembic/__init__.py").exists()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the checkout."""
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    directory = tmp_path_factory.mktemp("wheel")
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(directory)!r}))"
    name = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()[-1]
    return directory / name


def test_the_wheel_carries_what_a_run_needs(wheel):
    """Types, schema and the reference history are in it; tests and specs of this repository are not."""
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {"pytest_darkhost/py.typed", "pytest_darkhost/venue-spec.schema.json"} <= names
    assert "pytest_darkhost/_alembic/env.py" in names
    assert not {name for name in names if name.startswith(("tests/", "venue_specs/", "alembic/", "benchmarks/"))}


def test_the_wheel_works_without_the_checkout(wheel, tmp_path):
    """A run from the unpacked wheel reads the reference catalog that it carries."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import pathlib, pytest_darkhost.catalog.reference as r;"
        "assert 'site' in r.__file__, r.__file__;"
        f"print(len(r.reference_catalog(pathlib.Path({str(tmp_path)!r})).providers))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stdout.strip() == "12", result.stderr
