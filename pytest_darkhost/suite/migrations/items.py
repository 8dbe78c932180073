"""
What is asked of a revision, or of a history, as a pytest item. It walks to its revision and judges what is seen there.
"""

import json
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.migrations.checks.history import single_head
from pytest_darkhost.migrations.checks.registry import TripCheck
from pytest_darkhost.migrations.checks.standard import WARNING
from pytest_darkhost.migrations.history import History, Revision
from pytest_darkhost.migrations.ini import Place
from pytest_darkhost.migrations.round_trip import NotReached
from pytest_darkhost.suite.carrier import PROPERTY
from pytest_darkhost.suite.failures import CheckFailedError, FailureText
from pytest_darkhost.suite.migrations.naming import Where
from pytest_darkhost.suite.migrations.record import record
from pytest_darkhost.suite.migrations.repeating import again
from pytest_darkhost.suite.migrations.run import MIGRATIONS, MigrationRun
from pytest_darkhost.suite.migrations.walks import WALKS
from pytest_darkhost.verdicts import Failed, NotJudged, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.migrations.baseline import Accepted
    from pytest_darkhost.migrations.declarations import Declaration


class MigrationWarning(UserWarning):
    """What a migration does that is allowed and should still be seen."""


class MigrationItem(pytest.Item):
    """The base of both: turns a verdict into pytest's outcome."""

    line = 1
    """1-based, in the file of the item."""
    label = ""
    """What failures call the item."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.add_marker(pytest.mark.migration)

    @property
    def run_state(self) -> MigrationRun:
        """The session's run."""
        return self.config.stash[MIGRATIONS]

    @property
    def place_shown(self) -> str:
        """`alembic/versions/0003_x.py:21`."""
        return f"{self.run_state.shown(self.path)}:{self.line}"

    def judge(self) -> Verdict:
        """Return the verdict."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """Return what the JSON report says of the item besides its verdict."""
        raise NotImplementedError

    def runtest(self) -> None:
        """Judge, note the record, and turn the verdict into pytest's outcome."""
        verdict, clean = self.judge(), self.run_state.redactor.clean
        text = clean(_text(self, verdict)) if isinstance(verdict, Failed) else ""
        accepted = self.run_state.accepted(self.nodeid, text)
        data = clean(record(verdict, self.facts(), accepted))
        self.user_properties.append((PROPERTY, json.dumps(data, allow_nan=False)))
        if isinstance(verdict, Failed):
            _fail(text, accepted)
        if isinstance(verdict, NotJudged):
            pytest.skip(self.run_state.redactor.clean(f"{verdict.code}: {verdict.reason}"))
        for title, text in verdict.context:
            if title == WARNING:
                warnings.warn_explicit(text, MigrationWarning, str(self.path), self.line)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place of what is judged, 0-based, as IDEs want it."""
        return self.path, self.line - 1, self.label

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the text of a failed verdict; anything else as pytest shows it."""
        if isinstance(excinfo.value, CheckFailedError):
            text = str(excinfo.value)
            said = text.splitlines()[0].removeprefix(f"{self.place_shown}: {self.label}: ")
            # pytest-xdist sends plain strings only.
            return text if self.run_state.worker else FailureText.at(text, self.path, self.line, said)
        excinfo.traceback = excinfo.traceback.cut(path=__file__)  # what is above is pytest's own
        return super().repr_failure(excinfo, style)


class HeadItem(MigrationItem):
    """`alembic.ini::single_head`."""

    def __init__(self, *, history: History, **kw: Any) -> None:
        super().__init__(**kw)
        self.history = history
        self.label = "single_head"

    def judge(self) -> Verdict:
        """Return whether the history has one head."""
        return single_head(self.history)

    def facts(self) -> dict[str, Any]:
        """Return the history."""
        return {"check": "single_head", "history": self.history.place.shown}


class TripItem(MigrationItem):
    """`alembic/versions/0003_x.py::row_exists[gpt-oss-120b-together-postgresql]`."""

    def __init__(
        self,
        *,
        place: Place,
        where: Where,
        revision: Revision,
        check: TripCheck,
        declaration: "Declaration | None",
        **kw: Any,
    ) -> None:
        super().__init__(**kw)
        self.history_place = place
        self.where = where
        self.revision = revision
        self.check = check
        self.declaration = declaration
        function = getattr(revision.module, str(check.direction), None)
        self.line = getattr(getattr(function, "__code__", None), "co_firstlineno", 1)
        self.label = f"{revision.id} {self.name}"

    @property
    def key(self) -> tuple[Path, str]:
        """The history and database that the item belongs to: all such items share one walk."""
        return self.history_place.ini, self.where.word

    def judge(self) -> Verdict:
        """Return the verdict on the revision's round trip."""
        try:
            trip = self.config.stash[WALKS].of(self.history_place, self.where).trip(self.revision.id)
        except DarkhostError as error:
            return Failed("a database and an env.py that serve", str(error))
        if isinstance(trip, NotReached):
            return NotJudged(trip.code, trip.reason)
        return self.check.judge(trip)

    def facts(self) -> dict[str, Any]:
        """Return the check, the revision, the database and the model."""
        activates = self.declaration.activates if self.declaration else None
        venue, _, model = (activates or "").partition("/")
        return {
            "check": self.check.name,
            "history": self.history_place.shown,
            "revision": self.revision.id,
            "database": self.where.word,
            "venue": venue or None,
            "model": model or None,
        }


def _fail(text: str, accepted: "Accepted | None") -> None:
    """End a test as failed, or as expected to fail where the baseline accepts that and has not expired."""
    if accepted is None:
        raise CheckFailedError(text)
    if accepted.expired(datetime.now(UTC).date()):
        told = f"accepted until {accepted.expires} by {accepted.owner} ({accepted.place}), which is past"
        msg = f"{text}\n  baseline: {told}"
        raise CheckFailedError(msg)
    pytest.xfail(f"accepted until {accepted.expires} by {accepted.owner}: {accepted.reason}")


def _text(item: MigrationItem, verdict: Failed) -> str:
    """Return what a reader needs: where, what was expected and seen, and the command that repeats it."""
    told = ", expected " in verdict.actual
    lines = [f"{item.place_shown}: {item.label}: {verdict.actual}{'' if told else f', expected {verdict.expected}'}"]
    width = max((len(title) for title, _ in verdict.context), default=0)
    lines += [f"  {title.ljust(width)}  {text}" for title, text in verdict.context]
    return "\n".join((*lines, f"  again: {again(item.config, item.nodeid, item.path)}"))
