"""
`--darkhost-record`: the cassettes of a live run, kept aside while it runs, and put in place once it has passed.

Whole targets only, and all of a run or none of it: a failed or interrupted run leaves the old files as they were.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.cassettes.reading import key_header_of
from pytest_darkhost.cassettes.writing import write_cassette
from pytest_darkhost.checks.case import Source
from pytest_darkhost.errors import CassetteError, UsageError
from pytest_darkhost.observations import CassetteLabel, Observation
from pytest_darkhost.plan import Owner
from pytest_darkhost.runner.broker import Broker
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.cassette_rules import items_of
from pytest_darkhost.suite.notes import SKIPPED
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.tally import Tally
from pytest_darkhost.whole_files import replace_files

_NARROWING = {
    "keyword": "-k",
    "lf": "--lf",
    "failedfirst": "--ff",
    "newfirst": "--nf",
    "stepwise": "--sw",
    "deselect": "--deselect",
    "darkhost_quick": "--darkhost-quick",
}
_WHOLE = "expected whole targets to record. Name venues or spec files only"
_PROBLEM_FILE = "problem.txt"


def refuse_partial_run(run: Run) -> None:
    """Raise `UsageError` when an option or an argument would leave out a part of a target."""
    option = run.config.option
    for name, flag in _NARROWING.items():
        if getattr(option, name, None):
            msg = f"--darkhost-record: {flag} leaves tests out, {_WHOLE}"
            raise UsageError(msg)
    for argument in map(str, run.config.args):
        if "::" in argument:
            msg = f"--darkhost-record: {argument} is a part of a target, {_WHOLE}"
            raise UsageError(msg)
    _refuse_unwritable(run.settings.cassettes, run)


def _refuse_unwritable(directory: Path, run: Run) -> None:
    """Refuse, before anything is paid for, a directory in which nothing can be written; leave none that was made."""
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        shown = run.shown(directory)
        msg = f"--darkhost-record: {shown}: {error.strerror}, expected a directory in which cassettes can be written"
        raise UsageError(msg) from None
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def refuse_partial_targets(run: Run, selected: frozenset[str]) -> None:
    """Raise `pytest.UsageError` when the ids of the selected items leave out a part of a target that they record."""
    for owner, absent in _partial(run, selected):
        msg = f"--darkhost-record: {absent} is left out of {_named(owner)}, {_WHOLE}"
        raise pytest.UsageError(msg)


def _partial(run: Run, nodeids: frozenset[str]) -> Iterator[tuple[Owner, str]]:
    """Yield each owner of which these ids are only a part, with one that is not among them."""
    for path in run.specs.wanted:
        if not run.runnable(run.specs.load(path)):
            continue
        for owner, ids in items_of(run, path, Source.LIVE).items():
            absent = sorted(ids - nodeids)
            if absent and ids & nodeids:
                yield owner, absent[0]


def stage(run: Run, broker: Broker) -> None:
    """Write what was seen aside, a file for each owner whose every probe was sent."""
    for owner, observations in broker.answered().items():
        sent = all(observation.exchange is not None for observation in observations)
        if sent and observations:
            path = next(path for path in run.specs.wanted if path.stem == owner.venue)
            _stage_owner(run, broker, owner, run.specs.load(path), observations)


def _stage_owner(
    run: Run, broker: Broker, owner: Owner, loaded: LoadedVenue, observations: tuple[Observation, ...]
) -> None:
    exchanges = [observation.exchange for observation in observations if observation.exchange]
    label = label_of(run, owner, loaded, min(exchange.started_at for exchange in exchanges))
    try:
        write_cassette(cassette_path(run.recording_directory, owner), label, exchanges, broker.redactor)
    except CassetteError as error:
        run.recording_directory.mkdir(parents=True, exist_ok=True)
        (run.recording_directory / _PROBLEM_FILE).write_text(str(error), encoding="utf-8")


def label_of(run: Run, owner: Owner, loaded: LoadedVenue, recorded_at: datetime) -> CassetteLabel:
    """Return what a cassette that this run records says of itself."""
    return CassetteLabel(
        name=run.shown(cassette_path(run.settings.cassettes, owner)),
        sha256="",
        composed=False,
        venue=owner.venue,
        model=owner.model,
        recorded_at=recorded_at,
        run_id=run.id,
        version=version("pytest-darkhost"),
        base_url=loaded.spec.base_url,
        key_header=key_header_of(loaded.spec),
        spec_sha256=loaded.digest,
    )


def commit(run: Run, tally: Tally, status: int) -> tuple[str, bool]:
    """
    Put the staged files in their places if the run passed, and remove them in any case.

    Returns what to say, and whether the cassettes were written.
    """
    try:
        problem = next(_refusals(run, tally, status), None)
        if problem:
            return f"not recorded: {problem}. Cassettes are as they were", False
        files = {_place(run, file): file.read_bytes() for file in _staged(run)}
        replace_files(files)
    except OSError as error:
        place = run.shown(Path(error.filename or run.settings.cassettes))
        return f"not recorded: {place}: {error.strerror}", False
    finally:
        discard(run)
    return f"recorded: {len(files)} cassettes in {run.shown(run.settings.cassettes)}/ (run {run.id})", True


def discard(run: Run) -> None:
    """Remove what waits for the end of the run. Idempotent."""
    shutil.rmtree(run.recording_directory, ignore_errors=True)


def _refusals(run: Run, tally: Tally, status: int) -> Iterator[str]:
    problem = run.recording_directory / _PROBLEM_FILE
    if problem.is_file():
        yield problem.read_text(encoding="utf-8")
    if status != pytest.ExitCode.OK:
        yield f"the run ended with {int(status)}, expected one that passed"
    owners = {Owner(str(e.data["venue"]), e.data.get("model")) for e in tally.of(Source.LIVE) if e.data}
    staged = set(_staged(run))
    for owner in sorted(owners, key=_named):
        if cassette_path(run.recording_directory, owner) not in staged:
            yield f"{_named(owner)} has a probe that was not sent"
    judged = frozenset(e.nodeid for e in tally.of(Source.LIVE) if e.data.get("reason_code") != SKIPPED)
    for owner, absent in _partial(run, judged):
        yield f"{absent} was skipped, expected all of {_named(owner)}"


def _staged(run: Run) -> list[Path]:
    return sorted(run.recording_directory.glob("*/*.yaml"))


def _place(run: Run, file: Path) -> Path:
    return run.settings.cassettes / file.relative_to(run.recording_directory)


def _named(owner: Owner) -> str:
    return f"{owner.venue}/{owner.model}" if owner.model else owner.venue
