"""
From what was asked for to the text of a spec that is sound. Writes nothing (`placing`).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.environment import known_keys
from pytest_darkhost.commands.new_venue.listing import ask
from pytest_darkhost.commands.new_venue.offers import Offer, catalog_offers, chosen, named_offers, provider_of
from pytest_darkhost.commands.new_venue.prices import ListedPrice, PriceList, price_lists, today
from pytest_darkhost.commands.new_venue.text import spec_text
from pytest_darkhost.commands.new_venue.wanted import Host, Wanted, host_of
from pytest_darkhost.commands.placing import Draft
from pytest_darkhost.commands.shipped import shipped_specs
from pytest_darkhost.errors import ArgumentError, SpecError, UsageError
from pytest_darkhost.near import hint
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.specs.loader import LoadedVenue, load_venue
from pytest_darkhost.specs.resolution import adapter_path
from pytest_darkhost.specs.schema import FILE as SCHEMA_FILE
from pytest_darkhost.specs.schema import LINE as SCHEMA_LINE
from pytest_darkhost.specs.schema import text as schema_text
from pytest_darkhost.suite.asking import project_here
from pytest_darkhost.suite.settings import NO_CATALOG, Settings

if TYPE_CHECKING:
    from pytest_darkhost.catalog.rows import Catalog

_FROM_CATALOG = "# From the catalog: parity with it proves nothing until somebody has read the URL at the venue.\n"
_PLACEHOLDER = Offer("x", "x", "x", True, (ListedPrice(Decimal(0), Decimal(0), "none"),))  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class WrittenSpec:
    """A spec that may be put in place."""

    drafts: tuple[Draft, ...]
    """The spec; with the schema for editors where the directory has none."""
    count: int
    """How many models it has."""
    remarks: tuple[str, ...]
    """What the user should know, a line each."""


def written_spec(wanted: Wanted) -> WrittenSpec:
    """
    Return a spec that is sound as it is. Sends one GET to the venue where its models were not said otherwise.

    :raises UsageError: something is missing, there already, or cannot be used.
    """
    settings = project_here().settings
    path = (wanted.directory or Path(os.path.relpath(settings.spec_directories[0]))) / f"{wanted.name}.yaml"
    _refuse_overwriting(path)
    host, catalog = host_of(wanted), _catalog(wanted, settings) if wanted.from_catalog else None
    host, comment = _with_url(host, catalog)
    offers = _offers(wanted, host, settings, catalog)
    priced = [offer for offer in offers if offer.prices]
    if not priced:
        names = ", ".join(offer.upstream for offer in offers)
        to_do = "Give one with --price IN,OUT, or pip install 'pytest-darkhost[prices]'"
        msg = f"{wanted.name}: no list that is installed has a price of {names}, expected one for each model. {to_do}"
        raise UsageError(msg)
    schema = _schema_of(path.parent)
    text = spec_text(host, offers, day=today(), schema=schema or SCHEMA_FILE, url_comment=comment)
    _refuse_known_slugs(_checked(wanted.name, text), path.parent)
    beside = () if schema else (Draft(path.with_name(SCHEMA_FILE), schema_text()),)
    return WrittenSpec((Draft(path, text), *beside), len(priced), tuple(_remarks(offers)))


def _schema_of(directory: Path) -> str | None:
    """Return where the specs of a directory find the schema for editors, relative to it; `None` where it has none."""
    if (directory / SCHEMA_FILE).exists():
        return SCHEMA_FILE
    found = (SCHEMA_LINE.match(path.read_text(encoding="utf-8", errors="replace")) for path in find_specs([directory]))
    return next((match[1].strip() for match in found if match), None)


def _refuse_overwriting(path: Path) -> None:
    for there in (path, path.with_suffix(".yml")):
        if there.exists() or there.is_symlink():
            msg = f"{there}: the file is there already, expected none. It stays as it was. Move it away first"
            raise UsageError(msg)


def _catalog(wanted: Wanted, settings: Settings) -> "Catalog":
    url = wanted.catalog or settings.catalog
    if not url or url == NO_CATALOG:
        msg = "--from-catalog: no catalog is named, expected --catalog, $DARKHOST_CATALOG_URL or darkhost_catalog"
        raise ArgumentError(msg)
    from pytest_darkhost.catalog.names import parse_names
    from pytest_darkhost.catalog.reader import read_catalog

    return read_catalog(url, parse_names(settings.catalog_names), known_keys((), os.environ).clean)


def _with_url(host: Host, catalog: "Catalog | None") -> tuple[Host, str]:
    """Return the host with a base URL, and what a reader must know of it."""
    row = provider_of(host.name, catalog) if catalog else None
    if host.base_url and row and not _is_known(host, row.base_url):
        return host, f"# The catalog says {_shown(row.base_url)}: parity fails until both are the same.\n"
    if host.base_url is None and row:
        return replace(host, base_url=row.base_url), _FROM_CATALOG
    if host.base_url is None:
        near = hint(host.name, shipped_specs())
        msg = f"{host.name}: no spec of this venue is shipped, expected its base URL. Give it with --base-url{near}"
        raise ArgumentError(msg)
    return host, ""


def _is_known(host: Host, url: str) -> bool:
    return url.rstrip("/") in {each.rstrip("/") for each in (host.base_url or "", *host.settings.get("aliases", ()))}


def _shown(url: str) -> str:
    """Return a URL of the catalog for a comment, but none that may hold a password or a key."""
    return "another URL" if {"@", "?", "#"} & set(url) else one_line(url)


def _offers(wanted: Wanted, host: Host, settings: Settings, catalog: "Catalog | None") -> tuple[Offer, ...]:
    lists = price_lists(host.name, host.base_url or "")
    if wanted.price:
        lists = (lambda _upstream: wanted.price,)
    if catalog:
        offers = catalog_offers(host.name, catalog, lists)
        given = {wanted.price} - {None}
        return tuple(replace(each, prices=tuple(sorted(each.prices, key=lambda p: p not in given))) for each in offers)
    if wanted.models:
        return named_offers(host.name, wanted.models, lists)
    spec = _checked(host.name, spec_text(host, (_PLACEHOLDER,), day=today(), schema=SCHEMA_FILE)).spec
    listing = ask(spec, adapter_path(spec, settings.adapter_paths))
    told: PriceList = listing.prices.get
    return named_offers(
        host.name, chosen(listing, wanted.patterns, host.name), lists if wanted.price else (told, *lists)
    )


def _checked(name: str, text: str) -> LoadedVenue:
    """Return a text as the venue that it describes. Raises `SpecError` as for a file of this name."""
    with tempfile.TemporaryDirectory(prefix="darkhost-") as scratch:
        file = Path(scratch) / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        return load_venue(file, Path(scratch))


def _refuse_known_slugs(venue: LoadedVenue, directory: Path) -> None:
    """Refuse a slug that another spec has: slugs are unique over all providers."""
    wanted = {model.slug for model in venue.spec.models}
    for path in find_specs([directory]):
        with suppress(SpecError):  # what is wrong with another spec is not said here
            twice = wanted & {model.slug for model in load_venue(path, path.parent).spec.models}
            if twice:
                msg = f"{path}: it has {', '.join(sorted(twice))} already, expected each slug in one spec only"
                raise UsageError(msg)


def _remarks(offers: tuple[Offer, ...]) -> Iterator[str]:
    if unpriced := [offer.upstream for offer in offers if not offer.prices]:
        yield f"no price, so written as a comment: {', '.join(unpriced)}"
    for offer in offers:
        if offer.disagree:
            yield f"prices disagree: {offer.upstream} ({', '.join(price.source for price in offer.prices)})"
