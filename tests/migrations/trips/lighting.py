"""The reference history with one activation on top, right or broken in one way."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migrations.trips.histories import HistoryFiles, Options, Walked, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.specs.loader import load_venue
from pytest_darkhost.specs.models import Target
from support.activations import SEEDED, model, spec
from support.history import HISTORY

SLUG = SEEDED["slug"]
ROW = f"slug = '{SLUG}'"
OTHER = "slug = 'qwen3.5-9b-together'"
COLUMNS = ["q_prior", "m_allowed", "active"]
LIGHT = f"UPDATE models SET q_prior = 0.83, m_allowed = true, active = true WHERE {ROW}"
DARKEN = f"UPDATE models SET q_prior = NULL, m_allowed = NULL, active = false WHERE {ROW}"
REFUSAL = "(NotImplementedError)"
ABSENT = "(no downgrade)"
CHANGES: list[Mapping[str, Any]] = [{"table": "models", "row": {"slug": SLUG}, "columns": COLUMNS}]


@dataclass(frozen=True)
class Activation:
    """SQL of both directions, and what is declared."""

    up: tuple[str, ...] = (LIGHT,)
    down: tuple[str, ...] = (DARKEN,)
    declared: tuple[Mapping[str, Any], ...] = tuple(CHANGES)
    volatile: tuple[str, ...] = ()
    guarded: bool = False
    below: tuple[str, ...] = ()
    """What a revision between the seed and the activation does."""

    def also(self, up: str = "", down: str = "", *declared: Mapping[str, Any]) -> "Activation":
        """Return it with one more statement in each direction."""
        return replace(
            self,
            up=(*self.up, *filter(None, [up])),
            down=(*filter(None, [down]), *self.down),
            declared=(*self.declared, *declared),
        )


def target(root: Path) -> Target:
    """Return the spec of the model that is activated: priors and verdicts are composed."""
    file = root / "together.yaml"
    file.write_text(spec(model(**SEEDED)), encoding="utf-8")
    return load_venue(file, root).spec.targets[0]


@contextmanager
def lit(root: Path, server: Server, activation: Activation, **options: Any) -> Iterator[Walked]:
    """Yield a walk that judges revision 0004, the activation."""
    files = HistoryFiles(root)
    for file in (HISTORY / "versions").glob("0*.py"):
        shutil.copy(file, files.versions)
    files.add("0003", "0002", executing(activation.below))
    declared = {"activates": f"together/{SLUG}", "changes": list(map(dict, activation.declared))}
    if activation.volatile:
        declared["volatile"] = list(activation.volatile)
    if activation.guarded:
        declared["guarded"] = True
    file = files.add("0004", "0003", executing(activation.up), executing(activation.down), declared=declared)
    if activation.down == (ABSENT,):
        file.write_text(file.read_text(encoding="utf-8").replace("def downgrade", "def nothing"), encoding="utf-8")
    wanted = options.pop("wanted", frozenset({"0004"}))
    with walking(files, server, Options(targets=(target(root),), wanted=wanted, **options)) as walked:
        yield walked


def executing(statements: tuple[str, ...]) -> str:
    """Return the body of a function that executes statements."""
    lines = ("raise NotImplementedError" if each == REFUSAL else f"execute(sa.text({each!r}))" for each in statements)
    return "\n".join(lines) or "pass"
