"""
What `darkhost activate` goes by: the schema path that was authorised, and the keys that verify evidence. A project that
says nothing of activations hears nothing of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from pytest_darkhost.commands.activate.authorisation import authorisations, scopes_of
from pytest_darkhost.commands.activate.gate import Problem
from pytest_darkhost.commands.doctor.finding import Finding, fine, wrong
from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.activation_settings import ActivationSettings

_AREA = "activation"


def findings(settings: ActivationSettings, venues: Sequence[LoadedVenue], today: date) -> Iterator[Finding]:
    """Yield what was decided, and whether it can be gone by."""
    decided = authorisations(settings.authorised_path, scopes_of(each.spec for each in venues), today)
    if isinstance(decided, Problem):
        yield wrong(_AREA, decided.text, decided.to_do)
    else:
        yield from (fine(_AREA, str(each)) for each in decided.values())
    yield from _keys(settings)


def _keys(settings: ActivationSettings) -> Iterator[Finding]:
    from pytest_darkhost.evidence.keys import load_public

    for path in settings.public_keys:
        try:
            yield fine(_AREA, f"evidence is verified by the key {load_public(path).keyid[:12]}")
        except EvidenceError as error:
            yield wrong(_AREA, str(error), "set darkhost_public_key")
