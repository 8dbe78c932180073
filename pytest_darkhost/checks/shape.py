"""
Whether unstreamed chats have the shape of their dialect and say something. Token counts are `usage`'s matter.
"""

from pytest_darkhost.checks.availability import Trouble, each, problem
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.faults import Subject, faults_of
from pytest_darkhost.checks.target import seen
from pytest_darkhost.checks.texts import count, has_text, short
from pytest_darkhost.observations import Answer, Observation
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

CHATS = (ProbeName.COLD, ProbeName.WARM)
_LISTED = 3


def shape_fault(observation: Observation, expected: str) -> Failed | None:
    """Return what departs from the dialect's shape, or what the team's adapter could not do with the answer."""
    faults = faults_of(observation, Subject.SHAPE)
    if faults:
        shown = "; ".join(short(fault, 160) for fault in faults[:_LISTED])
        more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
        return Failed(expected, f"{shown}{more}")
    if observation.adapter_problem:
        return Failed(expected, f"the adapter: {short(observation.adapter_problem, 200)}")
    return None


def token_ceiling(observation: Observation, what: str) -> NotJudged:
    """Return the verdict for an answer that our own ceiling ended before it held what is read."""
    request = observation.probe.request
    ceiling = "" if request is None else f" of {request.max_tokens} tokens"
    return NotJudged(ReasonCode.TOKEN_CEILING, f"the answer ended at the ceiling{ceiling} before it held {what}")


def text_fault(observation: Observation, answer: Answer, expected: str) -> Trouble | None:
    """Return what is wrong with an answer that holds no text, or `None` when it holds some."""
    if has_text(answer.text):
        return None
    if answer.at_token_ceiling:
        return token_ceiling(observation, "any text")
    held = "only reasoning" if has_text(answer.reasoning) else "no text"
    return Failed(expected, f"the answer holds {held}, finish reason {answer.finish_reason!r}")


def chat_shape(case: Case) -> Verdict:
    """Return whether each cold and warm chat has the dialect's shape, some text and a finish reason."""
    expected = f"a chat answer of the {case.venue.dialect} dialect with text and a finish reason"

    def fault(observation: Observation) -> Trouble | None:
        found = problem(observation) or shape_fault(observation, expected)
        answer = observation.answer
        if found or answer is None:
            return found or Failed(expected, "no answer was read")
        if answer.finish_reason is None:
            return Failed(expected, "the answer has no finish reason")
        return text_fault(observation, answer, expected)

    chats = seen(case, *CHATS)
    return each(chats, fault, Passed(expected, f"{count(len(chats), 'chat')} with text"), names=CHATS)
