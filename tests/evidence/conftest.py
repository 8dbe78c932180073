"""Keys, an empty place, and a folder with two fit runs."""

import shutil

import pytest

from support import evidence


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    """The signer of all that is genuine."""
    return evidence.signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory):
    """A signer whom nobody trusts."""
    return evidence.signer(tmp_path_factory.mktemp("keys"), "stranger")


@pytest.fixture
def folder(tmp_path):
    """Where the evidence goes."""
    return tmp_path / "evidence"


@pytest.fixture(scope="session")
def _two_runs(tmp_path_factory, key):
    made = tmp_path_factory.mktemp("genuine") / "evidence"
    evidence.add_runs(made, key, 2)
    return made


@pytest.fixture
def two_runs(_two_runs, folder):
    """A folder of two runs, to be tampered with."""
    shutil.copytree(_two_runs, folder)
    return folder
