"""
What is noted while `env.py` runs once: by it as a whole, and by the revision's function. Runs nothing.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.isolation import Noise
from pytest_darkhost.migrations.statements import DATA_VERBS, Statement

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


@dataclass(slots=True)
class Heard:
    """What came of one run of `env.py`. Grows while it runs."""

    error: BaseException | None = None
    heads: tuple[str, ...] = ()
    """What the version table of our database says afterwards."""
    output: str = ""
    warnings: tuple[str, ...] = ()
    loud: bool = False
    """Whether any of that was said before or after the revision's function ran, by `env.py` then."""


@dataclass(slots=True)
class Recorded:
    """What came of the revision's function. Grows while it runs."""

    noise: Noise = field(default_factory=Noise)
    """What was printed and warned of since it was taken last."""
    context: "MigrationContext | None" = None
    contexts: int = 0
    """How often `env.py` ran its migrations."""
    said: tuple[int, int] = (0, 0)
    """How much was printed and warned of when the function had ended."""
    loud: bool = False
    """Whether there was anything of that before the function began."""
    statements: list[Statement] = field(default_factory=list)
    elapsed_ms: float = 0
    raised: Exception | None = None
    """What it raised, which `env.py` may catch."""

    def begin_anew(self) -> None:
        """Forget what came of the function of another step in the same run."""
        self.statements, self.elapsed_ms, self.raised = [], 0, None

    @property
    def altered(self) -> bool:
        """Whether there was more than INSERT and the like, so that more than rows may have changed."""
        return not all(each.verb in DATA_VERBS for each in self.statements)
