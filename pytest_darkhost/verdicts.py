"""
What a check concludes: passed, failed, or not judged. Three types, so that nothing is left out silently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
"""A value that the JSON report can hold. No NaN, no infinity."""


class ReasonCode(StrEnum):
    """Why a check could not be judged. Only `NOT_APPLICABLE` leaves the exit code of a live run alone."""

    NOT_APPLICABLE = "not_applicable"
    """The spec declares that the target has not this capability, or has a quirk."""
    COST_CAP = "cost_cap"
    """The call would have exceeded the spending cap, so it was not sent."""
    RATE_LIMITED = "rate_limited"
    """The venue answered 429."""
    CLIENT_BUSY = "client_busy"
    """Our own event loop lagged while the sample was taken."""
    TOO_FEW_SAMPLES = "too_few_samples"
    """Fewer usable samples than the figure needs."""
    TOO_CLOSE = "too_close"
    """The samples lie on both sides of the budget."""
    TOKEN_CEILING = "token_ceiling"  # noqa: S105 - not a password
    """The answer ended at our own token ceiling before it held what the check reads."""
    WIRE_UNSEEN = "wire_unseen"
    """The request went through no HTTP library whose wire we observe."""
    CANCELLED = "cancelled"
    """The run was stopped before the call was sent."""
    UNDECLARED = "undeclared"
    """The revision does not say what it may change."""
    UPGRADE_FAILED = "upgrade_failed"
    """The upgrade of the revision itself failed, so that there is nothing to look at."""
    DOWNGRADE_FAILED = "downgrade_failed"
    """The downgrade failed, so that there is nothing to upgrade again."""
    DOWNGRADE_REFUSED = "downgrade_refused"
    """The downgrade raises `NotImplementedError`: the revision cannot be undone, and says so."""
    REVISION_BELOW_FAILED = "revision_below_failed"
    """A revision that this one builds on failed."""
    NO_DATABASE = "no_database"
    """The database server, or `env.py`, did not serve."""
    NO_TRAFFIC = "no_traffic"
    """No rows could be made that refer to the activated one."""
    NO_TRANSACTIONAL_DDL = "no_transactional_ddl"
    """The database commits each change of the schema by itself."""
    NO_COPY = "no_copy"
    """The database could not be copied, so that nothing was tried that would spoil it."""
    NO_SQL = "no_sql"
    """The revision asks the database questions, so that it cannot be printed as SQL."""
    NO_CASSETTE = "no_cassette"
    """There is no cassette to replay."""
    COMPOSED = "composed"
    """The cassette was composed: its times are nobody's."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The target does what the spec says."""

    expected: str = ""
    """What was expected, in words."""
    actual: str = ""
    """What was seen, in words."""
    context: tuple[tuple[str, str], ...] = ()
    """Titled facts, such as the three URLs of a parity check."""
    figures: "Mapping[str, JSON]" = field(default_factory=dict)
    """Measured values by name with their unit in the name: `median_ms`, `min_ms`, `max_ms`, `n`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The target does not do what the spec says."""

    expected: str
    """What was expected, in words."""
    actual: str
    """What was seen, in words."""
    context: tuple[tuple[str, str], ...] = ()
    """Titled facts that help to find the cause."""
    figures: "Mapping[str, JSON]" = field(default_factory=dict)
    """As in `Passed`."""


@dataclass(frozen=True, slots=True)
class NotJudged:
    """The check could not be judged. Never a pass."""

    code: str
    """A `ReasonCode`, or a team's own code."""
    reason: str
    """One line for the reader."""
    context: tuple[tuple[str, str], ...] = ()
    figures: "Mapping[str, JSON]" = field(default_factory=dict)
    """As in `Passed`: what was measured although it was not judged."""


Verdict: TypeAlias = Passed | Failed | NotJudged
