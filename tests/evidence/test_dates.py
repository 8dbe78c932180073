"""The venue's `Date` is read alike whether it is spelled as nearly all servers do or in an older way."""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

import pytest

from pytest_darkhost.evidence.observed import _MONTHS, _http_date

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Day", "mon")


def general(text):
    """Return the moment by the general way alone."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def drawn(draw):
    """Draw a date in the usual form, with parts that no calendar has among them."""
    part = draw.choice(
        [
            (draw.randrange(1, 29), draw.randrange(1970, 2100), draw.randrange(24), draw.randrange(60)),
            (draw.randrange(40), draw.choice([0, 1, 69, 99, 100, 999, 1000, 9999]), draw.randrange(26), 61),
        ]
    )
    day, year, hour, other = part
    month = draw.choice([*_MONTHS, "jan", "Foo"])
    return f"{draw.choice(_DAYS)}, {day:02d} {month} {year:04d} {hour:02d}:{other:02d}:{other:02d} GMT"


def test_the_usual_spelling_is_read_as_the_general_way_reads_it():
    """Days, months and hours that are none too."""
    draw = random.Random(7)

    texts = {drawn(draw) for _ in range(2_000)}

    assert {text: _http_date(text) for text in texts} == {text: general(text) for text in texts}
    assert sum(general(text) is None for text in texts) > 100


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 25 Nov 2026 12:00:00 GMT",
        "Tue, 25 Nov 2026 12:00:00 GMT",
        "Wed, 25 Nov 2026 12:00:00 GMT ",
        "Wed, 25 Nov 2026 12:00:00 GMT\n",
        "Wed, 25 Nov 2026 12:00:00 +0100",
        "Wed, 25 Nov 2026 12:00:00",
        "Wednesday, 25-Nov-26 12:00:00 GMT",
        "Wed Nov 25 12:00:00 2026",
        "Wed, 25 Nov 2026 24:00:00 GMT",
        "Wed, 31 Nov 2026 12:00:00 GMT",
        "Wed, 25 Nov 0026 12:00:00 GMT",
        "Wed, ٢٥ Nov 2026 12:00:00 GMT",
        "now",
        "",
    ],
)
def test_other_spellings_are_left_to_the_general_way(text):
    """And what is no date at all."""
    assert _http_date(text) == general(text)
