"""
What was asked for: the command line over the settings of the project that it is typed in.
"""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.commands.activate.facts import Smoke
from pytest_darkhost.commands.activate.steps import Typed
from pytest_darkhost.commands.activation_project import ALEMBIC, alembic_of, catalog_of, names_of, shown, target_of
from pytest_darkhost.specs.named import NamedTarget
from pytest_darkhost.suite.asking import Project
from pytest_darkhost.suite.settings import Settings, absolute


@dataclass(frozen=True, slots=True)
class Asked:
    """What one call of the command is about."""

    named: NamedTarget
    names: CatalogNames
    root: Path
    catalog: str | None = field(repr=False)
    """A database URL; `None` where none is named."""
    alembic: Path
    """The configuration of the history; absolute."""
    evidence: Path | None
    public_keys: tuple[Path, ...]
    heads: tuple[str, ...]
    max_age_days: int
    authorised_path: tuple[str, ...]
    accepted: frozenset[str]
    revision: str | None
    smoke: Smoke


def asked(parsed: argparse.Namespace, project: Project) -> Asked:
    """
    Return what was asked for.

    :raises ArgumentError: a venue or model is not known, or the history is not told from others.
    :raises SpecError: a spec has mistakes.
    """
    settings, own = project.settings, project.activations
    folder = absolute(parsed.evidence) if parsed.evidence else settings.evidence
    named = target_of(parsed, settings)
    keys = tuple(parsed.key) or own.public_keys or _beside(settings.key)
    return Asked(
        named=named,
        names=names_of(parsed, settings),
        root=settings.root,
        catalog=catalog_of(parsed, settings),
        alembic=alembic_of(parsed, project),
        evidence=folder,
        public_keys=keys,
        heads=tuple(parsed.head),
        max_age_days=parsed.max_age or own.max_age_days,
        authorised_path=own.authorised_path,
        accepted=frozenset(parsed.accept),
        revision=parsed.revision,
        smoke=_smoke(named.target.venue.venue, settings, folder, keys),
    )


def typed(parsed: argparse.Namespace, project: Project, wanted: Asked, location: str) -> Typed:
    """Return what the commands that come next must name."""
    found_by_itself = wanted.alembic == Path.cwd() / ALEMBIC
    return Typed(
        alembic=None if found_by_itself else shown(wanted.alembic),
        history=None if wanted.alembic in project.migrations.inis else shown(wanted.alembic),
        catalog=location if parsed.catalog else None,
    )


def _beside(key: Path | None) -> tuple[Path, ...]:
    """Return the public key beside a private one, where it is."""
    public = key.with_suffix(".pub") if key else None
    return (public,) if public and public.is_file() else ()


def _smoke(venue: str, settings: Settings, folder: Path | None, keys: Sequence[Path]) -> Smoke:
    """Return commands that name what the settings do not."""
    run = ["pytest", "-m", "live", f"--venue={venue}"]
    if settings.evidence is None or settings.evidence != folder:
        run.append(f"--darkhost-evidence={shown(folder) if folder else 'evidence'}")
    if settings.key is None:
        run.append("--darkhost-key=darkhost.pem")
    verify = ["darkhost", "verify", str(shown(folder)) if folder else "evidence"]
    for key in keys or (Path("darkhost.pub"),):
        verify += ["--key", str(shown(key))]
    return Smoke(shlex.join(run), shlex.join(verify))
