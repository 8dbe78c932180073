"""Live is opt-in: nothing is sent, and nothing may cost, unless `-m` asks for it by name and a key is there."""

import pytest

from support.spec_factory import KEY_ENV


@pytest.mark.parametrize("arguments", [(), ("-m", "not replay"), ("-m", "not live"), ("--venue=acme",), ("-k", "ttft")])
def test_nothing_is_sent_without_asking(project, arguments):
    """A key in the environment alone never spends."""
    server = project.venue()

    project.run(*arguments)

    assert server.log == ()
    assert not (project.path / ".darkhost/report.json").exists()


def test_an_id_without_the_mark_is_deselected(project):
    """A node id that an IDE runs by itself sends nothing, and does not pass either."""
    server = project.venue()

    result = project.run("venue_specs/acme.yaml::plain-1-acme::latency_cold[live]")

    assert (result.ret, server.log) == (5, ())


def test_a_named_venue_needs_its_key(project, monkeypatch):
    """Without the key of a venue that was named, the run is refused before anything is sent."""
    server = project.venue()
    monkeypatch.delenv(KEY_ENV)

    result = project.run("-m", "live", "--venue=acme")

    assert (result.ret, server.log) == (4, ())
    result.stderr.fnmatch_lines([f"ERROR: {KEY_ENV}: not set, expected the key of acme*"])


@pytest.mark.parametrize("arguments", [("venue_specs/acme.yaml",), ("venue_specs/acme.yaml::plain-1-acme",)])
def test_a_path_names_its_venue(project, monkeypatch, arguments):
    """A spec file as argument is as good as `--venue`."""
    server = project.venue()
    project.venue("other")

    assert project.run("-m", "live", *arguments).ret == 0
    assert server.log

    monkeypatch.delenv(KEY_ENV)
    assert project.run("-m", "live", *arguments).ret == 4


@pytest.mark.parametrize("key", ["", "   ", "sk-canary\nX-Injected: 1", "sk-canary\n", "sk canary", "sk-canär"])
def test_a_malformed_key_is_refused_and_not_shown(project, monkeypatch, key):
    """Blank, multi-line and unprintable keys end the run with 4, and no part of them is printed."""
    server = project.venue()
    monkeypatch.setenv(KEY_ENV, key)

    result = project.run("-m", "live", "--venue=acme")

    assert (result.ret, server.log) == (4, ())
    assert "canary" not in result.stderr.str() + result.stdout.str()
    assert "X-Injected" not in result.stderr.str()


def test_without_a_name_the_venues_with_keys_run(project, monkeypatch):
    """The others are named in the summary and leave the exit code alone."""
    here = project.venue("here")
    there = project.venue("there", spec={"credential_env": ["DARKHOST_TEST_OTHER_KEY"]})
    monkeypatch.delenv("DARKHOST_TEST_OTHER_KEY", raising=False)

    result = project.run("-m", "live", "-k", "latency_cold")

    assert result.ret == 0
    assert len(here.log) == 1
    assert there.log == ()
    result.stdout.fnmatch_lines(["not run: there (DARKHOST_TEST_OTHER_KEY not set or malformed)"])


def test_without_a_name_and_without_keys_nothing_was_judged(project, monkeypatch):
    """An empty live run is not green."""
    project.venue()
    monkeypatch.delenv(KEY_ENV)

    result = project.run("-m", "live")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["not run: acme *", "nothing was judged: *"])


def test_live_or_parity_runs_both(project):
    """Parity without calls can be asked for beside live calls."""
    server = project.venue()

    result = project.run("-m", "live or parity", "--venue=acme", "-k", "parity or latency_cold")

    assert result.ret == 0
    assert len(server.log) == 1
    assert "base_url_parity[live]" in project.verdicts()
    assert "base_url_parity[catalog]" in project.verdicts()


def test_a_managed_venue_runs_only_when_it_is_named(project):
    """A server is not started because somebody has a key of something else."""
    serve = {"id": "toy", "command": ["no-such-command", "{port}"]}
    project.venue("acme")
    project.venue("toy", spec={"base_url": "http://127.0.0.1:{port}", "credential_env": None, "serve": serve})

    result = project.run("-m", "live", "-k", "latency_cold")

    assert result.ret == 0
    assert all("toy" not in test["nodeid"] for test in project.report["tests"])
