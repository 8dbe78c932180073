"""
The models of a new spec: those that were named, those that the venue lists, or the dark rows of the catalog.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pytest_darkhost.catalog.rows import Catalog, ModelRow, ProviderRow
from pytest_darkhost.commands.new_venue.listing import Listing
from pytest_darkhost.commands.new_venue.prices import ListedPrice, PriceList
from pytest_darkhost.errors import ArgumentError, UsageError
from pytest_darkhost.near import hint

_MOST = 12
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Offer:
    """One model of the new spec."""

    slug: str
    upstream: str
    brand: str
    brand_is_known: bool
    prices: tuple[ListedPrice, ...]
    """What lists say; the first is written. Empty: no list has it."""
    row: ModelRow | None = None
    """The catalog's row."""

    @property
    def disagree(self) -> bool:
        """Whether lists give different prices."""
        return len({price.pair for price in self.prices}) > 1


def named_offers(venue: str, names: Sequence[str], lists: Sequence[PriceList]) -> tuple[Offer, ...]:
    """Return the offers of these upstream names, in their order."""
    slugs = _slugs(venue, names)
    return tuple(
        Offer(slugs[name], name, *_brand(venue, name), tuple(price for each in lists if (price := each(name))))
        for name in names
    )


def chosen(listing: Listing, patterns: Sequence[str], venue: str) -> tuple[str, ...]:
    """
    Return the listed names that patterns choose; without patterns all of them, unless they are many.

    :raises ArgumentError: a pattern matches nothing, or there is nothing to choose by and too much to choose from.
    :raises UsageError: the venue lists nothing.
    """
    if not listing.names:
        msg = f"{venue}: it lists no model, expected at least one. Name models with --model"
        raise UsageError(msg)
    if not patterns and len(listing.names) > _MOST:
        msg = (
            f"{venue}: it lists {len(listing.names)} models, expected a choice where there are more than {_MOST}. "
            f"Choose with --match, such as --match '*gpt-oss*'; '*' is all: {_some(listing.names)}"
        )
        raise ArgumentError(msg)
    for pattern in patterns:
        if not any(_like(name, pattern) for name in listing.names):
            near = hint(pattern, listing.names, 0.4)
            msg = f"--match {pattern!r}: it matches no model of {venue}, expected one of {_some(listing.names)}{near}"
            raise ArgumentError(msg)
    return tuple(name for name in listing.names if not patterns or any(_like(name, each) for each in patterns))


def provider_of(venue: str, catalog: Catalog) -> ProviderRow:
    """
    Return a venue's row of providers.

    :raises UsageError: there is none.
    """
    row = catalog.provider(venue)
    if row is None:
        known = sorted(row.slug for row in catalog.providers)
        near = hint(venue, known)
        msg = f"catalog {catalog.location}: no provider {venue!r}, expected one of {', '.join(known)}{near}"
        raise UsageError(msg)
    return row


def catalog_offers(venue: str, catalog: Catalog, lists: Sequence[PriceList]) -> tuple[Offer, ...]:
    """
    Return the offers of a venue's dark rows, in slug order.

    :raises UsageError: the catalog has no dark row of this provider.
    """
    rows = [row for row in catalog.models_of(venue) if not row.active]
    if not rows:
        count = len(catalog.models_of(venue))
        msg = f"catalog {catalog.location}: no dark row of {venue}, expected one. Active rows: {count}"
        raise UsageError(msg)
    return tuple(_of_row(venue, row, lists) for row in rows)


def _of_row(venue: str, row: ModelRow, lists: Sequence[PriceList]) -> Offer:
    own = []
    if row.price_in_per_mtok_usd is not None and row.price_out_per_mtok_usd is not None:
        own = [ListedPrice(row.price_in_per_mtok_usd, row.price_out_per_mtok_usd, "the catalog")]
    found = (price for each in lists if (price := each(row.upstream_model)))
    brand = (row.brand, True) if row.brand else _brand(venue, row.upstream_model)
    return Offer(row.slug, row.upstream_model, *brand, (*own, *found), row)


def _like(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower())


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _slugs(venue: str, names: Iterable[str]) -> dict[str, str]:
    """Return a slug for each name, as path A has them: the model's last name and the venue; the whole on a clash."""
    slugs: dict[str, str] = {}
    for name in names:
        short, whole = (_sluggish(part) + f"-{venue}" for part in (name.rstrip("/").rpartition("/")[2], name))
        slug, number = (short if short not in slugs.values() else whole), 2
        while slug in slugs.values():
            slug, number = f"{whole}-{number}", number + 1
        slugs[name] = slug
    return slugs


def _sluggish(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "model"


def _brand(venue: str, name: str) -> tuple[str, bool]:
    """Return who made a model, as far as its name says: `openai/gpt-oss-120b`. Otherwise the venue, as a guess."""
    parts = name.split("/")
    return (parts[0].lower(), True) if len(parts) == 2 and parts[0].strip() else (venue, False)
