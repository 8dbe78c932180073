"""
What pytest would run with in a directory: its settings and a team's hooks, asked of pytest itself. Collects nothing.
"""

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite.activation_settings import ActivationSettings, read_activation_settings
from pytest_darkhost.suite.migrations.options import MigrationSettings, read_migration_settings
from pytest_darkhost.suite.settings import Settings, absolute, read_settings

_SAID = 3


@dataclass(frozen=True, slots=True)
class Project:
    """A directory as a run of pytest would find it."""

    settings: Settings
    migrations: MigrationSettings
    activations: ActivationSettings
    ini: Path | None
    """The file that the settings come from."""
    adapters: tuple[str, ...]
    """The files that give an adapter."""


class _Listener:
    """Keeps the configuration, and ends the run before anything is collected."""

    def __init__(self) -> None:
        self.config: pytest.Config | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Called once options are read and the first `conftest.py` is imported."""
        self.config = config
        return int(pytest.ExitCode.OK)


def project_here() -> Project:
    """
    Return what pytest finds in the current directory. Imports its `conftest.py`, as pytest does.

    :raises UsageError: pytest itself cannot start here, or a setting of ours cannot be used.
    """
    listener, said = _Listener(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            pytest.main(["-p", "no:cacheprovider"], plugins=[listener])
        except SystemExit as ended:  # of a `conftest.py`: pytest lets it through
            said.write(f"SystemExit: {ended.code}\n")
    if listener.config is None:
        lines = [line for line in said.getvalue().splitlines() if line.strip()]
        msg = f"pytest: it cannot start in {Path.cwd()}, expected it to. It says: {' / '.join(lines[-_SAID:])}"
        raise UsageError(msg)
    config = listener.config
    return Project(
        settings=read_settings(config),
        migrations=read_migration_settings(config),
        activations=read_activation_settings(config),
        ini=config.inipath,
        adapters=tuple(_shown(each.plugin) for each in config.hook.pytest_darkhost_adapter.get_hookimpls()),
    )


def _shown(plugin: object) -> str:
    """Return where a plugin's code stands."""
    file = getattr(plugin, "__file__", None)
    return os.path.relpath(absolute(Path(file))) if file else str(getattr(plugin, "__name__", type(plugin).__name__))
