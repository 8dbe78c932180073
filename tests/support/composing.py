"""
Composes the cassettes of hosted venues: the stand-in answers in the venue's place, with what its documents say.

Nobody has called these venues. Each file says `composed`, its times are made up, and no verdict on times reads them.
"""

import asyncio
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.cassettes.reading import key_header_of
from pytest_darkhost.cassettes.writing import write_cassette
from pytest_darkhost.observations import CassetteLabel, Chunk, Connection, Exchange, Marks
from pytest_darkhost.plan import Owner, Plan
from pytest_darkhost.runner.probing import Sender, VenueRun
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.loader import LoadedVenue, load_venue
from pytest_darkhost.specs.models import ModelSpec
from pytest_darkhost.specs.resolution import adapter_path
from pytest_darkhost.transport.client import TargetClient
from pytest_darkhost.transport.clock import LoopLag
from support.driving import ADAPTER_PATHS, plan_for
from support.keys import KEY
from support.loop_thread import LoopThread
from support.profile import Profile
from support.profiles import HOSTED, PROFILES
from support.said import Prices
from support.venue_server import VenueServer

MOMENT = datetime(2026, 11, 25, tzinfo=UTC)
"""When all of them say they were composed, so that composing again changes nothing."""
_DATE = format_datetime(MOMENT, usegmt=True)
_STEP_NS = 10_000_000
_BLANK = b"\n\n"


def compose(
    loaded: LoadedVenue, directory: Path, thread: LoopThread, *, profile: str = "", first: int | None = None
) -> Iterator[Path]:
    """Write the cassettes of a venue and of its (first) targets, played by its profile or another; yield the paths."""
    run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"composed:{loaded.spec.venue}"))
    plan = plan_for(loaded.spec, nonce=run_id)
    models = {model.slug: model for model in loaded.spec.models}
    for owner in islice(plan.by_owner, None if first is None else first + 1):
        played = _priced(PROFILES[profile or loaded.spec.venue], models.get(owner.model or ""))
        exchanges = asyncio.run(_exchanges(loaded, plan, owner, played, thread))
        path = cassette_path(directory, owner)
        write_cassette(path, _label(loaded, owner, run_id), exchanges, Redactor.of([KEY]))
        yield path


def _priced(profile: Profile, model: ModelSpec | None) -> Profile:
    """Return a profile that charges what the spec says, and thinks where the model does."""
    if model is None:
        return profile
    price = model.price
    prices = Prices(price.in_per_mtok_usd, price.out_per_mtok_usd, price.cached_in_per_mtok_usd)
    return replace(profile, prices=prices, thinks="reasoning" in (model.capabilities or ()) and profile.thinks)


async def _exchanges(
    loaded: LoadedVenue, plan: Plan, owner: Owner, profile: Profile, thread: LoopThread
) -> list[Exchange]:
    upstream = tuple(model.upstream_model for model in loaded.spec.models)
    with VenueServer(profile.name, models=upstream, thread=thread) as server:
        server.play = replace(server.play, profile=profile)
        spec = loaded.spec.model_copy(update={"base_url": server.base_url})
        run = VenueRun(spec, Credential(KEY), adapter_path(spec, ADAPTER_PATHS))
        redactor = Redactor.of([KEY])
        async with (
            LoopLag() as lag,
            TargetClient(spec, credential=run.credential, redactor=redactor, lag=lag) as client,
        ):
            sender = Sender(run, client, None, None, redactor)
            seen = [await sender.observe(probe) for probe in plan.of(owner)]
        return [_composed(o.exchange, server.root_url, loaded.spec.base_url) for o in seen if o.exchange]


def _composed(exchange: Exchange, root_url: str, base_url: str) -> Exchange:
    """Return an exchange with the venue's origin and made-up times."""
    parts = urlsplit(base_url)
    chunks = tuple(Chunk((2 + index) * _STEP_NS, piece) for index, piece in enumerate(_events(exchange.body)))
    end_ns = (1 + max(len(chunks), 1)) * _STEP_NS
    return replace(
        exchange,
        url=exchange.url.replace(root_url, f"{parts.scheme}://{parts.netloc}"),
        started_at=MOMENT,
        headers=tuple((name, _DATE if name == "date" else value) for name, value in exchange.headers),
        chunks=chunks,
        marks=Marks(request_sent_ns=_STEP_NS, first_byte_ns=2 * _STEP_NS, end_ns=end_ns),
        connection=Connection(fresh=exchange.connection is not None and exchange.connection.fresh),
        loop_lag_ms=0.0,
        clock=None,
    )


def _events(body: bytes) -> list[bytes]:
    """Return a body in pieces that do not depend on how it was read: one for each event."""
    pieces = [piece + _BLANK for piece in body.split(_BLANK)]
    pieces[-1] = pieces[-1].removesuffix(_BLANK)
    return [piece for piece in pieces if piece]


def _label(loaded: LoadedVenue, owner: Owner, run_id: str) -> CassetteLabel:
    return CassetteLabel(
        name=f"{owner.venue}/{owner.model or 'itself'}",
        sha256="",
        composed=True,
        venue=owner.venue,
        model=owner.model,
        recorded_at=MOMENT,
        run_id=run_id,
        version=version("pytest-darkhost"),
        base_url=loaded.spec.base_url,
        key_header=key_header_of(loaded.spec),
        spec_sha256=loaded.digest,
    )


def main() -> None:
    """Compose the cassettes of all hosted venues of this repository."""
    root = Path(__file__).parents[2]
    with LoopThread() as thread:
        for name in HOSTED:
            loaded = load_venue(root / "venue_specs" / f"{name}.yaml", root)
            for path in compose(loaded, root / "cassettes", thread):
                sys.stdout.write(f"{path.relative_to(root)}\n")


if __name__ == "__main__":
    main()
