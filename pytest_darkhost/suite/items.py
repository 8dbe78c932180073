"""
A check as a pytest item. It sends nothing: it waits for the observations of its target and judges them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.checks.case import Case, Check, Source
from pytest_darkhost.checks.judging import judge
from pytest_darkhost.plan import Owner
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.specs.models import ModelSpec, Target
from pytest_darkhost.specs.resolution import adapter_path
from pytest_darkhost.suite.arguments import given
from pytest_darkhost.suite.failures import CheckFailedError, FailureText
from pytest_darkhost.suite.record import PROPERTY, as_text, record
from pytest_darkhost.suite.repeating import command
from pytest_darkhost.suite.run import RUN, Run
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.observations import Observations


class CheckItem(pytest.Function):
    """`venue_specs/groq.yaml::gpt-oss-120b-groq::ttft[live]`."""

    def __init__(
        self, *, loaded: LoadedVenue, model: ModelSpec | None, check: Check, source: Source, **kw: Any
    ) -> None:
        super().__init__(**kw)
        # pytest 9.2 keeps `[…]` apart from the name; `--lf` compares with ids that it has parsed.
        if hasattr(self, "_id"):
            self._id = self._id.with_params(str(source))
        self.loaded = loaded
        self.model = model
        self.check = check
        self.source = source

    @property
    def run_state(self) -> Run:
        """The session's run."""
        return self.config.stash[RUN]

    @property
    def owner(self) -> Owner:
        """Whose observations are read."""
        return Owner(self.loaded.spec.venue, self.model.slug if self.model else None)

    @property
    def target(self) -> Target | None:
        """The target; `None` for a check of the venue."""
        return Target(self.loaded.spec, self.model) if self.model else None

    @property
    def spec_line(self) -> int:
        """1-based line of the model, or of the venue, in the spec."""
        return self.loaded.lines.get(self.model.slug if self.model else "", 1)

    @property
    def place(self) -> str:
        """`venue_specs/together.yaml:31`."""
        return f"{self.run_state.shown(self.loaded.path)}:{self.spec_line}"

    @property
    def label(self) -> str:
        """`gpt-oss-120b-together ttft`, as failures name the item."""
        return f"{self.model.slug if self.model else self.loaded.spec.venue} {self.check.name}"

    def setup(self) -> None:
        """Set up the fixtures, and ask for what the check reads."""
        with given(self):
            super().setup()

    def runtest(self) -> None:
        """Judge, note the record, and turn the verdict into pytest's outcome."""
        verdict = self.verdict()
        if not isinstance(verdict, (Passed, Failed, NotJudged)):
            text = f"{self.label}: a {type(verdict).__name__}, expected Passed, Failed or NotJudged"
            pytest.fail(text, pytrace=False)
        self.user_properties.append((PROPERTY, as_text(record(self, verdict), self.run_state.redactor)))
        if isinstance(verdict, Failed):
            raise CheckFailedError(failure_text(self, verdict))
        if isinstance(verdict, NotJudged):
            pytest.skip(f"{verdict.code}: {verdict.reason}")

    def verdict(self) -> Verdict:
        """Return what the check concludes; `no_cassette` where there is nothing to replay."""
        if self.source is Source.REPLAY and self.observations.cassette is None:
            path = cassette_path(self.run_state.settings.cassettes, self.owner)
            return NotJudged(ReasonCode.NO_CASSETTE, f"there is no {self.run_state.shown(path)}")
        return judge(self.check, self.case())

    @property
    def observations(self) -> "Observations":
        """What the check reads; none where it reads the catalog alone, or was not set up."""
        from pytest_darkhost.observations import Observations

        return self.funcargs.get("darkhost_observations", Observations({}))  # type: ignore[return-value]

    def case(self) -> Case:
        """Return all that the check may know."""
        return Case(
            venue=self.loaded.spec,
            model=self.model,
            observations=self.observations,
            catalog=self.funcargs.get("darkhost_catalog"),  # type: ignore[arg-type]
            adapter_path=adapter_path(self.loaded.spec, self.run_state.settings.adapter_paths),
            source=self.source,
            known_venues=self.run_state.specs.known_venues,
        )

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the model's place in the spec, 0-based, as IDEs want it."""
        return self.loaded.path, self.spec_line - 1, f"{self.label}[{self.source}]"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Return the text of a failed verdict; anything else as pytest shows it."""
        if isinstance(excinfo.value, CheckFailedError):
            text = str(excinfo.value)
            # pytest-xdist sends plain strings only.
            if self.run_state.worker:
                return text
            # The id beside it in the summary says the rest.
            said = text.splitlines()[0].removeprefix(f"{self.place}: {self.label}: ")
            return FailureText.at(text, self.loaded.path, self.spec_line, said)
        return super().repr_failure(excinfo)


def failure_text(item: CheckItem, verdict: Failed) -> str:
    """Return what a reader needs: where, what was expected and seen, and the command that repeats it."""
    # What was seen may say already what was expected of it, such as an error of the connection.
    told = ", expected " in verdict.actual
    lines = [f"{item.place}: {item.label}: {verdict.actual}{'' if told else f', expected {verdict.expected}'}"]
    context = (("expected", verdict.expected), *verdict.context) if told else verdict.context
    width = max((len(title) for title, _ in context), default=0)
    lines += [f"  {title.ljust(width)}  {text}" for title, text in context]
    return item.run_state.redactor.clean("\n".join((*lines, f"  again: {again(item)}")))


def again(item: CheckItem) -> str:
    """Return the command that repeats one item."""
    words = command(item.config, item.nodeid, item.path, live=item.source is Source.LIVE)
    return words.replace("pytest ", "pytest -m deployed ", 1) if item.source is Source.DATABASE else words


def outcome_word(verdict: Verdict) -> str:
    """Return `passed`, `failed` or `not_judged`."""
    if isinstance(verdict, NotJudged):
        return "not_judged"
    return "failed" if isinstance(verdict, Failed) else "passed"
