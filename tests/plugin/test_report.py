"""The JSON report of a live run: written without a flag, complete, and never a stale one."""

import hashlib
import json
from pathlib import Path

import orjson
import pytest

from pytest_darkhost.__main__ import main
from support.faults import Fault
from support.key_shapes import composed_key

LIVE = ("-m", "live", "--venue=acme")


def darkhost_of(project, check):
    """Return the `darkhost` object of one check."""
    tests = [test for test in project.report["tests"] if test["nodeid"].endswith(f"::{check}[live]")]
    return tests[0]["metadata"]["darkhost"]


def test_each_test_has_its_object(project):
    """Check, verdict, mode, expected, actual, figures and what each probe saw."""
    server = project.venue()
    project.run(*LIVE)

    data = darkhost_of(project, "latency_warm")

    assert (data["check"], data["verdict"], data["mode"], data["reason_code"]) == (
        "latency_warm",
        "passed",
        "live",
        None,
    )
    assert data["spec"]["name"].startswith("venue_specs/acme.yaml:")
    assert len(data["spec"]["digest"]["sha256"]) == 64
    assert data["figures"]["median_ms"] > 0
    assert data["uncertainty_ms"] == round(data["uncertainty_ms"], 3) >= 0
    cold = next(probe for probe in data["probes"] if "/cold[" in probe["probe"])
    warm = next(probe for probe in data["probes"] if "/warm[" in probe["probe"])
    assert warm["url.full"] == f"{server.base_url}/v1/chat/completions"
    assert warm["http.response.status_code"] == 200
    assert (cold["connection_fresh"], warm["connection_fresh"]) == (True, False)
    assert warm["gen_ai.response.model"] == warm["gen_ai.request.model"]
    assert 0 < warm["first_byte_ms"] <= warm["end_ms"]


def test_the_page_shows_what_the_run_reported(project, tmp_path, capsys):
    """Arrivals of tokens and the model's name over all venues are there for `darkhost report`."""
    project.venue(spec={"model": {"logical_slug": "small"}})
    project.run(*LIVE)
    capsys.readouterr()

    arrivals = darkhost_of(project, "inter_token_latency")["figures"]["arrivals_ms"]
    assert [len(offsets) > 1 for offsets in arrivals.values()] == [True] * len(arrivals)
    assert darkhost_of(project, "ttft")["logical_slug"] == "small"
    assert darkhost_of(project, "model_listed")["logical_slug"] is None
    assert main(["report", ".darkhost/report.json", "-o", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert all(
        f">{test['nodeid'].rpartition('::')[2].partition('[')[0]}</th>" in text for test in project.report["tests"]
    )
    assert all(f">{probe.rpartition('/')[2]}</th>" in text for probe in arrivals)


def test_the_objects_are_json_and_nothing_else_carries_them(project):
    """The carrier between test and report is not left in the report, nor what only repeats; it has one spelling."""
    project.venue()
    project.run(*LIVE)

    assert all(test.keys().isdisjoint({"user_properties", "keywords"}) for test in project.report["tests"])
    assert "collectors" not in project.report
    data = (project.path / ".darkhost/report.json").read_bytes()
    assert orjson.dumps(orjson.loads(data)) == data


def test_the_run_has_its_object(project):
    """Run id, times, modes, verdicts, calls and cost of the run."""
    server = project.venue()
    project.run(*LIVE)

    run = project.report["darkhost"]

    assert run["calls"] == len(server.log)
    assert run["venues"] == ["acme"]
    assert run["modes"]["live"] > 10
    assert run["verdicts"]["passed"] > 10
    assert 0 < float(run["spent_usd"]) < 0.01
    assert run["started_at"] < run["finished_at"]
    assert run["started_at"].endswith("Z")


def test_a_failure_has_its_structured_error(project):
    """Kind, status, the venue's own code and words, request id and whether a retry may help."""
    project.venue(fault=Fault.UNAVAILABLE)
    project.run(*LIVE)

    error = darkhost_of(project, "chat_shape")["probes"][0]["error"]

    assert (error["kind"], error["status"], error["retryable"]) == ("overloaded", 503, True)
    assert error["venue_message"]


def test_what_was_not_judged_has_its_reason(project):
    """The reason code is in the report beside the reason."""
    project.venue()
    project.run(*LIVE, "--darkhost-max-cost=0")

    data = darkhost_of(project, "chat_shape")

    assert (data["verdict"], data["reason_code"]) == ("not_judged", "cost_cap")


def test_a_place_of_the_users_own_is_respected(project):
    """`--json-report-file` wins over the default place."""
    project.venue()
    project.run(*LIVE, "--json-report-file=out/mine.json")

    assert json.loads((project.path / "out/mine.json").read_text())["darkhost"]["calls"]
    assert not (project.path / ".darkhost/report.json").exists()


def test_a_stale_report_is_removed_before_the_run(project):
    """What an earlier run left is never taken for this run's."""
    project.venue()
    project.run(*LIVE, "-k", "latency_cold")
    path = project.path / ".darkhost/report.json"
    assert path.exists()

    project.run(*LIVE, "--collect-only")
    assert path.exists()
    project.pytester.makeconftest("def pytest_runtestloop(session):\n    import os; os._exit(9)\n")
    project.run_apart(*LIVE)

    left = project.report
    assert left["darkhost"]["truncated"] is True
    assert left["tests"] == []


def test_a_report_that_vanishes_fails_the_run(project):
    """A write that fails at the end is not swallowed."""
    project.venue()
    project.pytester.makeconftest(
        """
        import shutil

        def pytest_sessionfinish(session):
            shutil.rmtree(".darkhost")
            open(".darkhost", "w").close()
        """
    )

    result = project.run_apart(*LIVE, "-k", "latency_cold")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*report could not be written*"])


def test_no_report_without_a_live_run(project):
    """Other runs are left alone."""
    project.venue()
    project.run("-m", "parity")

    assert not (project.path / ".darkhost/report.json").exists()


def test_the_scratch_directory_is_ignored_by_git(project):
    """Reports are not committed by accident."""
    project.venue()
    project.run(*LIVE, "-k", "latency_cold")

    assert (project.path / ".darkhost/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize("flag", ["--json-report", "--json-report-omit=log"])
def test_options_of_the_report_plugin_work(project, flag):
    """The plugin switches the report on; whoever does it too changes nothing."""
    project.venue()

    assert project.run(*LIVE, "-k", "latency_cold", flag).ret == 0
    assert project.verdicts() == {"latency_cold[live]": "passed"}


def test_a_report_elsewhere_needs_no_scratch_directory(project):
    """With `.darkhost` in the way, a run that names another place works, and leaves nothing in the project."""
    project.venue()
    Path(".darkhost").write_text("in the way")

    result = project.run(*LIVE, "-k", "latency_cold", "--json-report-file=mine.json")

    assert result.ret == 0
    assert json.loads(Path("mine.json").read_text())["darkhost"]["calls"] == 1
    assert Path(".darkhost").read_text() == "in the way"


def test_workers_share_a_ledger_elsewhere_too(project):
    """The calls of all workers are counted where `.darkhost` cannot be written."""
    project.venue()
    Path(".darkhost").write_text("in the way")

    result = project.run(*LIVE, "-k", "latency_cold", "--json-report-file=mine.json", "-n", "2")

    assert result.ret == 0
    assert json.loads(Path("mine.json").read_text())["darkhost"]["calls"] == 1


def test_checks_without_calls_need_no_scratch_directory(project):
    """Parity with the reference catalog is judged in a checkout that cannot be written."""
    project.venue()
    Path(".darkhost").write_text("in the way")
    project.pytester.makefile(".ini", pytest="[pytest]\nasyncio_default_fixture_loop_scope = function\n")

    result = project.run("-m", "parity", "-k", "catalog_parity")

    assert "Traceback" not in result.stdout.str()
    result.assert_outcomes(failed=2, deselected=39)
    result.stdout.fnmatch_lines(["*providers has no row with slug 'acme'*"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"darkhost": {"run_id": "another"}}', "the report of another run"),
        ('{"darkhost": {}}', "not a report of darkhost"),
        ("[]", "not a report of darkhost"),
        ("half a rep", "not a report of darkhost"),
    ],
)
def test_the_report_of_another_run_fails_the_run(project, text, said):
    """Two runs with one place: the one that finds the other's there says so, and does not exit with 0."""
    project.venue()
    project.pytester.makeconftest(
        f"""
        import pathlib

        def pytest_sessionfinish():
            path = pathlib.Path(".darkhost/report.json")
            path.write_text({text!r})
        """
    )

    result = project.run_apart(*LIVE, "-k", "latency_cold")

    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*report.json: *{said}*"])
    assert (project.path / ".darkhost/report.json").read_text() == text
    left = [path for path in (project.path / ".darkhost").glob("report.json.*") if path.suffix != ".journal"]
    assert len(json.loads(left[0].read_text())["tests"]) == 1


def test_the_run_says_where_it_comes_from(project, monkeypatch):
    """Plan, specs, configuration, operator, invocation and vantage point, without an option and outside of git."""
    monkeypatch.setenv("DARKHOST_OPERATOR", "auditor")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--strict-config")
    server = project.venue()
    project.pytester.makeconftest("")
    project.run(*LIVE, "-k", "latency_cold", "--darkhost-catalog=none")

    run = project.report["darkhost"]

    ids = run["plan"]["ids"]
    assert (run["plan"]["count"], len(ids), ids) == (19, 19, sorted(ids))
    assert run["plan"]["digest"]["sha256"] == hashlib.sha256("".join(f"{each}\n" for each in ids).encode()).hexdigest()
    assert {test["nodeid"] for test in project.report["tests"]} <= set(ids)
    assert (run["truncated"], run["interrupted"], run["exit_status"]) == (False, None, 0)
    assert (run["reruns"], run["duplicates"]) == ([], [])
    spec = run["specs"][0]
    assert (spec["name"], spec["venue"], spec["base_url"]) == ("venue_specs/acme.yaml", "acme", server.base_url)
    assert {"conftest.py", "pytest.ini", "venue_specs/acme.yaml"} == {each["name"] for each in run["configuration"]}
    assert run["operator"] == {"id": "auditor", "source": "environment"}
    assert run["vcs"] is None
    assert "not a git repository" in run["vcs_problem"]
    assert run["invocation"]["arguments"][0] == "--strict-config"
    assert run["invocation"]["packages"]["pytest"] == pytest.__version__
    assert run["catalog"] == dict.fromkeys(run["catalog"]) | {"source": "none"}
    assert [each["address"] for each in run["vantage"]] == ["127.0.0.1"]
    assert project.report["environment"]["Packages"]["pytest-darkhost"]


def test_the_plan_is_that_of_the_collection(project):
    """Every live item that pytest collects of the named spec, and no other."""
    project.venue()
    project.venue("other")
    listed = project.run(*LIVE, "--collect-only", "-q").outlines
    project.run(*LIVE, "-k", "latency_cold")

    assert project.report["darkhost"]["plan"]["ids"] == sorted(line for line in listed if line.endswith("[live]"))


def test_a_password_on_the_command_line_is_in_no_report(project):
    """Of the catalog's URL only the harmless parts are shown."""
    project.venue()

    project.run(*LIVE, "-k", "latency_cold", "-p", "no:doctest", "-o", "junit_suite_name=x://user:hushed@host")

    assert "x://user:***@host" in " ".join(project.report["darkhost"]["invocation"]["arguments"])
    assert "hushed" not in json.dumps(project.report)


def test_a_key_that_nobody_told_us_of_is_in_no_output(project):
    """A team's own test prints the key of a venue that this run does not read."""
    project.venue()
    key = composed_key("groq")
    project.pytester.makepyfile(
        f"""
        def test_own(darkhost_target, darkhost_observations, record_property):
            record_property("api_key", {key[:30]!r} + {key[30:]!r})
            print({key[:30]!r} + {key[30:]!r})
            assert darkhost_target is None, "key " + {key[:30]!r} + {key[30:]!r}
        """
    )

    result = project.run(*LIVE, "-k", "test_own", "--tb=short", "--junitxml=junit.xml", "-o", "junit_family=legacy")

    texts = [result.stdout.str(), json.dumps(project.report), (project.path / "junit.xml").read_text()]
    assert not [text for text in texts if key in text]
    assert all("[redacted]" in text for text in texts)


def test_a_final_report_that_cannot_be_written_leaves_what_says_truncated(project):
    """With the tests that had finished beside it; the exit code is not 0."""
    project.venue()
    project.pytester.makeconftest(
        """
        import pathlib, pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_json_modifyreport():
            for path in pathlib.Path(".darkhost").glob("report.json"):
                run_id = __import__("json").loads(path.read_text())["darkhost"]["run_id"]
                pathlib.Path(f".darkhost/report.json.{run_id}").mkdir()
        """
    )

    result = project.run(*LIVE, "-k", "latency_cold or chat_shape")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*report.json: the report could not be written*"])
    assert project.report["darkhost"]["truncated"] is True
    assert len((project.path / ".darkhost/report.json.journal").read_text().splitlines()) == 3


def test_a_listing_leaves_no_journal_and_a_run_takes_it_away(project):
    """What an earlier run left behind is removed by the next one, and by nothing else."""
    project.venue()
    (project.path / ".darkhost").mkdir()
    left = project.path / ".darkhost/report.json.journal"
    left.write_text("left")

    project.run(*LIVE, "--collect-only")
    assert left.exists()
    project.run(*LIVE, "-k", "latency_cold")
    assert [path.name for path in (project.path / ".darkhost").glob("report*")] == ["report.json"]
