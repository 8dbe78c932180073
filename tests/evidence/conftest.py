"""A key, and a folder that does not exist yet."""

import pytest

from support import evidence


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    """A signer."""
    return evidence.signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def folder(tmp_path):
    """Where the evidence goes."""
    return tmp_path / "evidence"
