"""
Which keys the environment holds, so that none of them is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from pytest_darkhost.errors import CredentialError
from pytest_darkhost.runner.credentials import find_credential
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.loader import LoadedVenue


def known_keys(venues: Sequence[LoadedVenue], environment: Mapping[str, str]) -> Redactor:
    """Return what takes the keys of venues out of a text."""
    return Redactor.of(_keys(venues, environment))


def _keys(venues: Sequence[LoadedVenue], environment: Mapping[str, str]) -> Iterator[Credential]:
    for each in venues:
        with suppress(CredentialError):
            if found := find_credential(each.spec, environment):
                yield found
