"""
Runs a team's `env.py` as `ScriptDirectory.run_env` of Alembic does: as a new module each time, its code read once.
"""

from collections.abc import Callable
from functools import cached_property
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

_MODULE = "env_py"
"""What Alembic calls it."""


class _Loader(SourceFileLoader):
    @cached_property
    def code(self) -> CodeType:
        """The code, compiled or from the cache of byte code."""
        return super().get_code(_MODULE)  # type: ignore[return-value]  # a source file has code

    def get_code(self, fullname: str) -> CodeType:
        """Return the code. Called by `exec_module`."""
        assert fullname == _MODULE, fullname
        return self.code


def env_script(script: "ScriptDirectory") -> Callable[[], None]:
    """
    Return a function that runs `env.py`, which raises whatever that raises.

    Where there is only byte code without a source, Alembic is left to find it.
    """
    path = Path(script.dir, "env.py")
    if not path.exists():
        return script.run_env
    loader = _Loader(_MODULE, str(path))

    def run() -> None:
        spec = spec_from_file_location(_MODULE, path, loader=loader)
        assert spec is not None, path
        loader.exec_module(module_from_spec(spec))

    return run
