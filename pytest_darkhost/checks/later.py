"""
A check of the package that is imported when it is first needed. Collecting items needs its name alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_darkhost.checks.case import Case
    from pytest_darkhost.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Later:
    """A function of a module of `pytest_darkhost.checks`, by their names."""

    module: str
    name: str

    def load(self) -> "Callable[[Case], Verdict]":
        """Return the function itself."""
        function: Callable[[Case], Verdict] = getattr(import_module(f"{__package__}.{self.module}"), self.name)
        return function

    def __call__(self, case: "Case") -> "Verdict":
        """Return the function's verdict."""
        return self.load()(case)
