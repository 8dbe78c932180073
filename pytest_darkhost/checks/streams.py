"""
Whether streams have the dialect's shape, and whether they end as they should: two checks, so that a cut stream
is not called misshapen.
"""

from itertools import pairwise

from pytest_darkhost.checks.availability import Trouble, each, error_line, problem
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.shape import shape_fault, text_fault
from pytest_darkhost.checks.target import seen
from pytest_darkhost.checks.texts import count
from pytest_darkhost.observations import Observation, StreamEnd
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

_WORDS = {
    StreamEnd.COMPLETE: "the stream was complete",
    StreamEnd.CUT: "the stream was cut: its terminator never came",
    StreamEnd.NO_FINISH_REASON: "the terminator came without a finish reason",
    StreamEnd.ERROR_EVENT: "the venue sent an error inside the stream",
    StreamEnd.EMPTY: "the stream was empty: not one event came",
}
_GROWN_IN_A_ROW = 3
_SHORT_TEXT = 8
"""Characters of a text that may repeat itself by chance."""
_TERMINATED = frozenset({StreamEnd.COMPLETE, StreamEnd.NO_FINISH_REASON})


def stream_problem(observation: Observation) -> Trouble | None:
    """Return why nothing can be read of a stream; `None` when tokens arrived, however it ended."""
    found = problem(observation)
    return None if isinstance(found, Failed) and observation.deltas else found


def end_words(observation: Observation) -> str:
    """Return in words how a stream ended, with the error that ended it."""
    end = "no stream was read" if observation.stream_end is None else _WORDS[observation.stream_end]
    return end if observation.error is None else f"{end}: {error_line(observation.error)}"


def terminated(observation: Observation) -> bool:
    """Return whether a stream's terminator came."""
    return observation.stream_end in _TERMINATED


def complete(observation: Observation) -> bool:
    """Return whether a stream ended as it should."""
    return observation.stream_end is StreamEnd.COMPLETE and observation.error is None


def _repeated(observation: Observation) -> str | None:
    """Return how a stream says again what it has said, or `None`: a client that joins the deltas shows it twice."""
    texts = [delta.text for delta in observation.deltas if delta.text]
    grown = 0
    for before, after in pairwise(texts):
        grown = grown + 1 if len(after) > len(before) and after.startswith(before) else 0
        if grown >= _GROWN_IN_A_ROW and len(after) > _SHORT_TEXT:
            return "the deltas are cumulative: each begins with the text before it"
    said = "".join(texts[:-1])
    repeats = len(said) > _SHORT_TEXT and texts[-1] == said
    return "the last delta repeats the whole text before it" if repeats else None


def stream_shape(case: Case) -> Verdict:
    """Return whether each stream has the dialect's shape and brings text. How it ends is not judged here."""
    expected = f"a stream of the {case.venue.dialect} dialect with text"

    def fault(observation: Observation) -> Trouble | None:
        found = stream_problem(observation) or shape_fault(observation, expected)
        if found:
            return found
        repeated = _repeated(observation)
        if repeated:
            return Failed(expected, repeated)
        if not terminated(observation):
            return None if observation.deltas else Failed(expected, f"no token came: {end_words(observation)}")
        if observation.answer is None:
            return Failed(expected, "no answer was read")
        return text_fault(observation, observation.answer, expected)

    streams = seen(case, ProbeName.STREAM)
    return each(
        streams, fault, Passed(expected, f"{count(len(streams), 'stream')} with text"), names=(ProbeName.STREAM,)
    )


def stream_terminates(case: Case) -> Verdict:
    """Return whether each stream ends with a finish reason and the dialect's own terminator."""
    expected = "a finish reason and the dialect's terminator at the end of each stream"

    def fault(observation: Observation) -> Trouble | None:
        found = problem(observation)
        if isinstance(found, NotJudged) or complete(observation):
            return found
        if found and observation.stream_end is None:
            return found
        return Failed(expected, end_words(observation))

    streams = seen(case, ProbeName.STREAM)
    return each(
        streams, fault, Passed(expected, f"{count(len(streams), 'stream')} complete"), names=(ProbeName.STREAM,)
    )
