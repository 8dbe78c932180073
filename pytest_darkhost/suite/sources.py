"""
What an item reads: real calls, a cassette, or the catalog; and whose.
"""

from pathlib import Path

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite.items import CheckItem
from pytest_darkhost.suite.run import RUN

REPLAY = "replay"
"""Mark of what reads a cassette."""


def source_of(item: pytest.Item) -> Source | None:
    """Return what an item reads; `None` for a test that is no concern of ours."""
    if isinstance(item, CheckItem):
        return item.source
    if "darkhost_observations" not in getattr(item, "fixturenames", ()):
        return None
    return Source.REPLAY if item.get_closest_marker(REPLAY) else Source.LIVE


def is_live(item: pytest.Item) -> bool:
    """Return whether an item reads observations of real calls."""
    return source_of(item) is Source.LIVE


def target_of(item: pytest.Item) -> Target | None:
    """Return the target of a team's own test, from its parametrization."""
    callspec = getattr(item, "callspec", None)
    target = callspec.params.get("darkhost_target") if callspec else None
    return target if isinstance(target, Target) else None


def venue_path(item: pytest.Item) -> Path | None:
    """Return the spec file that an item belongs to."""
    if isinstance(item, CheckItem):
        return item.loaded.path
    target, run = target_of(item), item.config.stash[RUN]
    names = {path.stem: path for path in run.specs.wanted}
    return names.get(target.venue.venue) if target else None
