"""
Hooks that a team may implement in `conftest.py` or a plugin of its own.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_darkhost import Check, ProbeTemplate, VenueSpec
    from pytest_darkhost.runner.probing import Adapter


@pytest.hookspec(firstresult=True)
def pytest_darkhost_adapter(venue: "VenueSpec", http_client: Any) -> "Adapter | None":
    """
    Return the team's production adapter for a venue, or `None` to let the plugin send the requests itself.

    The adapter is called with a `ChatRequest` and awaited; an asynchronous iterator that it returns is read to
    its end. It must send exactly one request, through `http_client`: an `httpx.AsyncClient` whose wire is
    observed. `http_client.httpx2()` is the same for SDKs on httpx2. The adapter brings its own key.
    """


@pytest.hookspec
def pytest_darkhost_checks() -> "Iterable[Check]":  # type: ignore[empty-body]
    """Return a team's own checks. They become items beside the standard ones."""


@pytest.hookspec
def pytest_darkhost_probes() -> "Iterable[ProbeTemplate]":  # type: ignore[empty-body]
    """Return the calls that a team's own checks need. They are in the plan, the cap and the report."""
