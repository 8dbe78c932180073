"""
Facts, read: environment, settings, evidence, catalog and history. Nothing is written, nothing is sent to a venue.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from pytest_darkhost import variables
from pytest_darkhost.catalog.digests import row_digest
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.commands.activate.asked import Asked
from pytest_darkhost.commands.activate.authorisation import Authorisation, authorisation_of, scopes_of
from pytest_darkhost.commands.activate.facts import BASE, Drafted, Existing, Facts, Row
from pytest_darkhost.commands.activate.gate import Problem
from pytest_darkhost.commands.activation_project import shown
from pytest_darkhost.commands.environment import known_keys
from pytest_darkhost.errors import CatalogError, CredentialError, DarkhostError, EvidenceError
from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.keys import load_public
from pytest_darkhost.evidence.target_runs import PACKAGE, Seen, seen_of
from pytest_darkhost.evidence.verifying import verified
from pytest_darkhost.migrations.activations.writing import Request, drafts
from pytest_darkhost.migrations.declarations import declared
from pytest_darkhost.migrations.deployed import due
from pytest_darkhost.migrations.history import History, load
from pytest_darkhost.migrations.ini import locate
from pytest_darkhost.moments import rfc3339
from pytest_darkhost.runner.credentials import find_credential
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.suite.activation_options import PUBLIC_KEY

_UNNAMED_CATALOG = Problem(
    "no catalog is named, expected the database with the row", f"set {variables.CATALOG_URL}, or give --catalog"
)


def gather(asked: Asked, environment: Mapping[str, str] = os.environ) -> Facts:
    """Return the facts of this moment. What cannot be looked at is a `Problem` in its place."""
    now = datetime.now(UTC)
    target = asked.named.target
    scopes = scopes_of(each.spec for each in asked.named.venues)
    authorisation = authorisation_of(asked.authorised_path, target.id, scopes, now.astimezone().date())
    seen = _seen(asked)
    return Facts(
        venue=target.venue.venue,
        slug=target.model.slug,
        now=now,
        key=_key(target.venue, environment),
        authorisation=authorisation,
        seen=seen,
        evidence=shown(asked.evidence) if asked.evidence else None,
        row=_row(asked, environment),
        spec_sha256=asked.named.loaded.digest,
        version=version(PACKAGE),
        max_age_days=asked.max_age_days,
        revision=_revision(asked, authorisation, seen),
        smoke=asked.smoke,
    )


def _key(spec: VenueSpec, environment: Mapping[str, str]) -> str | Problem:
    """Return the name of the variable that holds a key. No part of the key leaves this function."""
    if not spec.credential_env:
        return f"{spec.venue} wants no key"
    try:
        found = find_credential(spec, environment)
    except CredentialError as error:
        return Problem(str(error), "export it anew")
    if found is None:
        return Problem(
            f"the key of {spec.venue} is not there, expected it in {' or '.join(spec.credential_env)}", "export it"
        )
    return f"{next(name for name in spec.credential_env if name in environment)} is set"


def _seen(asked: Asked) -> Seen | Problem:
    if asked.evidence is None:
        return Problem("no evidence is named, expected the folder of a live run", asked.smoke.run)
    if not asked.public_keys:
        to_do = f"give --key darkhost.pub, or set {PUBLIC_KEY}"
        return Problem(f"{shown(asked.evidence)}: no public key is named that verifies it", to_do)
    target = asked.named.target
    try:
        trusted = [load_public(path) for path in asked.public_keys]
        steps = verified(asked.evidence, trusted, Heads(asked.heads))
        return seen_of(steps, target.venue.venue, target.model.slug)
    except EvidenceError as error:
        to_do = asked.smoke.run if error.code in {"folder", "empty"} else asked.smoke.verify
        return Problem(f"{error} ({error.code})", to_do)


def _row(asked: Asked, environment: Mapping[str, str]) -> Row | Problem:
    if asked.catalog is None:
        return _UNNAMED_CATALOG
    target = asked.named.target
    try:
        catalog = read_catalog(asked.catalog, asked.names, known_keys(asked.named.venues, environment).clean)
    except CatalogError as error:
        return Problem(str(error), "make it readable, or name another with --catalog")
    row = catalog.model(target.model.slug)
    return Row(
        sha256=row_digest(catalog, target.venue.venue, target.model.slug),
        active=row is not None and row.active,
        location=catalog.location,
    )


def _revision(
    asked: Asked, authorisation: Authorisation | Problem, seen: Seen | Problem
) -> Drafted | Existing | Problem:
    """Return the revision that activates the target, else what could be written; a reason where neither is."""
    try:
        if existing := _existing(asked):
            return existing
        if isinstance(authorisation, Problem):
            return Problem("which path it takes is not known", "open the gate path first")
        if asked.catalog is None:
            return _UNNAMED_CATALOG
        onto, made = drafts(_request(asked, asked.catalog, authorisation, seen))
    except DarkhostError as error:
        return Problem("; ".join(str(error).splitlines()), "mend that")
    return Drafted(onto, made)


def _existing(asked: Asked) -> Existing | None:
    history = load(locate(asked.alembic, asked.root), asked.root)
    own = [each for each in history.revisions if each.may_declare]
    activations = due(history, declared(history, own, asked.named.venues, asked.root)).activations
    revision = activations.get(asked.named.target.id)
    return None if revision is None else _described(history, revision)


def _described(history: History, revision_id: str) -> Existing:
    found = history.get(revision_id)
    return Existing(
        revision=revision_id,
        below=next(iter(found.down), BASE),
        file=found.shown,
        is_head=revision_id in history.heads,
    )


def _request(asked: Asked, catalog: str, authorisation: Authorisation, seen: Seen | Problem) -> Request:
    return Request(
        named=asked.named,
        path=authorisation.path,
        catalog=catalog,
        ini=asked.alembic,
        names=asked.names,
        accepted=asked.accepted,
        revision=asked.revision,
        reasons=tuple(_reasons(authorisation, seen)),
    )


def _reasons(authorisation: Authorisation, seen: Seen | Problem) -> list[str]:
    """Return what led to the revision, for its docstring: who authorised its path, and which run proved the target."""
    found = [f"Path {authorisation.path} was authorised by {authorisation.who} on {authorisation.day}."]
    if isinstance(seen, Seen) and seen.target:
        run = seen.target
        found.append(f"Proved by run {run.run_id} of {rfc3339(run.time)}, in line {run.line} of the evidence.")
    return found
