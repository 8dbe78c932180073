"""
The walk through the gates: in order, to the first that is shut; behind the last one the revision is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.commands.activate.facts import Drafted, Facts
from pytest_darkhost.commands.activate.gate import Gate
from pytest_darkhost.commands.activate.gates import GATES
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.activations.files import place, written


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of it."""

    gates: tuple[Gate, ...]
    """Those that were looked at."""
    files: tuple[Path, ...] = ()
    """What was written."""

    @property
    def all_open(self) -> bool:
        """Whether no gate is shut."""
        return all(gate.is_open for gate in self.gates)


def looked(facts: Facts) -> Walked:
    """Return all gates, also those behind a shut one. Nothing is written."""
    return Walked(tuple(gate(facts) for gate in GATES))


def walked(facts: Facts) -> Walked:
    """Return the gates up to the first that is shut, and what was written behind the last."""
    gates = tuple(_to_the_first_shut(facts))
    if not gates[-1].is_open or not isinstance(facts.revision, Drafted):
        return Walked(gates)
    onto = facts.revision.onto
    try:
        with written(facts.revision.drafts, onto) as files:
            return Walked(gates, place(files, onto.directory))
    except UsageError as error:
        text = str(error)
    except OSError as error:
        what = error.strerror or type(error).__name__
        text = f"{error.filename or onto.directory}: {what}, expected a place that can be written"
    shut = Gate("migration", is_open=False, text=text, to_do="mend that: nothing was written")
    return Walked((*gates[:-1], shut))


def _to_the_first_shut(facts: Facts) -> Iterator[Gate]:
    for gate in GATES:
        found = gate(facts)
        yield found
        if not found.is_open:
            return
