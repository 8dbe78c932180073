"""
The evidence of live runs: wanted or not, and whether the key that signs it can be used. Nothing is appended.
"""

import os
from collections.abc import Iterator, Sequence

from pytest_darkhost import variables
from pytest_darkhost.commands.doctor.finding import Finding, fine, note, wrong
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.settings import Settings

_AREA = "evidence"


def findings(settings: Settings, venues: Sequence[LoadedVenue]) -> Iterator[Finding]:
    """
    Yield whether live runs would be signed.

    :raises EvidenceError: the key cannot be used.
    """
    from pytest_darkhost.evidence.keys import load_signer

    if settings.evidence is None:
        yield _unwanted(venues)
    elif settings.key is None:
        yield wrong(_AREA, f"{settings.evidence} without a key", "darkhost key new, and set darkhost_key")
    else:
        signer = load_signer(settings.key, os.environ.get(variables.KEY_PASSPHRASE))
        yield fine(_AREA, f"live runs are signed into {settings.evidence} by the key {signer.public.keyid[:12]}")


def _unwanted(venues: Sequence[LoadedVenue]) -> Finding:
    if all(each.spec.managed for each in venues):
        return fine(_AREA, "none wanted: live runs leave a report that is not signed")
    to_do = "darkhost key new, then set darkhost_evidence and darkhost_key"
    return note(_AREA, "none wanted: live runs leave a report that is not signed", to_do)
