"""
Collects venue specs: a file is a module, a model a node in it, a check an item.

The collectors are pytest's own classes with our items in them, so that fixtures and conftest overrides work. What
this needs of pytest's private side is held by `tests/contract`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

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

_Form: TypeAlias = Mapping[str, Any]
_Infos: TypeAlias = dict[Any, Any]
_INFOS: pytest.StashKey[_Infos] = pytest.StashKey()
"""On the directory of spec files: it decides which fixtures their items see."""


@pytest.mark.live
def _reads_observations(darkhost_observations: Any) -> None:
    """Stand for a check that reads observations: its signature and its mark are what counts."""


@pytest.mark.live
def _reads_both(darkhost_observations: Any, darkhost_catalog: Any) -> None:
    """Stand for a check that reads observations and the catalog."""


@pytest.mark.replay
def _replays_observations(darkhost_observations: Any) -> None:
    """Stand for a check that reads a cassette."""


@pytest.mark.replay
def _replays_both(darkhost_observations: Any, darkhost_catalog: Any) -> None:
    """Stand for a check that reads a cassette and the catalog."""


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
            loaded = run.specs.load(self.path)
        except DarkhostError as error:
            raise self.CollectError(str(error)) from None
        infos = self.parent.stash.setdefault(_INFOS, {})  # type: ignore[union-attr]
        yield from make_items(self, item_forms(run.checks, Scope.VENUE), loaded, None, infos)
        forms = item_forms(run.checks, Scope.TARGET)
        for model in loaded.spec.models:
            yield ModelNode.from_parent(self, name=model.slug, loaded=loaded, model=model, forms=forms, infos=infos)


class ModelNode(pytest.Collector):
    """A model of a spec file."""

    def __init__(
        self, *, loaded: "LoadedVenue", model: "ModelSpec", forms: tuple[_Form, ...], infos: _Infos, **kw: Any
    ) -> None:
        super().__init__(**kw)
        self.loaded = loaded
        self.model = model
        self.forms = forms
        self.infos = infos
        self.obj = self.parent.obj  # type: ignore[union-attr]

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield the checks of the target."""
        yield from make_items(self, self.forms, self.loaded, self.model, self.infos)
        yield from deployed_items(self)
        self.config.stash[RUN].lasting.keep()


def make_items(
    parent: pytest.Collector,
    forms: Iterable[_Form],
    loaded: "LoadedVenue",
    model: "ModelSpec | None",
    infos: _Infos,
) -> "Iterator[CheckItem]":
    """
    Yield one item of each form.

    :param infos: fixture information by signature, worked out once a directory: it is the same for all items of it.
    """
    from pytest_darkhost.suite.items import CheckItem

    made = parent.config.stash[RUN].made
    for form in forms:
        signature = form["callobj"]
        item = CheckItem.from_parent(parent, fixtureinfo=infos.get(signature), loaded=loaded, model=model, **form)
        infos.setdefault(signature, item._fixtureinfo)
        made.append(item)
        yield item


def item_forms(checks: "Iterable[Check]", scope: "Scope") -> tuple[_Form, ...]:
    """Return what the items of each check and source have in common, as keyword arguments: all but the target."""
    return tuple(
        MappingProxyType(
            {
                "name": f"{check.name}[{source}]",
                "originalname": check.name,
                "callobj": _signature(check, source),
                "check": check,
                "source": source,
            }
        )
        for check in checks
        if check.scope is scope
        for source in check.item_sources
    )


def _signature(check: "Check", source: "Source") -> Any:
    match str(source):
        case "catalog":
            return _reads_catalog
        case "replay":
            return _replays_both if check.reads_catalog else _replays_observations
        case _:
            return _reads_both if check.reads_catalog else _reads_observations


def collect_spec(path: Path, parent: pytest.Collector) -> SpecModule | None:
    """Return the collector of a spec file that this session wants; `None` for any other file."""
    run = parent.config.stash.get(RUN, None)
    if run is None or path.suffix not in {".yaml", ".yml"} or path not in run.specs.wanted:
        return None
    module: SpecModule = SpecModule.from_parent(parent, path=path, **own_id(path, parent.config.rootpath))
    return module
