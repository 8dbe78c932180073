"""
What the user asked for, and what is known of the host before it is asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_darkhost.commands.new_venue.prices import ListedPrice, per_mtok
from pytest_darkhost.commands.shipped import shipped_specs
from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.specs.loader import load_venue
from pytest_darkhost.specs.rules import venue_name

_KEPT = {"aliases", "auth", "headers", "errors", "ceilings", "defaults"}
_GIVEN = "given on the command line"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line."""

    name: str
    base_url: str | None
    dialect: str | None
    variable: str | None
    models: tuple[str, ...]
    """Names that the venue knows; they are written without asking it."""
    patterns: tuple[str, ...]
    """Globs on the names that the venue lists."""
    from_catalog: bool
    price: ListedPrice | None
    catalog: str | None
    directory: Path | None


@dataclass(frozen=True, slots=True)
class Host:
    """A venue without its models."""

    name: str
    base_url: str | None
    """`None` where nobody has said it."""
    dialect: str
    variables: tuple[str, ...]
    shipped: bool
    """Whether the package carries a spec of this venue."""
    settings: Mapping[str, Any]
    """Further keys of the shipped spec."""


def given_price(text: str | None) -> ListedPrice | None:
    """
    Return the price of `--price IN,OUT`.

    :raises ArgumentError: it is no pair of amounts.
    """
    if text is None:
        return None
    pair = [per_mtok(part.strip()) for part in text.split(",")]
    if len(pair) != 2 or pair[0] is None or pair[1] is None:
        msg = f"--price: {text!r} is no pair of amounts, expected USD per million tokens in and out, such as 0.15,0.60"
        raise ArgumentError(msg)
    return ListedPrice(pair[0], pair[1], _GIVEN)


def host_of(wanted: Wanted) -> Host:
    """
    Return what the command line and the shipped spec of this name say of a host.

    :raises ArgumentError: the name cannot be a venue's, or that of a managed one.
    """
    try:
        venue_name(wanted.name)
    except ValueError as error:
        msg = f"NAME: {error}"
        raise ArgumentError(msg) from None
    path = shipped_specs().get(wanted.name)
    spec = load_venue(path, path.parent).spec if path else None
    if spec and spec.managed:
        msg = f"{wanted.name}: a venue that the plugin starts itself, expected a hosted one. Try: darkhost init"
        raise ArgumentError(msg)
    given = spec.model_dump(mode="json", exclude_unset=True, include=_KEPT) if spec else {}
    variables = spec.credential_env if spec else (_variable(wanted.name),)
    return Host(
        name=wanted.name,
        base_url=wanted.base_url or (spec.base_url if spec else None),
        dialect=wanted.dialect or (spec.dialect.value if spec else "openai"),
        variables=(wanted.variable,) if wanted.variable else variables,
        shipped=spec is not None,
        settings=given,
    )


def _variable(name: str) -> str:
    word = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    return f"{'_' if word[:1].isdigit() else ''}{word}_API_KEY"
