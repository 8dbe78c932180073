"""
What must be right before anything is sent. Runs in the controller's `pytest_configure`: a mistake is a usage
error, with or without pytest-xdist.
"""

import os
from contextlib import nullcontext

import pytest

from pytest_darkhost import variables
from pytest_darkhost.errors import CredentialError, ServeError, UsageError
from pytest_darkhost.near import hint
from pytest_darkhost.runner.credentials import require_credential
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.settings import NO_CATALOG


def check_names(run: Run) -> None:
    """Raise `UsageError` when `--venue` or an adapter path names what does not exist, or a named spec is broken."""
    _check_directories(run)
    _ = run.specs.wanted, run.specs.known_venues
    if run.settings.venues:
        _ = run.specs.all_loaded
    if run.settings.adapter_paths:
        _check_adapter_paths(run)


def _check_directories(run: Run) -> None:
    """Refuse a configured directory that is not there. The default one may be absent."""
    for directory in run.specs.directories if run.config.getini("darkhost_specs") else ():
        if not directory.is_dir():
            msg = f"darkhost_specs: {directory} is no directory, expected one that holds venue specs"
            raise UsageError(msg)


def _check_adapter_paths(run: Run) -> None:
    known = sorted({dialect.value for dialect in Dialect} | run.specs.known_venues)
    for name in run.settings.adapter_paths:
        if name not in known:
            listed = ", ".join(known)
            msg = f"darkhost_adapter_paths: {name!r} is no dialect and no venue, expected one of {listed}"
            raise UsageError(msg + hint(name, known))


def check_live(run: Run) -> None:
    """Raise `UsageError` when a live run lacks what it needs: sound specs, keys, a catalog, a cap."""
    venues = run.specs.all_loaded
    if run.settings.plan_only or run.config.option.collectonly:
        return
    _refuse_each(run)
    mistakes = [text for loaded in venues if (text := _key_mistake(run, loaded))]
    if mistakes:
        raise CredentialError("\n".join(mistakes))
    hosted = [loaded for loaded in venues if not loaded.spec.managed and run.runnable(loaded)]
    if hosted:
        _require_cap(run, hosted)
        _check_environment(hosted)
        _require_catalog(run, hosted)


def _refuse_each(run: Run) -> None:
    if getattr(run.config.option, "dist", "no") == "each":
        msg = "--dist=each: every worker would send each paid call, expected another --dist in a live run"
        raise UsageError(msg)


def _key_mistake(run: Run, loaded: LoadedVenue) -> str | None:
    if loaded.path.resolve() not in run.specs.explicit or loaded.spec.managed:
        return None
    try:
        require_credential(loaded.spec, os.environ)
    except CredentialError as error:
        return str(error)
    return None


def _require_cap(run: Run, hosted: list[LoadedVenue]) -> None:
    uncapped = [loaded for loaded in hosted if loaded.spec.max_cost_usd is None]
    if run.settings.max_cost_usd is None and uncapped:
        places = ", ".join(str(loaded.path.name) for loaded in uncapped)
        msg = (
            f"{places}: no max_cost_usd, expected a spending cap for a live run. "
            "Set max_cost_usd in the spec, darkhost_max_cost_usd in the ini file, or --darkhost-max-cost"
        )
        raise UsageError(msg)


def _check_environment(hosted: list[LoadedVenue]) -> None:
    from pytest_darkhost.transport.environment import check_environment

    check_environment(loaded.spec.base_url for loaded in hosted)


def _require_catalog(run: Run, hosted: list[LoadedVenue]) -> None:
    if run.settings.catalog is None:
        names = ", ".join(loaded.spec.venue for loaded in hosted)
        msg = (
            f"--darkhost-catalog: no catalog named, expected the database that production reads, to compare {names} "
            f"with. Name it by the option, ${variables.CATALOG_URL} or darkhost_catalog, or say '{NO_CATALOG}' there"
        )
        raise UsageError(msg)
    _ = run.catalog


def prepare_managed(run: Run) -> None:
    """Run the `prepare` command of each managed venue that was named, with its output shown; a failure ends the run."""
    from pytest_darkhost.runner.managed import prepare

    loaded = map(run.specs.load, run.specs.wanted)
    serves = {each.spec.lane: each.spec.serve for each in loaded if run.runnable(each)}
    capture = run.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        for serve in filter(None, serves.values()):
            try:
                prepare(serve)
            except ServeError as error:
                pytest.exit(str(error), returncode=pytest.ExitCode.TESTS_FAILED)
