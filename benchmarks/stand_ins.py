"""A project with one spec for each of several stand-in venues on the loopback. Their answers are composed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.projects import INI
from support.loop_thread import LoopThread
from support.spec_factory import write_venue
from support.venue_server import VenueServer


@contextmanager
def stand_ins(directory: Path, *, venues: int, models: int, delay_ms: float) -> Iterator[tuple[VenueServer, ...]]:
    """Yield the running venues; each needs `delay_ms` for every answer."""
    directory.mkdir(parents=True)
    (directory / "pytest.ini").write_text(INI, encoding="utf-8")
    with ExitStack() as stack:
        thread = stack.enter_context(LoopThread())
        servers = tuple(stack.enter_context(_server(thread, models, delay_ms)) for _ in range(venues))
        for number, server in enumerate(servers):
            write_venue(directory / "venue_specs", f"venue-{number}", server)
        yield servers


def _server(thread: LoopThread, models: int, delay_ms: float) -> VenueServer:
    names = tuple(f"composed/model-{number}" for number in range(models))
    return VenueServer(models=names, thread=thread, delay_ms=delay_ms, token_gap_ms=2)
