"""
The keys: there or not, and of which form. No part of one is shown.
"""

import os
from collections.abc import Iterator, Sequence

from pytest_darkhost.commands.doctor.finding import Finding, fine, note, wrong
from pytest_darkhost.errors import CredentialError
from pytest_darkhost.runner.credentials import find_credential
from pytest_darkhost.specs.loader import LoadedVenue

_AREA = "keys"


def findings(venues: Sequence[LoadedVenue]) -> Iterator[Finding]:
    """Yield one finding for each venue that wants a key."""
    for spec in (each.spec for each in venues if each.spec.credential_env):
        try:
            found = find_credential(spec, os.environ)
        except CredentialError as error:
            yield wrong(_AREA, str(error))
            continue
        if found is None:
            names = " or ".join(spec.credential_env)
            yield note(
                _AREA, f"{spec.venue}: {names} is not set", f"export it before pytest -m live --venue={spec.venue}"
            )
        else:
            name = next(name for name in spec.credential_env if name in os.environ)
            yield fine(_AREA, f"{spec.venue}: {name} is set")
    if not any(each.spec.credential_env for each in venues):
        yield fine(_AREA, "no venue here wants one")
