"""One moment has few spellings in the files of ours, and no other is taken for one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pytest_darkhost.moments import moment_of, rfc3339

MOMENT = datetime(2026, 11, 25, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment", [MOMENT, MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30))), datetime(1, 1, 1, tzinfo=UTC)]
)
def test_what_is_written_is_read(moment):
    """In UTC, to the millisecond."""
    assert moment_of(rfc3339(moment)) == moment


@pytest.mark.parametrize("text", ["2026-11-25T12:00:00Z", "2026-11-25T12:00:00.2Z", "2026-11-25T12:00:00.250000Z"])
def test_a_fraction_may_have_up_to_six_digits(text):
    """As other writers of RFC 3339 have it."""
    assert moment_of(text).astimezone(UTC).replace(microsecond=0) == MOMENT.replace(microsecond=0)


ODD = {
    "a leap second": "2026-12-31T23:59:60Z",
    "a small t": "2026-11-25t12:00:00Z",
    "a small z": "2026-11-25T12:00:00z",
    "an offset": "2026-11-25T12:00:00+00:00",
    "an unknown offset": "2026-11-25T12:00:00-00:00",
    "another offset": "2026-11-25T14:00:00+02:00",
    "an offset before Z": "2026-11-25T12:00:00-23:59Z",
    "no zone": "2026-11-25T12:00:00",
    "a blank for the T": "2026-11-25 12:00:00Z",
    "the year 0": "0000-01-01T00:00:00Z",
    "a year of five digits": "12026-11-25T12:00:00Z",
    "a week": "2026-W48-3T12:00:00Z",
    "no dashes": "20261125T120000Z",
    "no seconds": "2026-11-25T12:00Z",
    "no digit in the fraction": "2026-11-25T12:00:00.Z",
    "a comma": "2026-11-25T12:00:00,250Z",
    "seven digits": "2026-11-25T12:00:00.2500000Z",
    "the hour 24": "2026-11-25T24:00:00Z",
    "the 30th of February": "2026-02-30T12:00:00Z",
    "other digits": "\uff12\uff1026-11-25T12:00:00Z",
    "a line break": "2026-11-25T12:00:00Z\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_spelling_is_refused(text):
    """RFC 3339 and ISO 8601 allow some of these. None is written by us."""
    with pytest.raises(ValueError, match=r"\S"):
        moment_of(text)
