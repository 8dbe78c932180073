"""`pytest` in CI: the checks of every target from its cassette, without a key, a venue or a socket; drift fails."""

import json
import re

import pytest
import yaml

from support.asked import Kind
from support.faults import Fault
from support.spec_factory import KEY_ENV

RECORD = ("-m", "live", "--darkhost-record")
STRICT = "darkhost_no_cassette ="


def failed(result):
    """Return the lines of the short summary."""
    return [line for line in result.outlines if line.startswith("FAILED ")]


def test_everything_that_was_recorded_is_judged_again(recorded):
    """The same checks pass from the cassette: no key in the environment, no venue, nothing sent."""
    result = recorded.replay()

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] > 15
    result.stdout.fnmatch_lines(["2 cassettes (2 recorded): * passed*nothing was sent"])


def test_a_replay_opens_no_socket_at_all(recorded):
    """Not one connection, look-up or datagram in the whole process, seen by the interpreter's own audit events."""
    recorded.pytester.makeconftest(
        """
        import sys

        opened = []
        events = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"}
        sys.addaudithook(lambda event, arguments: opened.append(event) if event in events else None)

        def pytest_terminal_summary(terminalreporter):
            terminalreporter.write_line(f"sockets: {opened}")
        """
    )
    recorded.close()

    result = recorded.run_apart("-m", "replay")

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] > 15
    assert "sockets: []" in result.outlines


def test_a_replay_is_labelled_everywhere(recorded):
    """Mode, source, cassette and run are in the report; a verdict on times says when they were recorded."""
    result = recorded.replay("-m", "replay", "--json-report", "--json-report-file=r.json")

    assert result.ret == 0
    tests = json.loads((recorded.path / "r.json").read_text(encoding="utf-8"))["tests"]
    found = {test["nodeid"].rsplit("::", 1)[-1]: test["metadata"]["darkhost"] for test in tests}
    assert {data["mode"] for data in found.values()} == {"replay"}
    assert {data["source"] for data in found.values()} == {"replay"}
    assert found["latency_cold[replay]"]["actual"].rpartition(", ")[2].startswith("recorded 20")
    assert found["ttft[replay]"]["cassette"]["origin"] == "recorded"
    live = next(test for test in recorded.report["tests"] if "ttft[live]" in test["nodeid"])
    assert found["ttft[replay]"]["clock"] == live["metadata"]["darkhost"]["clock"]
    assert found["ttft[replay]"]["cassette"]["run_id"] == recorded.report["darkhost"]["run_id"]


def test_recorded_times_are_judged_and_not_waited_for(project):
    """A stream fails a tightened budget by its recorded times, in less time than these, had nobody been busy."""
    project.ini(STRICT)
    project.venue(delay_ms=300)
    recording = project.run(*RECORD)
    project.edit_spec("acme", "ttft_ms: 5000", "ttft_ms: 200")
    for cassette in (project.path / "cassettes").rglob("*.yaml"):
        cassette.write_text(re.sub(r"loop_lag_ms: .*", "loop_lag_ms: 0.0", cassette.read_text()))

    result = project.replay("-k", "ttft")

    assert result.ret == 1
    result.stdout.re_match_lines([r"venue_specs/acme\.yaml:\d+: plain-1-acme ttft: [3-9]\d\d\S* ms .*, recorded 20.*"])
    assert result.duration < recording.duration


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("upstream_model: plain-1", "upstream_model: plain-2", "*model: 'plain-2', recorded 'plain-1'*"),
        ("venue: acme", "venue: acme\nheaders: {x-team: blue}", "*header x-team: 'blue', recorded absent*"),
        (
            "base_url: http://127.0.0.1:",
            "base_url: http://127.0.0.2:",
            "*URL: http://127.0.0.2:*, recorded http://127.0.0.1:*",
        ),
        ("  samples:", "  token_ceilings: {chat: 33}\n  samples:", "*max_tokens: 33, recorded 32*"),
    ],
    ids=["model", "header", "URL", "token ceiling"],
)
def test_a_changed_spec_is_a_miss_that_says_what_changed(recorded, old, new, said):
    """What is asked of the venue is compared, and the message says how to record again."""
    recorded.edit_spec("acme", old, new)

    result = recorded.replay()

    assert result.ret == (1 if said else 0)
    if said:
        result.stdout.fnmatch_lines([said, "*record again *pytest -m live --venue=acme --darkhost-record"])


def test_a_key_that_goes_elsewhere_is_a_drift(recorded):
    """No cassette holds the key, but each says which header it went in."""
    recorded.edit_spec("acme", "venue: acme", "venue: acme\nauth: {scheme: header, name: x-key}")

    result = recorded.replay("-k", "usage")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*the key went as 'authorization: Bearer', expected 'x-key:', as the spec says. *"])


def test_a_changed_prompt_is_a_miss(recorded, monkeypatch):
    """The prompts are compared without the run's id; the message shows both texts."""
    prompt = "pytest_darkhost.standard_probes._prompt"
    monkeypatch.setattr(prompt, lambda nonce, text: f"Run {nonce}.\n{text.replace('one word', 'single word')}")

    result = recorded.replay("-k", "chat_shape")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*messages?0?.content: '*the single word: ready', recorded '*the one word: ready'*"])


def test_a_changed_check_is_caught(recorded):
    """A team's check that asks for more than was recorded fails, with nothing sent."""
    recorded.pytester.makeconftest(
        """
        from pytest_darkhost import Check, Failed, Passed

        def strict(case):
            text = case.observations["cold"][0].answer.text
            return Passed() if "Oslo" in text else Failed("Oslo", repr(text))

        def pytest_darkhost_checks():
            return [Check("knows_oslo", strict, needs=("cold",))]
        """
    )

    result = recorded.replay()

    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED *::plain-1-acme::knows_oslo?replay?*"])


def test_a_changed_price_is_caught_where_the_venue_gives_a_figure(project):
    """The cost that the venue named is on the cassette."""
    project.ini(STRICT)
    project.venue("acme", profile="deepinfra")
    assert project.run(*RECORD).ret == 0
    project.edit_spec("acme", "in_per_mtok_usd: 0.1", "in_per_mtok_usd: 0.2")

    result = project.replay()

    assert result.ret == 1
    (line,) = failed(result)
    assert "::cost[replay]" in line


def test_a_failure_can_be_repeated(recorded):
    """The printed command holds for a replay too: no `-m live`."""
    recorded.edit_spec("acme", "cold_ms: 5000", "cold_ms: 0.001")

    result = recorded.replay("-k", "latency_cold")

    result.stdout.fnmatch_lines(["  again: pytest 'venue_specs/acme.yaml::plain-1-acme::latency_cold?replay?'"])


def test_no_response_is_logged_while_a_cassette_is_read(recorded):
    """Vcrpy would log each whole response at INFO: a failure's captured log shows none."""
    recorded.edit_spec("acme", "cold_ms: 5000", "cold_ms: 0.001")

    result = recorded.replay("-k", "latency_cold", "--log-level=DEBUG")

    assert result.ret == 1
    assert "lighthouse" not in result.stdout.str()


def test_marks_select_replay(recorded):
    """`-m replay` runs cassettes alone, `-m "not replay"` none of them and nothing live."""
    only = recorded.replay("-m", "replay", "-q")
    without = recorded.replay("-m", "not replay", "-q")

    assert only.ret == 0
    only.stdout.fnmatch_lines(["2 cassettes*"])
    assert "cassette" not in without.stdout.str()


def test_workers_replay_alike(recorded):
    """`-n 2` gives the same outcomes, and says what it replayed once."""
    alone = recorded.replay("-m", "replay").parseoutcomes()

    result = recorded.replay("-m", "replay", "-n", "2")

    assert result.ret == 0
    assert {k: v for k, v in result.parseoutcomes().items() if k != "deselected"} == {
        k: v for k, v in alone.items() if k != "deselected"
    }
    assert result.stdout.str().count("2 cassettes (2 recorded)") == 1


def test_last_failed_and_first_failure_behave(recorded):
    """`-x` stops at the first failure, `--lf` takes it up again."""
    recorded.edit_spec("acme", "cold_ms: 5000", "cold_ms: 0.001")
    recorded.edit_spec("acme", "warm_ms: 5000", "warm_ms: 0.001")
    recorded.close()

    first = recorded.pytester.runpytest_inprocess("-m", "replay", "-x")
    again = recorded.pytester.runpytest_inprocess("-m", "replay", "--lf")

    assert first.parseoutcomes()["failed"] == 1
    assert again.parseoutcomes()["failed"] == 1
    assert "passed" not in again.parseoutcomes()


def test_a_teams_own_tests_are_replayed(recorded):
    """A test that reads observations runs live and from the cassette, each under a name of its own."""
    recorded.pytester.copy_example("own_tests")

    result = recorded.replay("test_answers.py", "-v")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["test_answers.py::test_the_answer_is_short?acme/plain-1-acme-replay? PASSED*"])
    assert result.parseoutcomes()["passed"] == 4


def test_a_fixture_in_place_of_ours_is_what_a_check_reads(recorded):
    """A `conftest.py` may override the plugin's fixtures, for its own items too, and use what they give."""
    recorded.pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def darkhost_observations(darkhost_observations):
            return type(darkhost_observations)({}, darkhost_observations.cassette)
        """
    )

    result = recorded.replay("-k", "chat_shape")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["1 cassette *: 1 not judged (too_few_samples 1)*"])


def test_fixtures_come_before_the_cassette_is_asked_for(recorded):
    """What an autouse fixture skips is not replayed; `--setup-show` shows what is set up, and in which order."""
    recorded.pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(autouse=True)
        def _gate(request):
            request.config.option.keyword == "ttft" and pytest.skip("closed")
        """
    )
    for file in recorded.path.glob("cassettes/*/*.yaml"):
        file.write_text("no cassette")

    closed = recorded.replay("-k", "ttft")
    shown = recorded.replay("-k", "chat_shape", "--setup-show")

    assert closed.parseoutcomes().get("errors", 0) == 0
    assert shown.parseoutcomes()["errors"] == 1
    gate, target, observations = (
        shown.stdout.str().find(f"SETUP    F {name}") for name in ("_gate", "darkhost_target", "darkhost_observations")
    )
    assert -1 < gate < target < observations


def test_a_mark_of_the_tests_own_makes_no_live_call_of_a_replay(project):
    """`pytestmark = pytest.mark.live` is for the live twin: `-m live` selects that one alone."""
    project.venue()
    project.pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.live

        @pytest.mark.darkhost_needs("cold")
        def test_own(darkhost_observations):
            assert darkhost_observations["cold"][0].answer
        """
    )

    result = project.run("-m", "live", "-k", "test_own", "-v")

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] == 1
    assert "-replay]" not in result.stdout.str()


@pytest.mark.parametrize("adapter", ["adapter_httpx", "adapter_openai"])
def test_what_an_adapter_sent_is_replayed_through_it(project, adapter):
    """The team's production adapter is called again, over httpx and httpx2, and its requests are compared."""
    project.ini(STRICT)
    project.pytester.copy_example(adapter)
    project.venue()
    assert project.run(*RECORD).ret == 0

    result = project.replay()

    assert result.ret == 0
    result.stdout.fnmatch_lines(["2 cassettes (2 recorded): *"])


def test_an_adapter_that_opens_a_socket_while_replaying_is_an_error(recorded):
    """Whatever it does with the exception, each item of the target is an error that names the address."""
    recorded.pytester.makeconftest(
        """
        import contextlib, httpx

        def pytest_darkhost_adapter(venue, http_client):
            async def adapter(request):
                with contextlib.suppress(Exception):
                    async with httpx.AsyncClient() as other:
                        await other.get("http://127.0.0.1:9/")
                return await http_client.post(venue.base_url + "/v1/chat/completions", json={})
            return adapter
        """
    )

    result = recorded.replay("-k", "replay and chat_shape")

    assert (result.ret, result.parseoutcomes()["errors"]) == (1, 1)
    result.stdout.fnmatch_lines(["*a socket to 127.0.0.1:9 was opened while replaying *, expected none*"])


def test_a_live_item_that_was_answered_without_a_socket_is_an_error(project):
    """Somebody mocks the library under us: an answer that no wire carried is nobody's proof."""
    server = project.venue()
    project.pytester.makeconftest(
        """
        import httpcore

        async def answer(self, request):
            return httpcore.Response(200, content=b"{}")

        httpcore.AsyncConnectionPool.handle_async_request = answer
        """
    )

    result = project.run_apart("-m", "live", "--venue=acme")

    assert (result.ret, server.log) == (1, ())
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["*cold?1?: answered without a socket, expected an answer of the venue*"])


def test_a_transport_failure_is_replayed_as_such(project):
    """A refused connection is an observation too: a check that expects it passes from the cassette."""
    project.ini(STRICT)
    spec = {"defaults": {"capabilities": ["stream", "tools"]}, "ceilings": {"first_byte_timeout_ms": 300}}
    project.venue(fault=Fault.HANG, on=frozenset({Kind.JSON_SCHEMA}), spec=spec)
    project.pytester.makeconftest(
        """
        from pytest_darkhost import ChatRequest, Check, Failed, Passed, ProbeTemplate

        def ask(venue, model, nonce):
            schema = {"type": "object"}
            return ChatRequest(model.upstream_model, f"Run {nonce}.", max_tokens=8, json_schema=schema)

        def pytest_darkhost_probes():
            return [ProbeTemplate("hang", ask)]

        def times_out(case):
            (seen,) = case.observations["hang"]
            kind = seen.error.kind if seen.error else None
            return Passed("a time-out", str(kind)) if kind == "timeout_first_byte" else Failed("a time-out", str(kind))

        def pytest_darkhost_checks():
            return [Check("hangs", times_out, needs=("hang",))]
        """
    )

    assert project.run(*RECORD).ret == 0
    result = project.replay()

    assert result.ret == 0
    data = yaml.safe_load((project.path / "cassettes/acme/plain-1-acme.yaml").read_text(encoding="utf-8"))
    (failure,) = data["darkhost"]["failures"]
    assert failure["response"]["darkhost"]["error"]["kind"] == "timeout_first_byte"


@pytest.mark.parametrize("fault", [Fault.OTHER_MODEL, Fault.CUT, Fault.TOOL_AS_TEXT], ids=str)
def test_a_cassette_of_a_bad_venue_fails_as_the_venue_did(project, fault, monkeypatch):
    """Replay repeats the live verdicts, good and bad."""
    monkeypatch.setattr("pytest_darkhost.suite.recording._refusals", lambda *_: iter(()))
    project.venue(fault=fault)
    project.run(*RECORD)
    live = {name.replace("[live]", ""): verdict for name, verdict in project.verdicts().items()}

    project.replay("-m", "replay", "--json-report", "--json-report-file=.darkhost/report.json")

    assert {name.replace("[replay]", ""): verdict for name, verdict in project.verdicts().items()} == live


@pytest.mark.parametrize("stand_in", ["x", "test", "model", "v1"])
def test_a_word_in_the_place_of_a_key_changes_no_replay(recorded, monkeypatch, stand_in):
    """CI often sets variables of keys to some word; what was recorded is none the less found."""
    monkeypatch.setenv(KEY_ENV, stand_in)

    result = recorded.run("-m", "replay")

    assert result.ret == 0


def test_one_line_a_failure_is_one_line(recorded):
    """`--tb=line` shows the place in the spec and what is wrong."""
    recorded.edit_spec("acme", "ttft_ms: 5000", "ttft_ms: 1")

    result = recorded.replay("-k", "ttft", "--tb=line")

    result.stdout.re_match_lines([r".*/venue_specs/acme\.yaml:\d+: \S+ ms.*, expected .*"])
