"""Keys come from the environment, and a bad one is refused without being shown."""

import pytest

from pytest_darkhost.errors import CredentialError
from pytest_darkhost.runner.credentials import find_credential, require_credential
from support.specs import make_venue

SPEC = make_venue(credential_env=["ACME_API_KEY", "ACME_TOKEN"])


def test_the_first_variable_that_is_set_is_used():
    """The order of the spec decides."""
    both = {"ACME_TOKEN": "second", "ACME_API_KEY": "first"}

    assert find_credential(SPEC, both).reveal() == "first"
    assert find_credential(SPEC, {"ACME_TOKEN": "second"}).reveal() == "second"


def test_no_variable_is_no_key():
    """A venue that was not named is left out, not refused."""
    assert find_credential(SPEC, {}) is None


def test_a_named_venue_without_a_key_is_an_error_that_names_the_variables():
    """The reader learns what to export."""
    with pytest.raises(CredentialError, match="ACME_API_KEY or ACME_TOKEN: not set"):
        require_credential(SPEC, {})


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "is empty"),
        ("   ", "is blank"),
        ("\n", "is blank"),
        ("sk-canary\nInjected: x", "has a line break"),
        ("sk-canary\n", "has a line break"),
        (" sk-canary", "has blanks at its ends"),
        ("sk-canär", "has characters that no header can carry"),
        ("sk-\x00canary", "has characters that no header can carry"),
        ("sk canary", "has a blank inside"),
    ],
)
def test_a_malformed_key_is_refused_and_not_shown(value, fault):
    """No part of the value is in the message."""
    with pytest.raises(CredentialError) as caught:
        find_credential(SPEC, {"ACME_API_KEY": value})

    assert fault in str(caught.value)
    assert "sk" not in str(caught.value)
    assert "can" not in str(caught.value).replace("can carry", "")


def test_a_venue_without_variables_needs_no_key():
    """A managed venue's key is made when it is started."""
    managed = make_venue(
        credential_env=[],
        base_url="http://127.0.0.1:{port}",
        serve={"id": "acme", "command": ["serve", "{port}"]},
    )

    assert require_credential(managed, {}) is None
