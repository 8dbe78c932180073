"""
The venue specs: sound, and with prices that somebody has read lately.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pytest_darkhost.commands.doctor.finding import Finding, fine, note, wrong
from pytest_darkhost.errors import DarkhostError, SpecError
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.specs.loader import LoadedVenue, load_venue, load_venues
from pytest_darkhost.specs.schema import FILE as SCHEMA_FILE
from pytest_darkhost.specs.schema import text as schema_text
from pytest_darkhost.suite.settings import Settings

_AREA = "specs"


def loaded(settings: Settings) -> tuple[tuple[LoadedVenue, ...], tuple[Finding, ...]]:
    """Return the specs that are sound, and what is wrong with the others."""
    try:
        paths = find_specs(settings.spec_directories)
    except DarkhostError as error:
        return (), (wrong(_AREA, str(error)),)
    sound: list[LoadedVenue] = []
    flaws: list[Finding] = []
    for path in paths:
        try:
            sound.append(load_venue(path, settings.root))
        except SpecError as error:
            flaws += (wrong(_AREA, str(mistake)) for mistake in error.mistakes)
    try:
        load_venues([each.path for each in sound], settings.root)
    except SpecError as error:
        flaws += (wrong(_AREA, str(mistake)) for mistake in error.mistakes)
    return tuple(sound), tuple(flaws)


def findings(venues: Sequence[LoadedVenue], settings: Settings, now: datetime, max_age_days: int) -> Iterator[Finding]:
    """Yield how many there are, whose prices are old, and whether editors check by the schema of this version."""
    if not venues:
        places = ", ".join(map(str, settings.spec_directories))
        yield wrong(_AREA, f"no sound spec in {places}", "darkhost init, or darkhost new venue NAME")
        return
    models = sum(len(each.spec.models) for each in venues)
    names = ", ".join(each.spec.venue for each in venues)
    yield fine(_AREA, f"{names}: {models} model{'' if models == 1 else 's'}, all sound")
    old = [
        f"{each.spec.venue}/{model.slug}"
        for each in venues
        for model in each.spec.models
        if not each.spec.managed and (now.date() - model.price.as_of).days > max_age_days
    ]
    if old:
        text = f"prices of {len(old)} models were read more than {max_age_days} days ago: {', '.join(old)}"
        yield note(_AREA, text, "read them again, and set price.as_of")
    for directory in settings.spec_directories:
        file = directory / SCHEMA_FILE
        if file.is_file() and file.read_text(encoding="utf-8", errors="replace") != schema_text():
            yield note(_AREA, f"{file} is of another version", f"darkhost schema > {file}")
