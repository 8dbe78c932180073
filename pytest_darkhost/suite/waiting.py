"""
A test waits here for what its target's probes saw.
"""

import pytest

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.observations import ErrorKind, Observations
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite.live import venue_path
from pytest_darkhost.suite.progress import waiting
from pytest_darkhost.suite.run import RUN


def observations_of(item: pytest.Item, target: Target | None) -> Observations:
    """Return the observations of a target, or of the venue where there is no target. Blocks until they are there."""
    run, path = item.config.stash[RUN], venue_path(item)
    if run.broker is None or path is None:
        return Observations({})
    venue = run.venue_run(run.load(path))
    model = target.model.slug if target else None
    waiting(item.config, run.broker, run.broker.waits(venue, model))
    try:
        observations = run.broker.observations(venue, model)
    except DarkhostError as error:
        pytest.fail(run.redactor.clean(str(error)), pytrace=False)
    for observation in observations:
        if observation.error is not None and observation.error.kind is ErrorKind.INTERNAL:
            text = f"{observation.probe.id}: the probe broke in our code: {observation.error.message}"
            pytest.fail(text, pytrace=False)
    return observations
