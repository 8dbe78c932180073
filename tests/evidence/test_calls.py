"""A call is judged once, however many tests read it, and no other record is taken for it."""

import json

from pytest_darkhost.evidence.calls import Calls
from support import evidence

WINDOW = (evidence.START, evidence.START)


def test_a_record_that_stands_in_many_tests_is_judged_once():
    """The same object, or an equal one."""
    calls, record = Calls(WINDOW, None), evidence.probe(1)

    (first,), (again, equal) = calls.read([record]), calls.read([record, dict(record)])

    assert first is again is equal


def test_another_record_under_the_same_name_is_another_call():
    """What it says is judged, too, whichever came before."""
    calls, record = Calls(WINDOW, None), evidence.probe(1)
    other = record | {"proxy": "http://proxy.example"}

    found = calls.read([record, other, record, other])

    assert [bool(call.found) for call in found] == [False, True, False, True]
    assert found[0] is found[2]


def test_records_that_are_gone_are_not_taken_for_those_that_come():
    """However soon memory is used again."""
    calls = Calls(WINDOW, None)

    for number in range(300):
        (call,) = calls.read([json.loads(json.dumps(evidence.probe(number)))])
        assert call.identity == f"chatcmpl-{number}-1"
