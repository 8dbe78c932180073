"""
What an item of ours is given: the observations that the plugin's fixture would give it, without pytest's work for one.

Two fixtures cost pytest more than most checks cost us. Where somebody has put another one in place of ours, or wants to
see how fixtures are set up, it is pytest that asks for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_darkhost.suite.items import CheckItem

_TARGET, _OBSERVATIONS = _OURS = ("darkhost_target", "darkhost_observations")
_SHOWN = ("setupshow", "setuponly", "setupplan")
"""Options with which pytest shows fixtures."""


@contextmanager
def given(item: "CheckItem") -> Iterator[None]:
    """
    Give an item its observations, once its other fixtures are set up in this context.

    Raises pytest's own outcomes, as the fixture does.
    """
    if _OBSERVATIONS not in item.fixturenames or not _may_be_given(item):
        yield
        return
    from pytest_darkhost.suite.waiting import observations_of

    names = item.fixturenames
    item.fixturenames = [name for name in names if name not in _OURS]
    try:
        yield
    finally:
        item.fixturenames = names
    item.funcargs[_TARGET] = target = item.target
    item.funcargs[_OBSERVATIONS] = observations_of(item, target)


def _may_be_given(item: "CheckItem") -> bool:
    """Return whether the fixtures are ours alone, and nobody wants to see them."""
    definitions, option = item._fixtureinfo.name2fixturedefs, item.config.option
    return all(len(definitions.get(name, ())) == 1 for name in _OURS) and not any(getattr(option, n, 0) for n in _SHOWN)
