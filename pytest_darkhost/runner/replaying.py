"""
Plays targets from their cassettes on a background loop, each when somebody first asks for its observations.

Nothing is sent, nothing is started and nothing is paid: the threads that play can open no socket.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from pytest_darkhost.cassettes.player import Player
from pytest_darkhost.observations import Observation, Observations
from pytest_darkhost.plan import Owner, Plan
from pytest_darkhost.probes import Probe
from pytest_darkhost.runner.broker import grouped
from pytest_darkhost.runner.probing import MakeAdapter, Sender, VenueRun, adapter_of
from pytest_darkhost.secrets import Redactor

OpenPlayer = Callable[[VenueRun, Owner], Player]
"""Returns the player of an owner's cassette; raises `FileNotFoundError` or `CassetteError`."""
_KEPT = 32
"""How many targets are kept. One that is asked for again later is played again."""
_NO_PORT = 1
"""Stands for the port of a managed venue, which is compared as `{port}`."""
_GRACE_S = 1.0


class Replayer:
    """
    The one player of a process.

    :param make_adapter: `None` where nobody has an adapter to make.
    """

    def __init__(
        self,
        plan: Callable[[str], Plan],
        open_player: OpenPlayer,
        *,
        redactor: Redactor,
        make_adapter: MakeAdapter | None,
    ) -> None:
        self._plan = plan
        self._open_player = open_player
        self._redactor = redactor
        self._make_adapter = make_adapter
        self._played: dict[Owner, Future[Observations]] = {}
        self._reached: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="darkhost-replayer", daemon=True)
        self._thread.start()

    def observations(self, venue: VenueRun, model: str | None) -> Observations:
        """
        Return what the cassette of a venue, or of a target, answers to the planned probes.

        :raises FileNotFoundError: when there is no cassette.
        :raises CassetteError: when it cannot be read.
        :raises SocketOpenedError: when something wanted to reach the network meanwhile.
        """
        owner = Owner(venue.spec.venue, model)
        if owner not in self._played:
            self._forget()
            self._played[owner] = asyncio.run_coroutine_threadsafe(self._play(venue, owner), self._loop)
        return self._played[owner].result()

    def _forget(self) -> None:
        """Drop what was played longest ago: of thousands of targets, few are asked for at a time."""
        while len(self._played) >= _KEPT:
            del self._played[next(iter(self._played))]

    def close(self) -> None:
        """End the thread. Idempotent."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _play(self, venue: VenueRun, owner: Owner) -> Observations:
        from pytest_darkhost.transport.sealing import SocketOpenedError

        player = self._open_player(venue, owner)
        self._reached.clear()
        seen = await self._observe(venue, self._plan(owner.venue).of(owner), player)
        if self._reached:
            msg = f"a socket to {self._reached[0]} was opened while replaying {player.label.name}, expected none"
            raise SocketOpenedError(msg)
        return replace(grouped(seen), cassette=player.label)

    async def _observe(self, venue: VenueRun, probes: tuple[Probe, ...], player: Player) -> tuple[Observation, ...]:
        from pytest_darkhost.transport.client import TargetClient
        from pytest_darkhost.transport.clock import LoopLag

        async with (
            LoopLag() as lag,
            TargetClient(venue.spec, credential=None, redactor=self._redactor, lag=lag, player=player) as client,
        ):
            make = self._make_adapter
            adapter = adapter_of(make, venue.spec, client.http_client()) if make else None
            sender = Sender(_of_one(venue, probes), client, adapter, None, self._redactor, port=_NO_PORT)
            return tuple([await sender.observe(probe) for probe in probes])

    def _serve(self) -> None:
        from pytest_darkhost.transport.sealing import seal, unseal

        note = self._reached.append
        try:
            # Look-ups of names and synchronous SDKs run in the loop's own threads.
            with ThreadPoolExecutor(2, "darkhost-replayer", initializer=seal, initargs=(note,)) as executor:
                self._loop.set_default_executor(executor)
                asyncio.set_event_loop(self._loop)
                seal(note)
                self._run()
        finally:
            unseal(note)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(_ended(asyncio.all_tasks(self._loop)))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


def _of_one(venue: VenueRun, probes: tuple[Probe, ...]) -> VenueRun:
    """Return a venue with the models of these probes alone: each probe looks for its own among all that there are."""
    slugs = {probe.model for probe in probes}
    models = tuple(model for model in venue.spec.models if model.slug in slugs)
    return replace(venue, spec=venue.spec.model_copy(update={"models": models}))


async def _ended(tasks: "set[asyncio.Task[Any]]") -> None:
    """Cancel what an adapter left running: it must not outlive its loop."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_GRACE_S)
