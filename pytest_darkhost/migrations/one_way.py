"""
Revisions that go one way: a file without `downgrade()` says that it is not undone, as `NotImplementedError` does.
"""

import inspect
from types import ModuleType

from pytest_darkhost.migrations.steps import Direction
from pytest_darkhost.near import hint

_CUTOFF = 0.75
"""Takes `dowgrade` for a slip, and not `upgrade`."""


def require_function(module: ModuleType, direction: Direction) -> None:
    """
    Do nothing where a revision has the function of a direction.

    :raises NotImplementedError: it has no `downgrade()`, and nothing that may be meant.
    :raises AttributeError: it has no `upgrade()`, or its `downgrade()` seems to be misspelt.
    """
    if hasattr(module, direction):
        return
    functions = [name for name, value in vars(module).items() if inspect.isfunction(value)]
    meant = hint(direction, functions, _CUTOFF)
    one_way = direction is Direction.DOWN and not meant
    msg = f"there is no {direction}(){meant}"
    raise (NotImplementedError if one_way else AttributeError)(msg)
