"""
Collects venue specs: a file is a module, a model a node in it, a check an item.

The collectors are pytest's own classes with our items in them, so that fixtures and conftest overrides work. What
this needs of pytest's private side is held by `tests/contract`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.suite.deployed import deployed_items
from pytest_darkhost.suite.places import own_id
from pytest_darkhost.suite.run import RUN

if TYPE_CHECKING:
    from pytest_darkhost.checks.case import Check, Scope, Source
    from pytest_darkhost.specs.loader import LoadedVenue
    from pytest_darkhost.specs.models import ModelSpec
    from pytest_darkhost.suite.items import CheckItem


@pytest.mark.live
def _reads_observations(darkhost_observations: Any) -> None:
    """Stand for a check that reads observations: its signature and its mark are what counts."""


@pytest.mark.live
def _reads_both(darkhost_observations: Any, darkhost_catalog: Any) -> None:
    """Stand for a check that reads observations and the catalog."""


@pytest.mark.parity
def _reads_catalog(darkhost_catalog: Any) -> None:
    """Stand for a check that reads the catalog alone."""


class SpecModule(pytest.Module):
    """A spec file."""

    def _getobj(self) -> ModuleType:
        # pytest.Module would import the file; there is nothing to import.
        return ModuleType(self.path.stem)

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield the checks of the venue, then a node for each model."""
        from pytest_darkhost.checks.case import Scope

        run = self.config.stash[RUN]
        try:
            loaded = run.load(self.path)
        except DarkhostError as error:
            raise self.CollectError(str(error)) from None
        infos: dict[Any, Any] = {}
        yield from make_items(self, _of_scope(run.checks, Scope.VENUE), loaded, None, infos)
        for model in loaded.spec.models:
            yield ModelNode.from_parent(self, name=model.slug, loaded=loaded, model=model, infos=infos)


class ModelNode(pytest.Collector):
    """A model of a spec file."""

    def __init__(self, *, loaded: "LoadedVenue", model: "ModelSpec", infos: dict[Any, Any], **kw: Any) -> None:
        super().__init__(**kw)
        self.loaded = loaded
        self.model = model
        self.infos = infos
        self.obj = self.parent.obj  # type: ignore[union-attr]

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield the checks of the target."""
        from pytest_darkhost.checks.case import Scope

        checks = _of_scope(self.config.stash[RUN].checks, Scope.TARGET)
        yield from make_items(self, checks, self.loaded, self.model, self.infos)
        yield from deployed_items(self)


def make_items(
    parent: pytest.Collector,
    checks: "Iterable[Check]",
    loaded: "LoadedVenue",
    model: "ModelSpec | None",
    infos: dict[Any, Any],
) -> "Iterator[CheckItem]":
    """
    Yield one item for each source that each check reads.

    :param infos: fixture information by signature, worked out once a file: it is the same for all items of it.
    """
    from pytest_darkhost.suite.items import CheckItem

    for check, source in ((one, source) for one in checks for source in one.sources):
        function = _signature(check, source)
        item = CheckItem.from_parent(
            parent,
            name=f"{check.name}[{source}]",
            originalname=check.name,
            callobj=function,
            fixtureinfo=infos.get(function),
            loaded=loaded,
            model=model,
            check=check,
            source=source,
        )
        infos.setdefault(function, item._fixtureinfo)
        yield item


def _of_scope(checks: "Iterable[Check]", scope: "Scope") -> "Iterator[Check]":
    return (check for check in checks if check.scope is scope)


def _signature(check: "Check", source: "Source") -> Any:
    if source == "catalog":
        return _reads_catalog
    return _reads_both if check.reads_catalog else _reads_observations


def collect_spec(path: Path, parent: pytest.Collector) -> SpecModule | None:
    """Return the collector of a spec file that this session wants; `None` for any other file."""
    run = parent.config.stash.get(RUN, None)
    if run is None or path.suffix not in {".yaml", ".yml"} or path not in run.wanted:
        return None
    module: SpecModule = SpecModule.from_parent(parent, path=path, **own_id(path, parent.config.rootpath))
    return module
