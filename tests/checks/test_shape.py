"""
The shape of chats and streams: text, ceilings, ends, and whose matter a fault is.
"""

from dataclasses import replace

import pytest

from checks.factory import changed, judged, make_case, with_answer
from pytest_darkhost.checks.faults import Subject, subject
from pytest_darkhost.observations import Answer, Delta, ErrorKind, ProbeError, StreamEnd
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.verdicts import Failed, Passed, Verdict

SHAPES = [((P.COLD,), "chat_shape"), ((P.STREAM,), "stream_shape")]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("choices[0].message.role: 'user', expected 'assistant'", Subject.SHAPE),
        ("usage.prompt_tokens: -5, expected a count", Subject.USAGE),
        ("events[3].message.usage: missing, expected an object", Subject.USAGE),
        ("chunks[1].x_groq.usage.total_tokens: 'a', expected a count", Subject.USAGE),
        ("model: missing, expected a string", Subject.MODEL),
        ("events[0].model: 3, expected a string", Subject.MODEL),
        ("choices[0].usage_note: usage, expected none", Subject.SHAPE),
        ("body: no path, expected usage: of it", Subject.SHAPE),
    ],
)
def test_a_fault_belongs_to_one_subject_by_its_path(fault: str, expected: Subject) -> None:
    """What stands behind the path does not matter."""
    assert subject(fault) is expected


@pytest.mark.parametrize(("names", "check"), SHAPES)
@pytest.mark.parametrize("held", [{"text": ""}, {"text": "", "reasoning": "so"}, {"text": " \n"}], ids=str)
def test_no_text_at_the_ceiling_is_not_judged(names: tuple[str, ...], check: str, held: dict[str, str]) -> None:
    """Reasoning may use up our own ceiling: that is no fault of the venue, and no pass."""
    case = changed(make_case(), names, with_answer(finish_reason="length", **held))

    verdict = judged(case)[check]

    assert verdict.code == "token_ceiling"
    assert f"at the ceiling of {32 if check == 'chat_shape' else 96} tokens before it held any text" in verdict.reason


@pytest.mark.parametrize(("names", "check"), SHAPES)
def test_reasoning_without_text_before_the_ceiling_fails(names: tuple[str, ...], check: str) -> None:
    """A finished answer that holds only reasoning answers nothing."""
    verdict = judged(changed(make_case(), names, with_answer(text="", reasoning="so")))[check]

    assert isinstance(verdict, Failed)
    assert "only reasoning" in verdict.actual


@pytest.mark.parametrize(("names", "check"), SHAPES)
def test_text_that_ends_at_the_ceiling_is_text(names: tuple[str, ...], check: str) -> None:
    """A cut-off text has the shape all the same."""
    assert isinstance(judged(changed(make_case(), names, with_answer(finish_reason="length")))[check], Passed)


@pytest.mark.parametrize(("names", "check"), SHAPES)
@pytest.mark.parametrize("text", ["\u200b", "\ufeff\u2060\xad", "\u2800 \u3164"], ids=ascii)
def test_text_that_nobody_can_see_is_no_text(names: tuple[str, ...], check: str, text: str) -> None:
    """Format characters and drawn blanks answer nothing."""
    verdict = judged(changed(make_case(), names, with_answer(text=text)))[check]

    assert isinstance(verdict, Failed)
    assert "the answer holds no text" in verdict.actual


def streaming(*texts: str) -> Verdict:
    """Return the verdict on streams whose deltas have these texts."""
    deltas = tuple(Delta(300.0 + at, text) for at, text in enumerate(texts))
    return judged(changed(make_case(), (P.STREAM,), lambda seen: replace(seen, deltas=deltas)))["stream_shape"]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("1", "1 2", "1 2 3", "1 2 3 4", "1 2 3 4 5"), "the deltas are cumulative"),
        (("1 2 3", " 4 5", " 6", "1 2 3 4 5 6"), "the last delta repeats the whole text"),
        (("1 2 3", "", " 4 5", " 6", "1 2 3 4 5 6", ""), "the last delta repeats the whole text"),
    ],
    ids=["cumulative", "repeated", "repeated between empty ones"],
)
def test_a_stream_that_says_its_text_again_fails(texts: tuple[str, ...], words: str) -> None:
    """A client that joins the deltas would show the text more than once."""
    verdict = streaming(*texts)

    assert isinstance(verdict, Failed)
    assert words in verdict.actual


@pytest.mark.parametrize(
    "texts",
    [("1", "10", "100"), ("ha", "ha"), ("1 2 ", "1 2 "), ("1", " 2", " 20", " 200", " 3"), ("ready",)],
    ids=str,
)
def test_what_only_looks_repeated_passes(texts: tuple[str, ...]) -> None:
    """Short texts repeat themselves by chance."""
    assert isinstance(streaming(*texts), Passed)


def test_many_faults_are_shown_in_short() -> None:
    """Three faults are shown, the rest counted."""
    faults = tuple(f"choices[{n}]: null, expected an object" for n in range(9))
    verdict = judged(changed(make_case(), (P.COLD,), lambda seen: replace(seen, faults=faults)))["chat_shape"]

    assert verdict.actual.endswith("choices[2]: null, expected an object; and 6 more")


def test_an_answer_that_nobody_read_is_no_pass() -> None:
    """A call without an error and without an answer fails."""
    verdict = judged(changed(make_case(), (P.COLD,), lambda seen: replace(seen, answer=None)))["chat_shape"]

    assert isinstance(verdict, Failed)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (StreamEnd.CUT, "the stream was cut"),
        (StreamEnd.NO_FINISH_REASON, "without a finish reason"),
        (StreamEnd.ERROR_EVENT, "an error inside the stream"),
        (StreamEnd.EMPTY, "not one event came"),
        (None, "no stream was read"),
    ],
)
def test_every_end_but_complete_fails_and_is_named(end: StreamEnd | None, words: str) -> None:
    """The name of the end is in the verdict."""
    verdict = judged(changed(make_case(), (P.STREAM,), lambda seen: replace(seen, stream_end=end)))["stream_terminates"]

    assert isinstance(verdict, Failed)
    assert words in verdict.actual


def test_a_connection_that_hangs_after_the_terminator_is_named() -> None:
    """A complete stream whose connection ended in an error did not terminate as it should."""
    error = ProbeError(ErrorKind.TIMEOUT_BODY, "no byte for 60 s")
    verdict = judged(changed(make_case(), (P.STREAM,), lambda seen: replace(seen, error=error)))["stream_terminates"]

    assert verdict.actual == "3 of 3 calls: stream[1]: the stream was complete: timeout_body: no byte for 60 s"


def test_a_cut_stream_that_brought_only_reasoning_is_not_called_misshapen() -> None:
    """Its text may have been still to come."""

    def cut(seen):
        deltas = (Delta(300.0, reasoning="so"),)
        return replace(seen, stream_end=StreamEnd.CUT, deltas=deltas, answer=Answer(reasoning="so"))

    assert isinstance(judged(changed(make_case(), (P.STREAM,), cut))["stream_shape"], Passed)


def test_a_cut_stream_without_a_token_has_no_shape_to_pass() -> None:
    """Where nothing came, nothing can be right."""

    def cut(seen):
        return replace(seen, stream_end=StreamEnd.CUT, deltas=(), answer=Answer())

    verdict = judged(changed(make_case(), (P.STREAM,), cut))["stream_shape"]

    assert "no token came: the stream was cut" in verdict.actual


def test_a_limit_inside_a_stream_is_a_limit() -> None:
    """An error event that says rate limited is not judged, as a 429 is not."""
    error = ProbeError(ErrorKind.RATE_LIMITED, "slow down")
    change = changed(
        make_case(),
        (P.STREAM,),
        lambda seen: replace(seen, error=error, stream_end=StreamEnd.ERROR_EVENT),
    )

    assert judged(change)["stream_terminates"].code == "rate_limited"
