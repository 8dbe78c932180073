"""The main job: `pytest -m live --venue=NAME`, from a YAML file to verdicts in terminal and report."""

import pytest

from support.asked import Kind
from support.faults import Fault


def paid(server):
    """Return the kinds of the requests that arrived."""
    return [seen.kind.value for seen in server.log]


def test_a_healthy_venue_passes_and_exits_with_0(project):
    """Every check of a good venue passes, and the JSON report is there without a flag."""
    project.venue()

    result = project.run("-m", "live", "--venue=acme")

    assert result.ret == 0
    assert set(project.verdicts().values()) <= {"passed", "not_applicable", "client_busy", "too_few_samples"}
    assert list(project.verdicts().values()).count("passed") > 12
    result.stdout.fnmatch_lines(["acme: no catalog · 1 target · * calls · at most $* (cap $1.0000)"])
    result.stdout.fnmatch_lines(["target *cold *warm *TTFT *tok/s *cost *verdict*", "*-acme * passed*"])
    result.stdout.fnmatch_lines(["report: .darkhost/report.json"])


def test_each_probe_is_sent_once(project):
    """However many checks read it, a call is paid for once: 9 calls with one warm chat and one stream."""
    server = project.venue()

    project.run("-m", "live", "--venue=acme")

    assert len(server.log) == project.report["darkhost"]["calls"]
    assert len({str(seen.json) for seen in server.log}) == len(server.log)


def test_verdicts_failures_and_the_exit_code_of_a_bad_venue(project):
    """One bad answer fails its check alone, in one line at the spec's line, with the command that repeats it."""
    project.venue(fault=Fault.WRONG_USAGE_SUM)

    result = project.run("-m", "live", "--venue=acme")

    assert result.ret == 1
    assert [name for name, verdict in project.verdicts().items() if verdict == "failed"] == ["usage[live]"]
    result.stdout.re_match_lines([r"venue_specs/acme\.yaml:\d+: \S+-acme usage: .*, expected .*"])
    result.stdout.fnmatch_lines(["  again: pytest -m live 'venue_specs/acme.yaml::*::usage?live?'"])


def test_the_command_that_repeats_a_failure_does(project):
    """The printed node id can be typed back, and costs only the calls of its own check."""
    server = project.venue(fault=Fault.WRONG_USAGE_SUM)
    project.run("-m", "live", "--venue=acme")
    (nodeid,) = [test["nodeid"] for test in project.report["tests"] if test["outcome"] == "failed"]
    before = len(server.log)

    result = project.run("-m", "live", nodeid)

    assert result.ret == 1
    result.assert_outcomes(failed=1)
    assert len(server.log) - before == 3


def test_without_tracebacks_the_failures_are_listed_once(project):
    """`--tb=no` leaves one line a failure."""
    project.venue(fault=Fault.WRONG_USAGE_SUM)

    result = project.run("-m", "live", "--venue=acme", "--tb=no")

    result.stdout.fnmatch_lines(["FAILED venue_specs/acme.yaml:*: *-acme usage: *", "  again: pytest -m live *"])


@pytest.mark.parametrize("fault", [Fault.ACCEPT_AND_CLOSE, Fault.MALFORMED_HTTP], ids=str)
def test_a_venue_that_breaks_connections_fails_without_a_traceback(project, fault):
    """Nobody sees our code, whatever pytest is told to show of a failure."""
    project.venue(fault=fault)

    result = project.run("-m", "live", "--venue=acme", "--tb=long", "--showlocals", "-vv")

    assert result.ret == 1
    assert "Traceback" not in result.stdout.str()
    assert "pytest_darkhost/" not in result.stdout.str()


def test_a_dead_port_fails_each_check_that_needs_an_answer(project):
    """A connection that is refused satisfies no check: only what needs no answer is left out."""
    server = project.venue()
    server.__exit__(None, None, None)

    result = project.run("-m", "live", "--venue=acme")

    assert result.ret == 1
    verdicts = project.verdicts()
    assert "passed" not in verdicts.values()
    assert verdicts["refused_key[live]"] == verdicts["unknown_model[live]"] == "failed"
    assert result.stdout.str().count("connection_refused: ") >= len(verdicts) - 2


def test_a_selection_costs_only_its_own_calls(project):
    """`-k` narrows the plan, not only the items."""
    server = project.venue()

    result = project.run("-m", "live", "--venue=acme", "-k", "latency_cold")

    assert result.ret == 0
    assert paid(server) == ["chat"]


def test_quick_makes_two_consecutive_chats(project):
    """`--darkhost-quick` judges what a cold and a warm chat on one connection can show."""
    server = project.venue(spec={"defaults": {"samples": {"warm": 5}}})

    result = project.run("-m", "live", "--venue=acme", "--darkhost-quick")

    assert result.ret == 0
    assert paid(server) == ["chat", "chat"]
    assert len({seen.connection for seen in server.log}) == 1
    assert {"latency_cold[live]", "latency_warm[live]", "chat_shape[live]"} <= set(project.verdicts())


def test_a_capability_that_is_not_declared_is_not_applicable_and_not_paid(project):
    """Such checks are skipped with their reason and leave the exit code alone."""
    server = project.venue(spec={"defaults": {"capabilities": ["stream", "json_schema"]}})

    result = project.run("-m", "live", "--venue=acme", "-rs")

    assert result.ret == 0
    assert project.verdicts()["tool_call[live]"] == "not_applicable"
    assert not {"tool", "tool_stream"} & set(paid(server))
    result.stdout.fnmatch_lines(["SKIPPED * venue_specs/acme.yaml:*: not_applicable: *"])


def test_a_reason_that_is_not_accepted_fails_the_run(project):
    """A venue that rate-limits was not judged, so the run does not exit with 0; ini may accept the code."""
    project.venue(fault=Fault.RATE_LIMITED, on=frozenset({Kind.CHAT}))

    refused = project.run("-m", "live", "--venue=acme", "-k", "latency_cold or refused_key")
    project.ini("darkhost_accept_not_judged = rate_limited")
    accepted = project.run("-m", "live", "--venue=acme", "-k", "latency_cold or refused_key")

    assert refused.ret == 1
    refused.stdout.fnmatch_lines(["NOT JUDGED venue_specs/acme.yaml::*latency_cold?live?: rate_limited: *"])
    assert accepted.ret == 0


def test_a_run_in_which_nothing_was_judged_exits_with_1(project):
    """Accepting a reason does not make an empty run green."""
    project.venue(fault=Fault.RATE_LIMITED)
    project.ini("darkhost_accept_not_judged = rate_limited")

    result = project.run("-m", "live", "--venue=acme", "-k", "latency_cold")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["nothing was judged: *"])


def test_the_first_failure_stops_paying(project):
    """After `-x` no further target is asked."""
    server = project.venue(models=("a/one", "a/two", "a/three"), fault=Fault.WRONG_ROLE, delay_ms=150)

    result = project.run("-m", "live", "--venue=acme", "-x", "-k", "chat_shape")

    assert result.ret == 1
    assert len(server.log) < 6


def test_last_failed_repeats_what_failed(project):
    """`--lf` selects the failed checks, and only their calls are paid for."""
    server = project.venue(fault=Fault.WRONG_USAGE_SUM)
    project.pytester.runpytest_inprocess("-m", "live", "--venue=acme")
    before = len(server.log)

    result = project.pytester.runpytest_inprocess("-m", "live", "--venue=acme", "--lf")

    assert result.parseoutcomes()["failed"] == 1
    assert len(server.log) - before == 3


def test_collecting_sends_nothing(project):
    """`--collect-only` lists ids without a key and without a call."""
    server = project.venue()

    result = project.run("-m", "live", "--venue=acme", "--collect-only", "-q")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["venue_specs/acme.yaml::model_listed?live?", "venue_specs/acme.yaml::*::ttft?live?"])
    assert server.log == ()


def test_venues_are_probed_side_by_side(project):
    """Three venues that take 0.2 s a call overlap: the second starts before the first has finished."""
    servers = [project.venue(name, delay_ms=200) for name in ("one", "two", "three")]

    assert project.run("-m", "live", "-k", "latency_warm", "--venue=one,two", "--venue=thr*").ret == 0

    starts = [server.log[0].at_ns for server in servers]
    ends = [server.log[-1].at_ns for server in servers]
    assert max(starts) < min(ends)
