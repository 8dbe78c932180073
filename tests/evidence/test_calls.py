"""A call is judged once, however many tests read it, and no other record is taken for it."""

import json

import pytest

from pytest_darkhost.evidence.calls import Calls
from support import evidence

WINDOW = (evidence.START, evidence.START)
ORIGINS = {"acme": ("api.acme.example", 443)}


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
        assert call.identities[0] == f"chatcmpl-{number}-1"


def test_what_tells_an_answer_from_others():
    """The venue's id, and the digest of a chat. Equal refusals and lists of models are no copies."""
    sha256 = evidence.probe(1)["response_digest"]["sha256"]
    digest, nameless = f"sha256:{sha256}", {"gen_ai.response.id": None}
    told = {
        "an id and a digest": ({}, ("chatcmpl-1-1", digest)),
        "another status of success": ({"http.response.status_code": 201}, ("chatcmpl-1-1", digest)),
        "an id alone": ({"response_digest": None}, ("chatcmpl-1-1",)),
        "a chat without one": (nameless, (digest,)),
        "an empty id": ({"gen_ai.response.id": ""}, (digest,)),
        "an id that is no text": ({"gen_ai.response.id": 7}, (digest,)),
        "a list of models": (nameless | {"gen_ai.operation.name": "list_models"}, ()),
        "a refusal": (nameless | {"http.response.status_code": 404}, ()),
        "a text for a status": (nameless | {"http.response.status_code": "200"}, ()),
        "a text for a digest": (nameless | {"response_digest": sha256}, ()),
        "a digest that is none": (nameless | {"response_digest": {"sha256": "AB" * 32}}, ()),
        "a number for one": (nameless | {"response_digest": {"sha256": 7}}, ()),
    }
    for what, (changes, expected) in told.items():
        (call,) = Calls(WINDOW, None).read([evidence.probe(1, **changes)])

        assert (what, call.identities) == (what, expected)


def test_where_a_call_went_is_judged_by_its_answer():
    """An answer of a place that its venue's spec does not name is none of it; what nobody answered says nothing."""
    other, here = ("api.other.example", 443), ("api.acme.example", 443)
    for status, origins, expected in (
        (200, {"acme": other}, True),
        (200, {"acme": ("api.acme.example", 8443)}, True),
        (200, {"acme": other, "other": here}, True),
        (200, {"acme": here, "other": other}, False),
        (None, {"acme": other}, False),
    ):
        record = evidence.probe(1, **{"http.response.status_code": status})
        (call,) = Calls(WINDOW, origins).read([record])

        assert ("of no venue of this run" in str(call.found)) is expected


def test_what_is_wrong_with_a_call_without_an_answer_counts_in_a_test_that_passed():
    """A dead venue gives no address; a test that passed on it stands on something else."""
    dead = {"http.response.status_code": None, "network.peer.address": None}
    (call,) = Calls(WINDOW, None).read([evidence.probe(1, **dead)])

    assert "no peer is known" in str(call.faults(passed=True))
    assert call.faults(passed=False) == ()


FAULTS = {
    "another proxy": {"proxy": "http://proxy.example"},
    "an address that is none": {"network.peer.address": None},
    "a private address": {"network.peer.address": "10.0.0.1:443"},
    "a number for a truth value": {"tls_verified": 1},
    "a fraction for a truth value": {"tls_verified": 1.0},
    "no TLS": {"tls_verified": False},
    "no version of TLS": {"tls.protocol.version": ""},
    "other certificates": {"ca_source": "SSL_CERT_FILE"},
    "no certificates": {"ca_source": None},
    "a list of them": {"ca_source": ["certifi"]},
    "an object for a proxy": {"proxy": {}},
    "plain HTTP": {"url.full": "http://api.acme.example/v1/chat/completions"},
    "a list of URLs": {"url.full": ["https://api.acme.example/v1/chat/completions"]},
    "another host": {"url.full": "https://api.other.example/v1/chat/completions"},
    "another port": {"url.full": "https://api.acme.example:8443/v1/chat/completions"},
    "another port of the peer": {"network.peer.address": "[2606:4700::6810:1]:8443"},
    "another version of TLS": {"tls.protocol.version": "1.1"},
    "another venue": {"probe": "other/small-acme/chat[1]"},
    "no certificate": {"tls.server.hash.sha256": None},
    "a text for a status": {"http.response.status_code": "200"},
    "no verification": {"tls_verified": None},
    "no time": {"started_at": None},
    "no date": {"response_date": None},
}


@pytest.mark.parametrize("changes", FAULTS.values(), ids=FAULTS)
def test_a_sound_connection_vouches_for_no_other(changes):
    """What is wrong with a call is found after a sound one as it is found alone, and before one as well."""
    sound, other = evidence.probe(1, 1), evidence.probe(1, 2, **changes)
    (alone,) = Calls(WINDOW, ORIGINS).read([other])

    after = Calls(WINDOW, ORIGINS).read([sound, other])
    before = Calls(WINDOW, ORIGINS).read([other, sound])

    assert alone.found
    assert [call.found for call in after] == [(), alone.found]
    assert [call.found for call in before] == [alone.found, ()]


@pytest.mark.parametrize("changes", FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_found_in_each_call(changes):
    """However many have the same connection."""
    records = [evidence.probe(1, number, **changes) for number in (1, 2, 3)]

    calls = Calls(WINDOW, ORIGINS).read(records)

    assert all(call.found for call in calls)


def test_a_connection_without_an_answer_vouches_for_none():
    """Where it went was not looked at."""
    elsewhere = {"url.full": "https://api.other.example/v1/chat/completions"}
    dead = evidence.probe(1, 1, **elsewhere, **{"http.response.status_code": None})
    (first, second) = Calls(WINDOW, ORIGINS).read([dead, evidence.probe(1, 2, **elsewhere)])

    assert first.found == ()
    assert "of no venue of this run" in str(second.found)


def test_what_is_missing_is_no_connection_of_another():
    """A record that does not speak of a proxy is judged by what it has, whatever came before."""
    bare = evidence.probe(1, 2)
    del bare["ca_source"]
    calls = Calls(WINDOW, None).read([evidence.probe(1, 1), bare])

    assert [bool(call.found) for call in calls] == [False, True]
