"""
What `darkhost activate` says: a line for each gate, then what was written and what a person types next.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from pytest_darkhost import __version__
from pytest_darkhost.commands.activate.facts import Existing, Facts
from pytest_darkhost.commands.activate.gate import Gate
from pytest_darkhost.commands.activate.gates import GATES
from pytest_darkhost.commands.activate.steps import Step
from pytest_darkhost.commands.activate.walk import Walked
from pytest_darkhost.commands.activation_project import shown
from pytest_darkhost.plain_text import printable

_SCHEMA_VERSION = 1
_WIDTH = max(len(gate.__name__) for gate in GATES)


def tell(facts: Facts, came: Walked, commands: tuple[Step, ...], *, check: bool) -> None:
    """Print it for a person."""
    for line in _lines(facts, came, commands, check=check):
        sys.stdout.write(f"{printable(line)}\n")


def tell_json(facts: Facts, came: Walked, commands: tuple[Step, ...]) -> None:
    """Print it for a program."""
    said: dict[str, Any] = {
        "activate": _SCHEMA_VERSION,
        "version": __version__,
        "target": facts.target,
        "open": came.all_open,
        "gates": [
            {"gate": each.name, "state": each.state, "text": each.text, "to_do": each.to_do or None}
            for each in came.gates
        ],
        "written": [str(shown(file)) for file in came.files],
        "next": [{"step": each.name, "command": each.command} for each in commands],
    }
    sys.stdout.write(f"{json.dumps(said, indent=2)}\n")


def _lines(facts: Facts, came: Walked, commands: tuple[Step, ...], *, check: bool) -> Iterator[str]:
    for gate in came.gates:
        yield _line(gate)
    for file in came.files:
        yield f"written  {shown(file)}"
    if not came.all_open:
        return
    if check:
        yield "Nothing was written, for that is what --check says"
        return
    yield "Nothing is lit before somebody has reviewed, tried and applied it:"
    width = max(len(each.name) for each in commands)
    for each in commands:
        yield f"  {each.name:<{width}}  {each.command}"
    if isinstance(facts.revision, Existing) and not facts.revision.is_head:
        yield f"  To roll back takes back every revision above {facts.revision.revision} too"


def _line(gate: Gate) -> str:
    to_do = f". To do: {gate.to_do}" if gate.to_do else ""
    return f"{gate.state}  {gate.name:<{_WIDTH}}  {gate.text}{to_do}"
