"""Why a run is no evidence: each reason planted in a report that is fit but for it."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from pytest_darkhost.evidence import fitness, report
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.judging import judge
from pytest_darkhost.evidence.strict_json import dumps
from pytest_darkhost.evidence.unfit import CODES
from support import evidence

ID = evidence.node_id("availability")
WHERE = f"{ID}: acme/small-acme/chat[1]: "


def fit():
    """Return a report that is fit, in which each test stands on a call of its own."""
    tests = [evidence.passed(check, evidence.probe(1, number)) for number, check in enumerate(evidence.CHECKS, 1)]
    return copy.deepcopy(evidence.report(1, tests))


def run(**changes):
    """Return an edit of the run's object."""
    return lambda value: value["darkhost"].update(changes)


def vcs(**changes):
    """Return an edit of the run's repository."""
    return lambda value: value["darkhost"]["vcs"].update(changes)


def spec(**changes):
    """Return an edit of the first spec."""
    return lambda value: value["darkhost"]["specs"][0].update(changes)


def named(file):
    """Return an edit of the first spec's name, wherever it stands."""
    return lambda value: (spec(name=file)(value), value["darkhost"]["configuration"][0].update(name=file))


def probe(**changes):
    """Return an edit of the call that the first test read."""
    return lambda value: value["tests"][0]["metadata"]["darkhost"]["probes"][0].update(changes)


def judged(**changes):
    """Return an edit of the first test's object."""
    return lambda value: value["tests"][0]["metadata"]["darkhost"].update(changes)


def peer(address):
    """Return an edit of the address that the socket was connected to."""
    return probe(**{"network.peer.address": address})


REASONS = {
    "nothing planned": (run(plan=evidence.plan([])), {"not_live": "no live check was planned"}),
    "nothing live": (lambda value: value["tests"].clear(), {"not_live": "no planned live check was run"}),
    "a dirty tree": (
        vcs(dirty=True, changes=["a.py", "b.py", "c.py", "d.py"]),
        {"dirty": "the tree differs from its commit: a.py, b.py, c.py and 1 more"},
    ),
    "a tree of which nothing is said": (vcs(dirty=None), {"dirty": "the tree differs from its commit: unknown files"}),
    "no repository": (run(vcs=None), {"no_vcs": "no commit is known"}),
    "a repository that did not answer": (
        run(vcs=None, vcs_problem="git status: no answer within 20 s"),
        {"no_vcs": "git status: no answer within 20 s"},
    ),
    "no commit": (vcs(**{"vcs.ref.head.revision": ""}), {"no_vcs": "no commit is known"}),
    "a commit that is none": (vcs(**{"vcs.ref.head.revision": "release-1.0"}), {"no_vcs": "no commit is known"}),
    "changes in a tree that is called clean": (
        vcs(changes=["a.py"]),
        {"dirty": "the tree differs from its commit: a.py"},
    ),
    "plain HTTP": (
        spec(base_url="http://api.acme.example"),
        {"http": "venue_specs/acme.yaml: http://api.acme.example"},
    ),
    "HTTP on the wire": (
        probe(**{"url.full": "http://api.acme.example/v1"}),
        {
            "http": f"{WHERE}http://api.acme.example/v1",
            "mocked": f"{WHERE}http://api.acme.example/v1 is of no venue of this run",
        },
    ),
    "loopback": (
        spec(base_url="https://127.0.0.1:8443"),
        {"loopback": "venue_specs/acme.yaml: https://127.0.0.1:8443"},
    ),
    "loopback, version 6": (spec(base_url="https://[::1]"), {"loopback": "venue_specs/acme.yaml: https://[::1]"}),
    "localhost": (spec(base_url="https://LOCALHOST./v1"), {"loopback": "venue_specs/acme.yaml: https://LOCALHOST./v1"}),
    "the unspecified address": (
        spec(base_url="https://0.0.0.0"),
        {"loopback": "venue_specs/acme.yaml: https://0.0.0.0"},
    ),
    "interrupted, in no word": (run(interrupted=""), {"interrupted": "interrupted"}),
    "below localhost": (
        spec(base_url="https://a.localhost:1"),
        {"loopback": "venue_specs/acme.yaml: https://a.localhost:1"},
    ),
    "a managed venue": (
        spec(base_url="http://127.0.0.1:{port}", managed=True),
        {
            "http": "venue_specs/acme.yaml: http://127.0.0.1:{port}",
            "loopback": "venue_specs/acme.yaml: http://127.0.0.1:{port}",
        },
    ),
    "a managed venue, elsewhere": (
        spec(managed=True),
        {"loopback": "venue_specs/acme.yaml: https://api.acme.example"},
    ),
    "a private address in a spec": (
        spec(base_url="https://10.1.2.3/v1"),
        {"private_address": "venue_specs/acme.yaml: https://10.1.2.3/v1"},
    ),
    "a URL without a host, in the spec and on the wire": (
        lambda value: (spec(base_url="https://[")(value), probe(**{"url.full": "https://["})(value)),
        {
            "mocked": f"{WHERE}https://[ is of no venue of this run (and 2 more)",
            "impossible": f"{WHERE}sent to https://[ over [2606:4700::6810:1]:443",
        },
    ),
    "a URL without a host": (
        spec(base_url="https://"),
        {"mocked": f"{WHERE}https://api.acme.example/v1/chat/completions is of no venue of this run (and 2 more)"},
    ),
    "the reference catalog": (
        run(catalog={"source": "reference"}),
        {"reference_catalog": "the catalog is the one that the package carries"},
    ),
    "no catalog": (run(catalog={"source": "none"}), {"no_catalog": "no catalog was read"}),
    "interrupted": (run(interrupted="Ctrl-C"), {"interrupted": "Ctrl-C"}),
    "interrupted, by its exit code": (run(exit_status=2), {"interrupted": "interrupted"}),
    "an internal error": (run(exit_status=3), {"interrupted": "internal error"}),
    "truncated": (run(truncated=True), {"truncated": "the report ends before the run did"}),
    "a rerun": (run(reruns=[ID]), {"rerun": ID}),
    "an id twice": (run(duplicates=[ID]), {"duplicate_ids": ID}),
    "a call replayed": (probe(mode="replay"), {"replayed": f"{WHERE}mode replay"}),
    "a call composed": (probe(mode="composed"), {"replayed": f"{WHERE}mode composed"}),
    "a cassette": (judged(cassette={"name": "a.yaml"}), {"replayed": f"{ID}: its answers come from a cassette"}),
    "a test replayed": (judged(mode="replay"), {"replayed": f"{ID}: its answers come from a cassette"}),
    "unseen": (probe(mode="unseen"), {"mocked": f"{WHERE}mode unseen"}),
    "a mode that is none": (probe(mode=["live"]), {"mocked": f"{WHERE}mode ['live']"}),
    "live, without a peer": (peer(None), {"mocked": f"{WHERE}live, and no peer is known"}),
    "live, with an empty peer": (peer(""), {"mocked": f"{WHERE}live, and no peer is known"}),
    "live, with a peer that is no text": (peer(["1.1.1.1:443"]), {"mocked": f"{WHERE}live, and no peer is known"}),
    "passed without an answer": (
        probe(**{"http.response.status_code": None}),
        {"mocked": f"{ID}: passed, and nothing was answered"},
    ),
    "answers of another host": (
        probe(**{"url.full": "https://mock.example/v1/chat/completions"}),
        {"mocked": f"{WHERE}https://mock.example/v1/chat/completions is of no venue of this run"},
    ),
    "a check that stands on calls that were not sent": (
        lambda value: value["tests"].__setitem__(
            slice(None), [evidence.failed("availability", evidence.probe(1, mode=None)), evidence.passed("identity")]
        ),
        {"mocked": f"{evidence.node_id('identity')}: passed, and no live observation is in the report"},
    ),
    "passed without sending": (probe(mode=None), {"mocked": f"{ID}: passed, and nothing was sent"}),
    "passed without reading": (
        lambda value: [test["metadata"]["darkhost"].update(probes=[]) for test in value["tests"]],
        {"mocked": f"{ID}: passed, and no live observation is in the report (and 2 more)"},
    ),
    "passed, and not live": (
        judged(source="replay"),
        {"mocked": f"{ID}: passed, and no live observation is in the report"},
    ),
    "TLS not verified": (probe(tls_verified=False), {"tls": f"{WHERE}no verified TLS connection"}),
    "TLS not said": (probe(tls_verified=None), {"tls": f"{WHERE}no verified TLS connection"}),
    "no TLS": (probe(**{"tls.protocol.version": None}), {"tls": f"{WHERE}no verified TLS connection"}),
    "a version of TLS that is no more": (
        probe(**{"tls.protocol.version": "1.1"}),
        {"tls": f"{WHERE}no verified TLS connection"},
    ),
    "answers of another port": (
        probe(**{"url.full": "https://api.acme.example:8443/v1", "network.peer.address": "1.1.1.1:8443"}),
        {"mocked": f"{WHERE}https://api.acme.example:8443/v1 is of no venue of this run"},
    ),
    "certificates of one's own": (
        probe(ca_source="SSL_CERT_FILE"),
        {"custom_ca": f"{WHERE}trusted by SSL_CERT_FILE, expected certifi or the system's own"},
    ),
    "a private address": (peer("192.168.1.4:443"), {"private_address": f"{WHERE}192.168.1.4:443"}),
    "a loopback address": (peer("[::1]:443"), {"private_address": f"{WHERE}[::1]:443"}),
    "a link-local address": (peer("[fe80::1%eth0]:443"), {"private_address": f"{WHERE}[fe80::1%eth0]:443"}),
    "a mapped address": (peer("[::ffff:10.0.0.1]:443"), {"private_address": f"{WHERE}[::ffff:10.0.0.1]:443"}),
    "an address for documents": (peer("192.0.2.1:443"), {"private_address": f"{WHERE}192.0.2.1:443"}),
    "no address": (peer("api.acme.example:443"), {"private_address": f"{WHERE}api.acme.example:443"}),
    "a proxy": (probe(proxy="http://proxy.example:3128"), {"proxy": f"{WHERE}http://proxy.example:3128"}),
    "a Date of before": (
        probe(response_date="Wed, 25 Nov 2026 11:54:59 GMT"),
        {"stale_date": f"{WHERE}sent at 2026-11-25T12:00:00.000Z, the venue says Wed, 25 Nov 2026 11:54:59 GMT"},
    ),
    "a Date of later": (
        probe(response_date="Wed, 25 Nov 2026 12:05:01 GMT"),
        {"stale_date": f"{WHERE}sent at 2026-11-25T12:00:00.000Z, the venue says Wed, 25 Nov 2026 12:05:01 GMT"},
    ),
    "no Date": (probe(response_date=None), {"stale_date": f"{WHERE}the venue's answer has no Date"}),
    "a Date that is none": (probe(response_date="tomorrow"), {"stale_date": f"{WHERE}the venue's answer has no Date"}),
    "no time": (probe(started_at=None), {"stale_date": f"{WHERE}the report does not say when it was sent"}),
    "sent before the run": (
        probe(started_at="2026-11-25T11:54:00.000Z", response_date="Wed, 25 Nov 2026 11:54:00 GMT"),
        {"stale_date": f"{WHERE}sent at 2026-11-25T11:54:00.000Z, outside of the run"},
    ),
    "sent after the run": (
        probe(started_at="2026-11-25T12:06:00.000Z", response_date="Wed, 25 Nov 2026 12:06:00 GMT"),
        {"stale_date": f"{WHERE}sent at 2026-11-25T12:06:00.000Z, outside of the run"},
    ),
    "an answer on a cassette": (
        probe(**{"gen_ai.response.id": "recorded"}),
        {"foreign_id": f"acme/small-acme/chat[1]: answer recorded is on a cassette of run {evidence.run_id(9)}"},
    ),
    "one answer for two calls": (
        lambda value: value["tests"][1]["metadata"]["darkhost"]["probes"][0].update(
            {"gen_ai.response.id": "chatcmpl-1-1"}
        ),
        {"foreign_id": "acme/small-acme/chat[1]: answer chatcmpl-1-1 is that of another call"},
    ),
    "the bytes of one answer for two calls": (
        lambda value: value["tests"][1]["metadata"]["darkhost"]["probes"][0].update(
            {"response_digest": evidence.probe(1)["response_digest"]}
        ),
        {"foreign_id": "acme/small-acme/chat[1]: answer sha256:… is that of another call"},
    ),
    "another status of success, and nothing that tells it": (
        probe(**{"gen_ai.response.id": None, "response_digest": None, "http.response.status_code": 201}),
        {"foreign_id": f"{WHERE}an answer with neither an id nor a digest"},
    ),
    "an answer with neither an id nor a digest": (
        probe(**{"gen_ai.response.id": None, "response_digest": None}),
        {"foreign_id": f"{WHERE}an answer with neither an id nor a digest"},
    ),
    "an answer with an empty id and a digest that is none": (
        probe(**{"gen_ai.response.id": "", "response_digest": {"sha256": "new"}}),
        {"foreign_id": f"{WHERE}an answer with neither an id nor a digest"},
    ),
    "a time in another spelling": (
        probe(started_at="2026-11-25T12:00:00+00:00"),
        {"stale_date": f"{WHERE}the report does not say when it was sent"},
    ),
    "one answer without an id for two calls": (
        lambda value: [
            probe.update({"gen_ai.response.id": None, "response_digest": evidence.probe(1)["response_digest"]})
            for test in value["tests"]
            for probe in test["metadata"]["darkhost"]["probes"]
        ],
        {"foreign_id": "acme/small-acme/chat[1]: answer sha256:… is that of another call"},
    ),
}


TIMES = f"{WHERE}times that do not rise from 0 to at most 609000 ms, how long the run was open"
IMPOSSIBLE = {
    "a text for a status": (
        probe(**{"http.response.status_code": "200"}),
        f"{WHERE}the status '200', expected one of HTTP",
    ),
    "a status of nobody": (
        probe(**{"http.response.status_code": 600}),
        f"{WHERE}the status 600, expected one of HTTP",
    ),
    "an operation of nobody": (
        probe(**{"gen_ai.operation.name": "Chat"}),
        f"{WHERE}the operation 'Chat', expected chat or list_models",
    ),
    "a chat that is called a list": (
        probe(**{"gen_ai.operation.name": "list_models"}),
        f"{WHERE}a list of models, asked of one model",
    ),
    "fewer tokens than none": (
        probe(**{"gen_ai.usage.output_tokens": -1}),
        f"{WHERE}None and -1 tokens, expected two numbers",
    ),
    "tokens that are no number": (
        probe(**{"gen_ai.usage.input_tokens": "7"}),
        f"{WHERE}'7' and None tokens, expected two numbers",
    ),
    "a spec of another name": (
        spec(name="venue_specs/groq.yaml"),
        # Its tests are no checks of that one, and `configuration` has another.
        "the spec venue_specs/groq.yaml of venue acme (and 4 more)",
    ),
    "no certificate": (
        probe(**{"tls.server.hash.sha256": None}),
        f"{WHERE}a certificate was verified, and its digest is not known",
    ),
    "a certificate that is none": (
        probe(**{"tls.server.hash.sha256": "ab" * 32}),
        f"{WHERE}a certificate was verified, and its digest is not known",
    ),
    "an answer without its bytes": (
        probe(response_digest=None),
        f"{WHERE}an answer without the digest of its bytes",
    ),
    "another port on the wire": (
        peer("1.1.1.1:80"),
        f"{WHERE}sent to https://api.acme.example/v1/chat/completions over 1.1.1.1:80",
    ),
    "no port on the wire": (
        peer("1.1.1.1"),
        f"{WHERE}sent to https://api.acme.example/v1/chat/completions over 1.1.1.1",
    ),
    "an answer before its request": (probe(first_byte_ms=-0.1, end_ms=5), TIMES),
    "an end before the beginning": (probe(first_byte_ms=6, end_ms=5.9), TIMES),
    "a token after the end": (probe(first_byte_ms=1, first_token_ms=2, last_token_ms=9, end_ms=8), TIMES),
    "a call that is longer than the run": (probe(first_byte_ms=1, end_ms=609_001), TIMES),
    "a text for an offset": (probe(first_byte_ms=1, end_ms="2"), TIMES),
    "TLS before TCP": (probe(tcp_ms=3, tls_ms=2), TIMES),
    "a venue that has no spec": (run(venues=["acme", "groq"]), "`venues` has groq, of which there is no spec"),
    "a venue that is not named": (run(venues=[]), "`venues` has not acme, of which there are tests"),
    "a spec that is no file of the run": (
        run(configuration=[{"name": "pyproject.toml", "digest": {"sha256": "1" * 64}}]),
        "the spec venue_specs/acme.yaml is no file of `configuration`",
    ),
    "fewer calls than were sent": (run(calls=2), "`calls` is 2, and 3 were sent"),
    "calls that are no number": (run(calls="3"), "`calls` is '3', and 3 were sent"),
    "calls that are true": (run(calls=True), "`calls` is True, and 3 were sent"),
    "a call of another run under the same name": (
        lambda value: value["tests"][1]["metadata"]["darkhost"]["probes"][0].update(probe="acme/small-acme/chat[1]"),
        "two calls that are not the same were sent as acme/small-acme/chat[1]",
    ),
    "passed, and not judged": (
        judged(reason_code="cost_cap"),
        f"{ID}: passed, and says why it was not judged: 'cost_cap'",
    ),
    "a spec of a path that no system has": (
        named(f"{'x' * 4096}/acme.yaml"),
        f"{ID}: says that it is 'availability' of 'acme/small-acme' (and 2 more)",
    ),
    "calls of another model": (
        judged(probes=[evidence.probe(9, probe="acme/large-acme/chat[1]")]),
        f"{ID}: stands on acme/large-acme/chat[1], a call of another target",
    ),
    "calls of the venue": (
        judged(probes=[evidence.probe(9, probe="acme/chat[1]")]),
        f"{ID}: stands on acme/chat[1], a call of another target",
    ),
    "a check under another name": (
        judged(check="ttft"),
        f"{ID}: says that it is 'ttft' of 'acme/small-acme'",
    ),
    "another model": (
        judged(model="large-acme", probes=[evidence.probe(9, probe="acme/large-acme/chat[1]")]),
        f"{ID}: says that it is 'availability' of 'acme/large-acme'",
    ),
    "a venue of another run": (
        lambda value: value["tests"][0]["metadata"]["darkhost"].update(venue="groq", probes=[], verdict="failed"),
        f"{ID}: says that it is 'availability' of 'groq/small-acme'",
    ),
    "a venue that is no text": (
        lambda value: value["tests"][0]["metadata"]["darkhost"].update(venue=["acme"], probes=[], verdict="failed"),
        f"{ID}: says that it is of (['acme'], 'small-acme')",
    ),
    "two places of one venue": (
        lambda value: value["darkhost"]["specs"].insert(
            0, value["darkhost"]["specs"][0] | {"base_url": "https://other.example"}
        ),
        "several specs of venue acme",
    ),
}
REASONS |= {what: (edit, {"impossible": told}) for what, (edit, told) in IMPOSSIBLE.items()}


def found_in(value, window=None, *, as_it_is=False):
    """Return the reasons against a report as the whole judgement has them; the run's own times are the window."""
    parsed = report.parse(dumps(value if as_it_is else evidence.counted(value)), "report.json")
    times = value["darkhost"]["started_at"], value["darkhost"]["finished_at"]
    window = window or tuple(map(datetime.fromisoformat, times))
    before = Identities()
    try:
        unfit = judge(parsed, window, before, 2, {"recorded": evidence.run_id(9)}).unfit
    finally:
        before.close()
    digest = evidence.probe(1)["response_digest"]["sha256"]
    return {each.code: each.what.replace(digest[:53], "…") for each in unfit}


@pytest.mark.parametrize(("edit", "expected"), REASONS.values(), ids=REASONS)
def test_a_reason(edit, expected):
    """It alone is found, with its place."""
    value = fit()
    assert found_in(value) == {}

    edit(value)

    assert found_in(value) == expected


def test_each_code_is_planted():
    """The list is closed, and none of it is beyond these tests."""
    assert {code for _, expected in REASONS.values() for code in expected} == set(CODES)


FIT = {
    "a failure with an answer": lambda value: value["tests"].__setitem__(
        0, evidence.failed("availability", evidence.probe(1))
    ),
    "a dead venue": lambda value: value["tests"].__setitem__(
        slice(None), [evidence.failed(check, dead_probe()) for check in evidence.CHECKS]
    ),
    "no call in any test, and each failed": lambda value: value["tests"].__setitem__(
        slice(None), [evidence.failed(check) for check in evidence.CHECKS]
    ),
    "a venue that was never called": lambda value: value["tests"].__setitem__(0, evidence.failed("availability")),
    "not judged": lambda value: value["tests"].__setitem__(0, evidence.skipped("availability", "cost_cap")),
    "narrowed": lambda value: value["tests"].pop(0),
    "a check that stands on others' calls": judged(probes=[]),
    "one call of two not sent": lambda value: value["tests"][0]["metadata"]["darkhost"]["probes"].append(
        evidence.probe(1, 2, mode=None)
    ),
    "calls that no test has read": run(calls=4),
    "a call that a worker could not send again": lambda value: value["tests"][1]["metadata"]["darkhost"].update(
        probes=[{"probe": "acme/small-acme/chat[1]", "mode": None}, evidence.probe(1, 2)]
    ),
    "a replay of a call that was sent": lambda value: (
        run(calls=3)(value),
        value["tests"].append(
            evidence.passed("x", evidence.probe(1, mode="replay"), mode="replay", cassette={"name": "x"})
        ),
    ),
    "a clock a little off": probe(response_date="Wed, 25 Nov 2026 12:04:59 GMT"),
    "version 4": peer("104.18.0.1:443"),
    "offsets of which some are not known": probe(tcp_ms=1, tls_ms=None, first_byte_ms=2, last_token_ms=2, end_ms=2.0),
    "a connection whose times overlap with those of its answer": probe(tls_ms=9, first_byte_ms=2, end_ms=3),
    "a refusal, which has no id": probe(
        **{"gen_ai.response.id": None, "response_digest": None, "http.response.status_code": 599}
    ),
    "a spec that is shown by another path": named("/srv/project/venue_specs/acme.yaml"),
    "a check of the venue, and a list of models, which has no id": lambda value: (
        value["darkhost"].update(plan=evidence.plan(["venue_specs/acme.yml::model_listed[live]"])),
        named("venue_specs/acme.yml")(value),
        value["tests"][0].update(nodeid="venue_specs/acme.yml::model_listed[live]"),
        value["tests"][0]["metadata"]["darkhost"].update(
            check="model_listed",
            model=None,
            probes=[
                evidence.probe(9, probe="acme/model_list[1]")
                | {"gen_ai.operation.name": "list_models", "gen_ai.response.id": None, "response_digest": None}
            ],
        ),
    ),
    "a test that says nothing of itself": lambda value: value["tests"].__setitem__(
        0, evidence.failed("availability") | {"metadata": {}}
    ),
    "a port that is named": lambda value: (
        spec(base_url="https://api.acme.example:443")(value),
        peer("1.1.1.1:443")(value),
    ),
    "an answer without an id, and with a digest": probe(**{"gen_ai.response.id": None}),
    "replays beside the plan": lambda value: value["tests"].append(
        evidence.passed("x", evidence.probe(1, 5, mode="replay"), mode="replay", cassette={"name": "x"})
    ),
    "a rerun beside the plan": run(
        reruns=["tests/test_own.py::test_flaky"], duplicates=["tests/test_own.py::test_flaky"]
    ),
    "tests that failed": run(exit_status=1),
}


def dead_probe():
    """Return the record of a call that got no answer: nothing is known of a connection."""
    kept = ("probe", "mode", "gen_ai.operation.name", "started_at", "url.full")
    nothing = dict.fromkeys(evidence.probe(1))
    return nothing | {name: evidence.probe(1)[name] for name in kept} | {"error.type": "connect"}


@pytest.mark.parametrize("edit", FIT.values(), ids=FIT)
def test_what_is_no_reason(edit):
    """A bad venue, a narrow run and what lies beside the plan are evidence all the same."""
    value = fit()

    edit(value)

    assert found_in(value) == {}


DEAD_AND_FALSE = {
    "replayed": {"mode": "replay"},
    "mocked": {"mode": "unseen", "http.response.status_code": 200},
}


@pytest.mark.parametrize(("code", "changes"), DEAD_AND_FALSE.items(), ids=DEAD_AND_FALSE)
def test_a_failure_is_never_replayed_or_mocked(code, changes):
    """A failure may lack what a dead venue cannot give, and no more."""
    value = evidence.report(1, [evidence.failed(check, dead_probe() | changes) for check in evidence.CHECKS])

    assert list(found_in(value)) == [code]


def test_what_is_known_before_the_run():
    """All reasons at once, from an object that has no end yet."""
    known = ("run_id", "plan", "specs", "vcs", "catalog")
    record = {name: value for name, value in evidence.record(1).items() if name in known}
    assert fitness.unfit_run(record) == ()
    assert fitness.unfit_run({name: value for name, value in record.items() if name != "plan"}) == ()

    record |= {"vcs": {"vcs.ref.head.revision": "1" * 40, "dirty": True}, "catalog": {"source": "reference"}}

    assert [each.code for each in fitness.unfit_run(record)] == ["dirty", "reference_catalog"]


def test_calls_are_expected_between_opening_and_closing():
    """Whatever the report says of its own times."""
    value = evidence.report(1)
    later = datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC) + timedelta(hours=1)

    assert found_in(value) == {}
    assert list(found_in(value, later)) == ["stale_date"]


def test_a_run_is_expected_between_opening_and_closing():
    """Its tests may have been looked for long before; its end lies where it was closed."""
    window = evidence.START, evidence.START + timedelta(seconds=10)
    times = {
        ("2026-11-25T09:00:00.000Z", "2026-11-25T11:55:10.000Z"): None,
        ("2026-11-25T12:05:00.000Z", "2026-11-25T12:05:10.000Z"): None,
        (
            "2026-11-25T12:05:00.001Z",
            "2026-11-25T12:05:10.000Z",
        ): "began at 2026-11-25T12:05:00.001Z, after it was opened",
        (
            "2026-11-25T12:00:00.000Z",
            "2026-11-25T12:05:10.001Z",
        ): "ended at 2026-11-25T12:05:10.001Z, not when it was closed",
        (
            "2026-11-25T09:00:00.000Z",
            "2026-11-25T11:55:09.999Z",
        ): "ended at 2026-11-25T11:55:09.999Z, not when it was closed",
    }
    for (started, finished), expected in times.items():
        value = evidence.report(1, started_at=started, finished_at=finished)

        assert found_in(value, window) == ({} if expected is None else {"stale_date": expected})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"summary": {"passed": 48}}, "`summary` has {'passed': 48}, expected {'passed': 3}, as there are"),
        ({"summary": {"passed": 3, "collected": 9, "deselected": 6, "total": 3}}, None),
        ({"summary": {"passed": 3, "failed": 1}}, "`summary` has {'passed': 3, 'failed': 1}, expected {'passed': 3}"),
        ({"summary": [3]}, "`summary` has None, expected {'passed': 3}, as there are"),
        ({"exitcode": 1}, "`exitcode` is 1, and `exit_status` 0"),
    ],
)
def test_figures_for_a_reader_in_a_hurry(changes, expected):
    """They stand at the top of a report, and are those of its tests."""
    found = found_in(evidence.report(1) | changes, as_it_is=True)

    assert found.get("impossible", "").startswith(expected or "")
    assert bool(found) is bool(expected)
