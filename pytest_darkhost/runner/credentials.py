"""
Keys from the environment. The only module that reads one.
"""

from collections.abc import Mapping

from pytest_darkhost.errors import CredentialError
from pytest_darkhost.secrets import Credential
from pytest_darkhost.specs.models import VenueSpec


def find_credential(spec: VenueSpec, environment: Mapping[str, str]) -> Credential | None:
    """
    Return the key in the first variable of `credential_env` that is set, or `None` if none is.

    :raises CredentialError: the variable is set, but what it holds cannot be a key.
    """
    name = next((name for name in spec.credential_env if name in environment), None)
    if name is None:
        return None
    fault = _fault(environment[name])
    if fault:
        msg = f"{name}: the key of {spec.venue} {fault}, expected a key on one line. Set the variable anew"
        raise CredentialError(msg)
    return Credential(environment[name])


def require_credential(spec: VenueSpec, environment: Mapping[str, str]) -> Credential | None:
    """
    Return the venue's key; `None` only for a venue that names no variable.

    :raises CredentialError: as `find_credential`, or no variable is set.
    """
    credential = find_credential(spec, environment)
    if credential is None and spec.credential_env:
        names = " or ".join(spec.credential_env)
        msg = f"{names}: not set, expected the key of {spec.venue}. Export it before the run"
        raise CredentialError(msg)
    return credential


def _fault(value: str) -> str | None:
    """Return what is wrong with a key, without any part of it (field values: RFC 9110, 5.5)."""
    faults = {
        "is empty": not value,
        "is blank": bool(value) and not value.strip(),
        "has a line break": "\n" in value.strip(" ") or "\r" in value.strip(" "),
        "has blanks at its ends": value != value.strip(),
        "has characters that no header can carry": not (value.isascii() and value.isprintable()),
        "has a blank inside": " " in value,
    }
    return next((text for text, is_so in faults.items() if is_so), None)
