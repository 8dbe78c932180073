"""
The cassettes: which are missing, old, composed, recorded with another spec, unreadable, or of no target.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.cassettes.reading import read_label
from pytest_darkhost.commands.doctor.finding import Finding, fine, note, wrong
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import CassetteLabel
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.plan import Owner
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.settings import Settings

_AREA = "cassettes"


def findings(settings: Settings, venues: Sequence[LoadedVenue], now: datetime, max_age_days: int) -> Iterator[Finding]:
    """Yield one finding for each venue, and one for each file that is wrong."""
    for each in venues:
        yield from _of_venue(settings, each, now, max_age_days)


def _of_venue(settings: Settings, venue: LoadedVenue, now: datetime, max_age_days: int) -> Iterator[Finding]:
    name = venue.spec.venue
    if any(fnmatchcase(name, pattern) for pattern in settings.no_cassette):
        yield fine(_AREA, f"{name}: none needed, as darkhost_no_cassette says")
        return
    owners = [Owner(name), *(Owner(name, model.slug) for model in venue.spec.models)]
    wanted = [cassette_path(settings.cassettes, owner) for owner in owners]
    labels: list[CassetteLabel] = []
    for path in wanted:
        try:
            labels.append(read_label(path, _shown(settings, path)))
        except FileNotFoundError:
            continue
        except CassetteError as error:
            yield wrong(_AREA, str(error), _again(name))
    for path in sorted({*(settings.cassettes / name).glob("*.yaml")} - set(wanted)):
        yield wrong(_AREA, f"{_shown(settings, path)}: of no target in any spec", "remove it")
    yield _summary(venue, [path for path in wanted if not path.exists()], labels, now, max_age_days)


def _summary(
    venue: LoadedVenue, missing: list[Path], labels: list[CassetteLabel], now: datetime, max_age_days: int
) -> Finding:
    name = venue.spec.venue
    days = [(now - label.recorded_at).days for label in labels]
    flaws = Counter(
        {
            "missing": len(missing),
            "composed": sum(label.composed for label in labels),
            "of another spec": sum(label.spec_sha256 != venue.digest for label in labels),
            f"older than {max_age_days} days": sum(age > max_age_days for age in days),
        }
    )
    told = ", ".join(f"{count} {flaw}" for flaw, count in flaws.items() if count)
    age = f", {max(days)} days old at most" if days else ""
    text = f"{name}: {len(labels)} of {len(labels) + len(missing)}{age}"
    return note(_AREA, f"{text}: {told}", _again(name)) if told else fine(_AREA, text)


def _again(venue: str) -> str:
    return f"pytest -m live --venue={venue} --darkhost-record"


def _shown(settings: Settings, path: Path) -> str:
    place = path.relative_to(settings.root) if path.is_relative_to(settings.root) else path
    return one_line(place.as_posix())
