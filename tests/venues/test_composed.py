"""The composed cassettes of this repository are what composing them again gives, and say what they are."""

from pathlib import Path

import pytest
import yaml

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.cassettes.reading import read_label
from pytest_darkhost.plan import Owner
from pytest_darkhost.specs.loader import load_venue
from support.composing import compose
from support.profiles import HOSTED

ROOT = Path(__file__).parents[2]
CASSETTES = ROOT / "cassettes"


@pytest.mark.parametrize("venue", HOSTED)
def test_they_are_in_step(venue, tmp_path, thread, monkeypatch):
    """A changed prompt, spec or stand-in changes the files: `python -m support.composing` writes them anew."""
    monkeypatch.setattr("pytest_darkhost.transport.wire._SETTLE_S", 0)
    loaded = load_venue(ROOT / "venue_specs" / f"{venue}.yaml", ROOT)

    paths = list(compose(loaded, tmp_path, thread))

    for path in paths:
        assert (CASSETTES / path.relative_to(tmp_path)).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("path", sorted(CASSETTES.rglob("*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_says_what_it_is(path):
    """Hosted venues were never called: theirs are composed. Those of the local ones are recordings."""
    label = read_label(path, path.name)

    assert label.composed == (label.venue in HOSTED)
    assert path == cassette_path(CASSETTES, Owner(label.venue, label.model))
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["darkhost"]["base_url"] == label.base_url
