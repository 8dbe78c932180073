"""An answer that was seen is known again, and no other is taken for it."""

import hashlib
from contextlib import closing

import pytest

from pytest_darkhost.evidence.identities import Identities

TEXTS = [
    *("", "a", "A", "a\x00", "a\x00b", "1", "1.0", "x" * 48, "x" * 49, "é", "e\u0301", "\ud800", "a" * 5000),
    hashlib.sha256(b"x" * 49).hexdigest(),
    hashlib.sha256(b"x" * 49).digest().decode("latin-1"),
    "sha256:" + "0" * 64,
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_answer_is_known_again_by_its_own_text(text):
    """Short or long, of ASCII or not."""
    others = {each: "probe" for each in TEXTS if each != text}
    with closing(Identities()) as identities:
        assert identities.meet({text: "probe"}, 4) == {}

        assert identities.meet({**others, text: "probe"}, 6) == {text: 4}


def test_the_first_line_of_an_answer_stays():
    """An answer is that of the run that had it first, however many there are in one question."""
    many = {f"chatcmpl-{number}": "probe" for number in range(1_300)}
    with closing(Identities()) as identities:
        assert identities.meet(many, 2) == {}
        assert identities.meet({**many, "chatcmpl-1300": "probe"}, 4) == dict.fromkeys(many, 2)

        assert identities.meet({"chatcmpl-7": "probe", "chatcmpl-1300": "probe"}, 6) == {
            "chatcmpl-7": 2,
            "chatcmpl-1300": 4,
        }


@pytest.mark.parametrize("text", TEXTS)
def test_runs_and_reports_have_names_of_their_own(text):
    """What is a run's is no report's."""
    with closing(Identities()) as identities:
        identities.add_run(text, 1)

        assert [identities.line_of_run(each) for each in TEXTS] == [1 if each == text else None for each in TEXTS]
        assert not identities.has_report(text)
        identities.add_report(text, 2)
        assert [identities.has_report(each) for each in TEXTS] == [each == text for each in TEXTS]
