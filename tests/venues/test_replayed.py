"""
What is written of a venue and played again is judged as it was live: faults in one dialect, hosted venues healthy.

All cases of the module are driven once, side by side, then written, read and played without a socket.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.cassettes.player import Player
from pytest_darkhost.cassettes.reading import key_header_of, open_cassette
from pytest_darkhost.cassettes.writing import write_cassette
from pytest_darkhost.checks.case import Source
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.dialects.requests import build
from pytest_darkhost.observations import CassetteLabel, Mode, Observation
from pytest_darkhost.plan import Owner
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.resolution import adapter_path
from pytest_darkhost.transport.client import TargetClient
from pytest_darkhost.transport.clock import LoopLag
from pytest_darkhost.transport.sealing import seal, unseal
from pytest_darkhost.verdicts import NotJudged, Verdict
from support.cases import Case, Driven
from support.driving import ADAPTER_PATHS, Smoked, judged, outcome, plan_for
from support.keys import KEY
from support.profiles import HOSTED
from venues.test_matrix import HEALTHY, IN_ANTHROPIC, IN_OPENAI

SAID_IN_ANTHROPIC = {"anthropic-cut", "anthropic-error_event", "anthropic-key_echoed"}
CASES = {
    case.name: case
    for case in (
        *(case for case in HEALTHY if case.profile in HOSTED),
        *IN_OPENAI,
        *(case for case in IN_ANTHROPIC if case.name in SAID_IN_ANTHROPIC),
    )
}
RECORDED, REPLAYED = "composed", "replayed-later"
TIMED = {check.name for check in STANDARD if check.timed}


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a case, and of its cassettes."""

    live: Smoked
    again: tuple[Observation, ...]
    verdicts: Mapping[str, Verdict]
    files: Mapping[Path, str]
    unplayed: tuple[str, ...]


def written(live: Smoked, directory: Path) -> dict[Owner, Path]:
    """Write the cassettes of a venue and its target."""
    paths = {}
    for owner in (Owner(live.spec.venue), Owner(live.spec.venue, live.spec.models[0].slug)):
        exchanges = [seen.exchange for seen in live.observations if seen.exchange and seen.probe.model == owner.model]
        moment = min(exchange.started_at for exchange in exchanges)
        label = CassetteLabel(
            name="c",
            sha256="",
            composed=False,
            venue=owner.venue,
            model=owner.model,
            recorded_at=moment,
            run_id=RECORDED,
            version="0",
            base_url=live.spec.base_url,
            key_header=key_header_of(live.spec),
            spec_sha256="0",
        )
        paths[owner] = cassette_path(directory, owner)
        write_cassette(paths[owner], label, exchanges, Redactor.of([KEY]))
    return paths


async def played(live: Smoked, players: Mapping[Owner, Player]) -> tuple[Observation, ...]:
    """Return what the probes of a later run see."""
    path, seen = adapter_path(live.spec, ADAPTER_PATHS), []
    async with LoopLag() as lag:
        for owner, player in players.items():
            options: dict[str, Any] = {"credential": None, "redactor": Redactor(), "lag": lag, "player": player}
            async with TargetClient(live.spec, **options) as client:
                for probe in plan_for(live.spec, REPLAYED).of(owner):
                    exchange = await client.send(
                        build(live.spec, probe, path), key=probe.key, fresh=probe.fresh_connection
                    )
                    seen.append(read(live.spec, probe, exchange))
    return tuple(seen)


def replayed(live: Smoked, directory: Path) -> Replayed:
    """Return what came of the cassettes of what was seen live."""
    files = written(live, directory)
    players = {o: open_cassette(path, "c", live.spec, o, run_id=REPLAYED) for o, path in files.items()}
    reached: list[str] = []
    note = reached.append
    seal(note)
    try:
        again = asyncio.run(played(live, players))
    finally:
        unseal(note)
    assert reached == []
    verdicts = judged(live.spec, adapter_path(live.spec, ADAPTER_PATHS), again, Source.REPLAY)
    unplayed = tuple(line for player in players.values() for line in player.label.unplayed)
    return Replayed(live, again, verdicts, {path: path.read_text() for path in files.values()}, unplayed)


def _all_replayed(driven: Iterable[Driven], directory: Path) -> dict[str, Replayed]:
    return {one.case.name: replayed(one.smoked, directory / one.case.name) for one in driven}


@pytest.fixture(scope="module")
def pairs(
    drive: Callable[[Iterable[Case]], dict[str, Driven]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Replayed]:
    """Return what came of all cases, live and replayed."""
    return _all_replayed(drive(CASES.values()).values(), tmp_path_factory.mktemp("cassettes"))


def as_live(check: str, verdict: Verdict, day: str) -> Verdict:
    """Return a verdict without what tells that it was recorded, which must be there."""
    if isinstance(verdict, NotJudged):
        return verdict
    if check in TIMED:
        assert verdict.actual.endswith(f", recorded {day}")
        verdict = replace(verdict, actual=verdict.actual.removesuffix(f", recorded {day}"))
    words = (("on the wire" if name == "on the cassette" else name, value) for name, value in verdict.context)
    return replace(verdict, context=tuple(words))


@pytest.mark.parametrize("name", CASES)
def test_verdicts_are_those_of_the_live_run(pairs: dict[str, Replayed], name: str) -> None:
    """Every word and figure of them; those on times say when they were recorded."""
    pair = pairs[name]
    day = str(min(seen.exchange.started_at for seen in pair.live.observations if seen.exchange).date())
    assert pair.verdicts.keys() == pair.live.verdicts.keys()
    for check, live in pair.live.verdicts.items():
        again = pair.verdicts[check]
        assert outcome(again) == outcome(live), check
        assert as_live(check, again, day) == live


@pytest.mark.parametrize("name", CASES)
def test_every_request_is_found_and_none_is_left(pairs: dict[str, Replayed], name: str) -> None:
    """The same errors at the same calls; nothing is live, and nothing unplayed."""
    pair = pairs[name]
    ours = {(seen.probe.name, seen.probe.sample): seen.error for seen in pair.again}
    assert ours == {(seen.probe.name, seen.probe.sample): seen.error for seen in pair.live.observations}
    assert {seen.mode for seen in pair.again} == {Mode.REPLAY}
    assert pair.unplayed == ()


def test_no_cassette_holds_any_part_of_the_key(pairs: dict[str, Replayed]) -> None:
    """Whatever the venue echoes; its beginning and end count as parts."""
    held = {
        path
        for pair in pairs.values()
        for path, text in pair.files.items()
        for part in (KEY[:8], KEY[-8:])
        if part in text
    }
    assert held == set()
