"""
Fixtures: of the plugin's own items, and for tests that a team writes itself. None sends a call that is not planned.
"""

from typing import TYPE_CHECKING

import pytest

from pytest_darkhost.errors import DarkhostError

if TYPE_CHECKING:
    from pytest_darkhost.catalog.rows import Catalog
    from pytest_darkhost.observations import Observations
    from pytest_darkhost.specs.models import Target


@pytest.fixture
def darkhost_target(request: pytest.FixtureRequest) -> "Target | None":
    """The (venue, model) pair that a test is about. A test that asks for it runs once for each target."""
    from pytest_darkhost.suite.items import CheckItem

    node = request.node
    if isinstance(node, CheckItem):
        return node.target
    from pytest_darkhost.suite.selection import could_opt_in

    text = "no target: there is no venue spec, or the test was not parametrized with one"
    if could_opt_in(request.config.option.markexpr):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@pytest.fixture
def darkhost_observations(request: pytest.FixtureRequest, darkhost_target: "Target | None") -> "Observations":
    """What the probes of the target saw, by probe name. Waits until the last of them has answered."""
    from pytest_darkhost.checks.case import Source
    from pytest_darkhost.suite.items import CheckItem
    from pytest_darkhost.suite.sources import source_of
    from pytest_darkhost.suite.waiting import observations_of
    from pytest_darkhost.verdicts import ReasonCode

    observations = observations_of(request.node, darkhost_target)
    own = not isinstance(request.node, CheckItem)
    if own and source_of(request.node) is Source.REPLAY and observations.cassette is None:
        pytest.skip(f"{ReasonCode.NO_CASSETTE}: there is no cassette to replay")
    return observations


@pytest.fixture(scope="session")
def darkhost_catalog(request: pytest.FixtureRequest) -> "Catalog | None":
    """The rows of `providers` and `models`; `None` where the user said that there is no catalog."""
    from pytest_darkhost.suite.run import RUN

    try:
        return request.config.stash[RUN].catalog
    except DarkhostError as error:
        pytest.fail(str(error), pytrace=False)
