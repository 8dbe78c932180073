"""
The plugin's hooks. Heavy imports wait until there is a spec, so that a repository without one pays nothing.
"""

import os
from pathlib import Path

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite import activation_options
from pytest_darkhost.suite.deployed import DeployedSession
from pytest_darkhost.suite.fixtures import darkhost_catalog, darkhost_observations, darkhost_target
from pytest_darkhost.suite.lasting import no_rounds
from pytest_darkhost.suite.migrations import options as migrations
from pytest_darkhost.suite.misspelt import unknown_option
from pytest_darkhost.suite.options import add_options
from pytest_darkhost.suite.settings import Settings, read_settings

__all__ = ["darkhost_catalog", "darkhost_observations", "darkhost_target"]

MARKS = (
    "live: sends requests to a venue; runs only when -m asks for it by this name",
    "replay: judges what a cassette holds; sends nothing",
    "parity: compares a spec with the catalog; sends nothing to a venue",
    "migration: runs an Alembic revision up and down in a database of its own; reaches no other",
    "deployed: reads the database that was deployed to; runs only when -m asks for it by this name",
    "darkhost_needs(*probes): names the probes that a test reads through darkhost_observations",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini values."""
    add_options(parser)
    migrations.add_options(parser)
    activation_options.add_ini(parser)


def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Refuse a misspelt option of ours with the nearest names: pytest itself says only that it knows none."""
    if unknown := unknown_option(args, vars(early_config.known_args_namespace)):
        raise pytest.UsageError(unknown)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that a team may implement."""
    from pytest_darkhost.suite import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read settings, and refuse a run that lacks what it needs, before anything is sent."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    if wants_annotations(config):
        from pytest_darkhost.suite.annotations import Annotations

        config.pluginmanager.register(Annotations(config), "darkhost-annotations")
    try:
        settings = read_settings(config)
        if _concerned(config, settings):
            with no_rounds():
                from pytest_darkhost.suite.session import DarkhostSession
            config.pluginmanager.register(DarkhostSession.configured(config, settings), "darkhost-session")
        own = migrations.read_migration_settings(config)
        if deployed := DeployedSession.configured(config, settings, own):
            config.pluginmanager.register(deployed, "darkhost-deployed")
        if own.inis:
            with no_rounds():
                from pytest_darkhost.suite.migrations.session import MigrationSession

                session = MigrationSession.configured(config, settings, own)
            config.pluginmanager.register(session, "darkhost-migrations")
    except UsageError as error:
        raise pytest.UsageError(*str(error).splitlines()) from None


def wants_annotations(config: pytest.Config) -> bool:
    """Return whether failures are to be shown in a pull request: on GitHub, unless a plugin of its own does it."""
    on_github = os.environ.get("GITHUB_ACTIONS") == "true" and not hasattr(config, "workerinput")
    return on_github and not config.pluginmanager.has_plugin("pytest_github_actions_annotate_failures")


def _concerned(config: pytest.Config, settings: Settings) -> bool:
    """Return whether there can be anything for us to do: specs, or options that ask for some."""
    named = any(str(argument).split("::", maxsplit=1)[0].endswith((".yaml", ".yml")) for argument in config.args)
    asked = bool(settings.venues) or settings.plan_only or bool(config.getini("darkhost_specs"))
    return named or asked or any(d.is_dir() for d in settings.spec_directories)


@pytest.hookimpl(tryfirst=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a spec file."""
    if file_path.suffix not in {".yaml", ".yml"}:
        return None
    from pytest_darkhost.suite.collection import collect_spec

    return collect_spec(file_path, parent)
