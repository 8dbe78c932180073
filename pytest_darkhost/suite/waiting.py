"""
A test waits here for what its target's probes saw.
"""

from pathlib import Path

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.observations import ErrorKind, Mode, Observation, Observations
from pytest_darkhost.runner.broker import Broker
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite.progress import waiting
from pytest_darkhost.suite.run import RUN, Run
from pytest_darkhost.suite.sources import source_of, venue_path


def observations_of(item: pytest.Item, target: Target | None) -> Observations:
    """
    Return the observations of a target, or of the venue where there is no target. Blocks until they are there.

    Where there is no cassette to replay, there are none, and `cassette` is `None`.
    """
    run, path = item.config.stash[RUN], venue_path(item)
    model = target.model.slug if target else None
    if path is None:
        return Observations({})
    if source_of(item) is Source.REPLAY:
        return _replayed(run, path, model)
    return _answered(item, run.broker, path, model) if run.broker else Observations({})


def _replayed(run: Run, path: Path, model: str | None) -> Observations:
    try:
        return run.replay.observations(path, model) if run.replay else Observations({})
    except FileNotFoundError:
        return Observations({})
    except DarkhostError as error:
        pytest.fail(run.redactor.clean(str(error)), pytrace=False)


def _answered(item: pytest.Item, broker: Broker, path: Path, model: str | None) -> Observations:
    run = item.config.stash[RUN]
    venue = run.venue_run(run.specs.load(path))
    waiting(item.config, broker, broker.waits(venue, model))
    try:
        observations = broker.observations(venue, model)
    except DarkhostError as error:
        pytest.fail(run.redactor.clean(str(error)), pytrace=False)
    for observation in observations:
        if fault := _fault(observation):
            pytest.fail(f"{observation.probe.id}: {fault}", pytrace=False)
    return observations


def _fault(observation: Observation) -> str | None:
    """Return why nobody may judge an observation: our own code broke, or somebody answered in the venue's place."""
    error, exchange = observation.error, observation.exchange
    if error is not None and error.kind is ErrorKind.INTERNAL:
        return f"the probe broke in our code: {error.message}"
    if exchange is not None and exchange.status is not None and exchange.mode is not Mode.LIVE:
        return "answered without a socket, expected an answer of the venue. Is the HTTP library mocked?"
    return None
