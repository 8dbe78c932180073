"""A test of the specs alone: it reads no observations, so it is not live and sends nothing."""

from pytest_darkhost import Catalog, Target


def test_the_slug_names_its_venue(darkhost_target: Target, darkhost_catalog: Catalog | None) -> None:
    """A slug ends in its venue's name; where there is a catalog, nobody else has taken it."""
    assert darkhost_target.model.slug.endswith(f"-{darkhost_target.venue.venue}")
    row = darkhost_catalog.model(darkhost_target.model.slug) if darkhost_catalog else None
    assert row is None or row.provider_slug == darkhost_target.venue.venue
