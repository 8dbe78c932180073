"""
Where a run comes from, as JSON-safe objects for the report: what is known before its first call.
"""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_darkhost.provenance.arguments import without_secrets
from pytest_darkhost.provenance.files import ConfigurationFile, configuration_files
from pytest_darkhost.provenance.git import GitError
from pytest_darkhost.provenance.operators import operator_of
from pytest_darkhost.provenance.packages import package_versions
from pytest_darkhost.provenance.pipeline import pipeline_run
from pytest_darkhost.provenance.working_tree import MOST_CHANGES, Roles, read_tree, untracked
from pytest_darkhost.semconv import VERSION
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.plan_ids import plan_record, planned_ids
from pytest_darkhost.suite.run import Run


def origin_of(run: Run, outputs: Iterable[Path]) -> dict[str, Any]:
    """
    Return the part of the run's object that its start decides.

    :param outputs: files and directories that runs write.
    """
    pipeline = pipeline_run(os.environ)
    files = configured_by(run)
    record = {
        "plan": plan_record(planned_ids(run)),
        "specs": [_spec_record(run, loaded) for loaded in run.running],
        "configuration": [file.record() for file in configuration_files(files, run.config.rootpath)],
        "operator": operator_of(os.environ, pipeline).record(),
        **_vcs(run.config.rootpath, Roles(files, tuple(outputs))),
        "cicd": pipeline.record() if pipeline else None,
        "invocation": invocation(run.config),
        "semconv": VERSION,
    }
    cleaned: dict[str, Any] = run.redactor.clean(record)
    return cleaned


def configured_by(run: Run) -> tuple[Path, ...]:
    """Return the specs that run, the ini file, and each `conftest.py` that is loaded by now."""
    ini = (run.config.inipath,) if run.config.inipath else ()
    return (*(loaded.path for loaded in run.running), *ini, *conftests(run.config))


def conftests(config: pytest.Config) -> tuple[Path, ...]:
    """Return the `conftest.py` files that are loaded by now."""
    modules = (plugin for plugin in config.pluginmanager.get_plugins() if isinstance(plugin, ModuleType))
    files = {Path(module.__file__) for module in modules if module.__file__}
    return tuple(sorted(file for file in files if file.name == "conftest.py"))


def _spec_record(run: Run, loaded: LoadedVenue) -> dict[str, Any]:
    return {
        "name": run.shown(loaded.path),
        "digest": {"sha256": loaded.digest},
        "venue": loaded.spec.venue,
        "base_url": loaded.spec.base_url,
        "managed": loaded.spec.managed,
    }


def _vcs(root: Path, roles: Roles) -> dict[str, Any]:
    try:
        return {"vcs": read_tree(root, roles).record(), "vcs_problem": None}
    except GitError as error:
        return {"vcs": None, "vcs_problem": str(error)}


def invocation(config: pytest.Config) -> dict[str, Any]:
    """Return what was typed, with `PYTEST_ADDOPTS` in front as pytest has it, and the versions that took part."""
    added = shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    plugins = {dist.project_name: dist.version for _, dist in config.pluginmanager.list_plugin_distinfo()}
    return {
        "arguments": without_secrets([*added, *map(str, config.invocation_params.args)]),
        "plugins": dict(sorted(plugins.items())),
        "packages": package_versions(),
    }


def with_late_files(origin: dict[str, Any], root: Path, late: Iterable[ConfigurationFile]) -> dict[str, Any]:
    """Return an origin with configuration that was only loaded by the collection, and what git says of it."""
    known = {entry["name"] for entry in origin["configuration"]}
    new = {file.name: file for file in late if file.name not in known}
    if not new:
        return origin
    added = [*origin["configuration"], *(file.record() for file in new.values())]
    vcs = origin["vcs"] and _with_changes(origin["vcs"], root, [root / name for name in new])
    return origin | {"configuration": sorted(added, key=lambda entry: str(entry["name"])), "vcs": vcs}


def _with_changes(vcs: dict[str, Any], root: Path, files: list[Path]) -> dict[str, Any]:
    try:
        found = untracked(root, files)
    except GitError:  # it answered at the start
        found = tuple(map(str, files))
    changes = sorted({*vcs["changes"], *found})
    return vcs | {"dirty": vcs["dirty"] or bool(changes), "changes": changes[:MOST_CHANGES]}
