"""The extra `evidence` brings all that verifying needs: nothing of the test suite's environment takes part."""

import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from support import evidence

ROOT = Path(__file__).parents[2]


def needed(requirement, found):
    """Gather the names of what a requirement installs, by its own metadata."""
    name = re.sub(r"[-_.]+", "-", requirement.name).lower()
    extras = {"", *requirement.extras}
    if extras <= found.get(name, set()):
        return found
    found[name] = found.get(name, set()) | extras
    for text in distribution(name).requires or ():
        inner = Requirement(text)
        if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
            try:
                needed(inner, found)
            except PackageNotFoundError:
                pytest.fail(f"{inner.name} is required by {name} and not installed")
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A directory that holds what `pip install 'pytest-darkhost[evidence]'` would install, and nothing else."""
    directory = tmp_path_factory.mktemp("site")
    (directory / "pytest_darkhost").symlink_to(ROOT / "pytest_darkhost")
    for name in needed(Requirement("pytest-darkhost[evidence]"), {}):
        dist = distribution(name)
        for top in {file.parts[0] for file in dist.files or ()} - {"..", "__pycache__"}:
            if not (directory / top).exists() and not top.endswith(".pth"):
                (directory / top).symlink_to(dist.locate_file(top))
    return directory


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A folder of two runs, and the public key."""
    place = tmp_path_factory.mktemp("auditor")
    key = evidence.signer(place)
    evidence.add_runs(place / "evidence", key, 2)
    key.path.unlink()
    return place


def verified(site, bundle):
    """Run the command as an auditor would; `-S` leaves this environment's own packages out."""
    command = [sys.executable, "-S", "-B", "-m", "pytest_darkhost", "verify", "evidence", "--key", "darkhost.pub"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site)}
    return subprocess.run(command, cwd=bundle, env=environment, capture_output=True, text=True, check=False)


def test_the_extra_alone_verifies(site, bundle):
    """Neither pytest's plugins of this environment nor what the tests need is there."""
    done = verified(site, bundle)

    assert (done.returncode, done.stderr) == (0, "")
    assert "verified 4 lines: 2 runs, 2 of them evidence" in done.stdout
    assert not (site / "openai").exists()


@pytest.mark.parametrize("library", ["cryptography", "orjson", "securesystemslib"])
def test_without_a_library_of_it_one_line_says_what_to_install(site, bundle, library):
    """The directory is what it is said to be: what is taken from it is missing."""
    (site / library).rename(site / "away")
    try:
        done = verified(site, bundle)
    finally:
        (site / "away").rename(site / library)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"{library}: not installed, expected the extra. Run pip install 'pytest-darkhost[evidence]'\n"
    )
