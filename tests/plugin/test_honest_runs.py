"""What was sent is what is said, and nothing is sent or called proved that was not."""

import subprocess
import sys

import pytest

from support.faults import Fault

LIVE = ("-m", "live", "--venue=acme")


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only", "--fixtures", "--markers", "--fixtures-per-test"])
def test_options_that_run_no_test_send_nothing(project, option):
    """Looking at fixtures or at a plan of set-ups costs nothing, and leaves the last report alone."""
    server = project.venue()
    project.run(*LIVE, "-k", "latency_cold")
    before = len(server.log), project.report["darkhost"]["run_id"]

    project.run(*LIVE, option)

    assert (len(server.log), project.report["darkhost"]["run_id"]) == before


def test_a_check_that_is_skipped_by_a_mark_is_not_paid_for(project):
    """What nobody will read is not asked."""
    server = project.venue()
    project.pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                if "latency_cold" not in item.name:
                    item.add_marker(pytest.mark.skip(reason="not today"))
        """
    )

    result = project.run(*LIVE)

    assert len(server.log) == 1
    assert result.ret == 1


def test_calls_that_no_test_has_read_are_counted(project):
    """After `-x`, report and terminal say what was sent, not only what was read."""
    server = project.venue(fault=Fault.REFUSED_KEY_ACCEPTED, delay_ms=20)

    result = project.run(*LIVE, "-x")

    assert result.ret == 1
    # The call that was under way when the run stopped may not have reached the venue.
    assert 0 <= project.report["darkhost"]["calls"] - len(server.log) <= 1


def test_an_expected_failure_does_not_make_a_run_green(project):
    """A mark of pytest's changes the outcome, not the verdict."""
    project.venue(fault=Fault.WRONG_USAGE_SUM)
    project.pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.xfail(reason="known"))
        """
    )

    result = project.run(*LIVE)

    assert result.ret == 1
    assert project.verdicts()["usage[live]"] == "failed"


def test_an_own_test_that_skips_itself_is_not_judged(project):
    """A team's own live test proves nothing by skipping."""
    project.venue()
    project.pytester.makepyfile(
        "import pytest\n\ndef test_own(darkhost_target, darkhost_observations):\n    pytest.skip('not now')\n"
    )

    result = project.run(*LIVE, "-k", "test_own or latency_cold")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["NOT JUDGED *test_own*: skipped: not now"])


def test_a_worker_that_replaces_a_crashed_one_pays_for_nothing_twice(project):
    """Whatever crashes a worker, each call is sent once and the cap holds."""
    server = project.venue()
    (project.path / "test_crash.py").write_text(
        "import os\n\ndef test_crash(darkhost_target, darkhost_observations):\n    os._exit(1)\n"
    )

    result = project.run_apart(*LIVE, "-n", "2", "--max-worker-restart=3", "-p", "no:cacheprovider")

    assert result.ret == 1
    bodies = [str(seen.json) for seen in server.log if seen.json]
    prompts = {body.split("Run ")[1].split(".")[0] for body in bodies}
    assert len(bodies) == len(prompts)
    assert project.report["darkhost"]["calls"] == len(server.log)


def test_a_run_without_a_terminal_reporter_is_refused(project):
    """Nobody would see the verdicts."""
    server = project.venue()

    result = project.run(*LIVE, "-p", "no:terminal")

    assert (result.ret, server.log) == (4, ())


def test_a_summary_is_not_taken_for_a_report(project):
    """An option that would leave the verdicts out of the report is overruled."""
    project.venue()

    project.run(*LIVE, "-k", "latency_cold", "--json-report-summary")

    assert project.verdicts() == {"latency_cold[live]": "passed"}


def test_a_fixture_of_ours_without_a_spec_fails_in_a_live_run(pytester):
    """A live run in which a test has no target is not green."""
    pytester.makepyfile(
        "import pytest\n\n@pytest.mark.live\ndef test_own(darkhost_target, darkhost_observations): pass\n"
    )

    result = pytester.runpytest_inprocess("-m", "live")

    assert result.ret == 1


def test_a_plan_beyond_its_cap_says_so(project):
    """Who reads the plan learns that some calls would not be sent."""
    project.venue()

    result = project.run(*LIVE, "--darkhost-plan", "--darkhost-max-cost=0.0001")

    result.stdout.fnmatch_lines(["acme: * (cap $0.000100): calls that might exceed the cap will not be sent"])


def test_extra_fields_count_in_the_plan(project):
    """What the spec adds to each request is part of what may be billed."""
    project.venue(spec={"defaults": {"extra_body": {"documents": "x" * 50_000}}})

    text = project.run(*LIVE, "--darkhost-plan").stdout.str()

    assert "≤ 50" in text


def test_a_managed_venue_leaves_no_warning_behind(tmp_path):
    """The server of the last venue is stopped to its end before the process goes."""
    script = (
        "import http.server, sys\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers(); self.wfile.write(b'{\"data\": []}')\n"
        "    def log_message(self, *a): pass\n"
        "http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )
    (tmp_path / "toy.py").write_text(script)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    (tmp_path / "venue_specs").mkdir()
    (tmp_path / "venue_specs/toy.yaml").write_text(
        "venue: toy\ndialect: openai\nbase_url: http://127.0.0.1:{port}\n"
        "serve: {id: toy, command: ['{python}', toy.py, '{port}'], ready_path: /}\n"
        "errors: {refused_key: {status: 401}, unknown_model: {status: 404}}\n"
        "models: [{slug: toy, upstream_model: toy, brand: toys, "
        "price: {in_per_mtok_usd: 0, out_per_mtok_usd: 0, source: none, as_of: 2026-01-01}}]\n"
    )

    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "live",
        "--venue=toy",
        "-k",
        "model_listed",
        "-p",
        "no:cacheprovider",
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert result.stderr == ""
