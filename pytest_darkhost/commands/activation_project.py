"""
What commands that write an activation work on: what was typed, and else what the project's settings say.
"""

import argparse
from pathlib import Path

from pytest_darkhost.catalog.names import CatalogNames, overridden, parse_names
from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.specs.named import NamedTarget, named_target
from pytest_darkhost.suite.asking import Project
from pytest_darkhost.suite.settings import NO_CATALOG, Settings, absolute

ALEMBIC = "alembic.ini"
"""Where a project's history is configured if nothing else is said."""


def target_of(parsed: argparse.Namespace, settings: Settings) -> NamedTarget:
    """
    Return the target that `--venue` and `--model` name.

    :raises ArgumentError: there is none.
    :raises SpecError: a spec has mistakes.
    """
    directories = (parsed.specs.absolute(),) if parsed.specs else settings.spec_directories
    return named_target(directories, parsed.venue, parsed.model, settings.root)


def catalog_of(parsed: argparse.Namespace, settings: Settings) -> str | None:
    """Return the URL of the catalog; `None` where none is named."""
    url: str | None = parsed.catalog or settings.catalog
    return None if url == NO_CATALOG else url


def names_of(parsed: argparse.Namespace, settings: Settings) -> CatalogNames:
    """Return what the catalog calls tables and columns. Raises `UsageError` for what is no pair of names."""
    return parse_names(overridden(settings.catalog_names, parsed.name))


def alembic_of(parsed: argparse.Namespace, project: Project) -> Path:
    """
    Return the configuration of the history that the revision belongs to; absolute.

    :raises ArgumentError: the settings name several, and none was typed.
    """
    inis = (absolute(parsed.alembic),) if parsed.alembic else project.migrations.inis
    if len(inis) > 1:
        names = ", ".join(str(shown(ini)) for ini in inis)
        msg = f"darkhost_alembic: names {names}, expected one history for the activation. Name it with --alembic"
        raise ArgumentError(msg)
    return inis[0] if inis else project.settings.root / ALEMBIC


def shown(path: Path) -> Path:
    """Return a path as it is typed here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
