"""
The types of lines, by the `predicateType` of their statements.
"""

from enum import StrEnum

STATEMENT = "https://in-toto.io/Statement/v1"
REPORT = "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/report.md#v1"
"""What a report says of the meaning of its fields. The suite has it anew: it imports nothing of evidence unasked."""
_OWN = "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/evidence.md#"


class Kind(StrEnum):
    """What a line says."""

    OPENED = f"{_OWN}run-opened-v1"
    """A run is about to send its first call."""
    RESULT = "https://in-toto.io/attestation/test-result/v0.1"
    """A run that is evidence has ended."""
    RECORD = f"{_OWN}run-record-v1"
    """A run that is no evidence has ended."""
    ROTATED = f"{_OWN}key-rotated-v1"
    """Later lines are signed by another key."""

    @property
    def is_closing(self) -> bool:
        """Whether a run ends here."""
        return self in (Kind.RESULT, Kind.RECORD)
