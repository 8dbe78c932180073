"""
Whether the spec, the `providers` row and the wire name one URL: the one that production will call.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_darkhost.catalog.rows import Catalog, ProviderRow
from pytest_darkhost.checks.availability import not_planned, problem, trouble
from pytest_darkhost.checks.case import Case, Source
from pytest_darkhost.checks.target import seen
from pytest_darkhost.checks.texts import near_text, short
from pytest_darkhost.checks.urls import difference, ends_in_appended
from pytest_darkhost.observations import ErrorKind, Mode, Observation
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.resolution import Sameness, normalised, resolved, sameness, with_template_port
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

SPEC, PROVIDERS, WIRE, RECORDED = "spec", "providers", "on the wire", "on the cassette"
EXPECTED = "one URL in the spec, the providers row and on the wire"
_USER = re.compile(r"//.*@")
_CHATS = (
    ProbeName.COLD,
    ProbeName.WARM,
    ProbeName.STREAM,
    ProbeName.TOOL_CALL,
    ProbeName.TOOL_CALL_STREAM,
    ProbeName.JSON_SCHEMA,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL is named, which, and how it stands to the spec's."""

    title: str
    url: str
    sameness: Sameness
    note: str = ""

    @property
    def line(self) -> tuple[str, str]:
        """Title and annotated URL."""
        return self.title, f"{self.url}  <- {self.note}" if self.note else self.url


def catalog_words(catalog: Catalog) -> str:
    """Return which catalog was read: `database postgresql://…` or `reference catalog`."""
    source = catalog.source.value
    return source if catalog.location == source else f"{source} {catalog.location}"


def _answered(case: Case) -> tuple[Observation, ...]:
    """Return the chats that the venue answered in any way: their URL was on the wire."""
    return tuple(
        o for o in seen(case, *_CHATS) if o.mode is not Mode.UNSEEN and o.exchange and o.exchange.status is not None
    )


def wire_urls(case: Case) -> tuple[str, ...]:
    """Return the distinct URLs of all answered chats, in the order sent, with a managed venue's port as `{port}`."""
    urls = [o.exchange.url for o in _answered(case) if o.exchange]
    return tuple(dict.fromkeys(normalised(with_template_port(url, case.venue.base_url)) for url in urls))


def _place(case: Case, title: str, url: str) -> Place:
    path = case.adapter_path.path
    stands = sameness(case.venue, path, url)
    note = difference(url, _spec_url(case), path) if stands is Sameness.DIFFERENT else ""
    return Place(title, url, stands, "known alias" if stands is Sameness.ALIAS else note)


def _spec_url(case: Case) -> str:
    return resolved(case.venue.base_url, case.adapter_path.path)


def _spec_place(case: Case) -> Place:
    note = ends_in_appended(case.venue.base_url, case.adapter_path.path) or ""
    return Place(SPEC, _spec_url(case), Sameness.SAME, note)


def _provider_place(case: Case, row: ProviderRow) -> Place:
    return _place(case, PROVIDERS, resolved(row.base_url, case.adapter_path.path))


def _context(case: Case, places: list[Place]) -> tuple[tuple[str, str], ...]:
    lines = [place.line for place in (_spec_place(case), *places) if place.title != WIRE]
    wires = [place.line[1] for place in places if place.title == WIRE]
    if case.source is not Source.CATALOG:
        title = WIRE if case.source is Source.LIVE else RECORDED
        lines.append((title, ", ".join(wires) or "nothing was answered"))
    if case.adapter_path.origin != "default":
        lines.append(("adapter appends", f"{case.adapter_path.path} ({case.adapter_path.origin})"))
    lines.append(("catalog", "none" if case.catalog is None else catalog_words(case.catalog)))
    return tuple(lines)


def _no_route(case: Case) -> bool:
    """Return whether the venue answered all chats with `no such route`: the URLs agree, and are all wrong."""
    answered = _answered(case)
    kinds = {o.error.kind if o.error else None for o in answered}
    return kinds == {ErrorKind.NO_SUCH_ROUTE}


def _fault(case: Case, places: list[Place]) -> str | None:
    """Return why the named URLs are not one that works, or `None`."""
    different = [place for place in places if place.sameness is Sameness.DIFFERENT]
    if different:
        return "; ".join(f"{place.title} {place.url}: {place.note}" for place in different)
    doubled = ends_in_appended(case.venue.base_url, case.adapter_path.path)
    if doubled:
        return f"spec {_spec_url(case)}: {doubled}"
    return f"the venue has no such route: {_spec_url(case)}" if _no_route(case) else None


def _agreement(case: Case, places: list[Place]) -> Passed:
    aliases = [place.title for place in places if place.sameness is Sameness.ALIAS]
    actual = f"{' and '.join(dict.fromkeys(aliases))}: known alias" if aliases else f"same: {_spec_url(case)}"
    return Passed(EXPECTED, actual, _context(case, places))


def _without_row(case: Case, catalog: Catalog, places: list[Place]) -> Failed:
    slug = case.venue.venue
    near = near_text(slug, (row.slug for row in catalog.providers))
    context = list(_context(case, places))
    context.insert(1, (PROVIDERS, "no row"))
    return Failed(EXPECTED, f"providers has no row with slug {slug!r}{near}", tuple(context))


def _no_url(row: ProviderRow) -> str | None:
    """Return why a provider's base URL is none at all, or `None`. User information is not shown."""
    try:
        _ = urlsplit(row.base_url.replace("{port}", "65535")).port
    except ValueError:
        value = short(repr(_USER.sub("//[redacted]@", row.base_url)), 120)
        return f"providers has {value} as base_url, expected a URL such as 'https://api.example.com/openai'"
    return None


def _unseen(case: Case) -> Verdict | None:
    """Return why the wire named no URL, or `None` where it did or was not to."""
    if case.source is Source.CATALOG or _answered(case):
        return None
    chats = seen(case, *_CHATS)
    silent = Failed("an answer", "no chat was answered")
    return (trouble(chats, problem) or silent) if chats else not_planned(ProbeName.COLD)


def base_url_parity(case: Case) -> Verdict:
    """
    Return whether the URLs that the spec, the catalog and (live) the wire name are one, or known aliases of it.

    A base URL that ends in what the adapter appends fails even where spec and catalog agree on it, and so does a URL
    of which the venue says that there is no such route. Without a catalog nothing is judged, unless the wire differs.
    """
    wires = () if case.source is Source.CATALOG else wire_urls(case)
    places = [_place(case, WIRE, url) for url in wires]
    if case.catalog is not None:
        row = case.catalog.provider(case.venue.venue)
        if row is None:
            return _without_row(case, case.catalog, places)
        no_url = _no_url(row)
        if no_url:
            return Failed(EXPECTED, no_url, _context(case, places))
        places.insert(0, _provider_place(case, row))
    fault, unseen = _fault(case, places), _unseen(case)
    if fault:
        return Failed(EXPECTED, fault, _context(case, places))
    if case.catalog is None:
        return NotJudged(ReasonCode.NOT_APPLICABLE, "no catalog: the ini says none", _context(case, places))
    return unseen or _agreement(case, places)
