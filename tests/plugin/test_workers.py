"""Under pytest-xdist each probe is sent once, and the result is that of one process."""

import signal
import sqlite3
import subprocess
import time

import pytest

from support.interrupts import PYTEST

LIVE = ("-m", "live")


@pytest.mark.parametrize("dist", ["load", "worksteal"])
def test_no_probe_is_sent_twice(project, dist):
    """All items of a venue go to one worker, whatever `--dist` says."""
    servers = [project.venue(name, models=("a/one", "a/two")) for name in ("acme", "other")]
    planned = 16

    result = project.run(*LIVE, "--venue=acme,other", "-n", "2", f"--dist={dist}")

    assert result.ret == 0
    assert [len(server.log) for server in servers] == [planned, planned]
    assert project.report["darkhost"]["calls"] == 2 * planned


@pytest.mark.parametrize("dist", ["load", "loadscope", "loadfile", "loadgroup", "worksteal"])
def test_a_live_run_is_spread_by_venue(project, dist):
    """`--dist` chooses the scheduler of no live run, and that of any other."""
    project.venue()
    project.pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionstart(session):
            made = session.config.hook.pytest_xdist_make_scheduler(config=session.config, log=None)
            pytest.exit(f"spread by {type(made).__name__}", returncode=0)
        """
    )

    live, other = (project.run(*options, "-n", "2", f"--dist={dist}").stdout for options in (LIVE, ()))

    live.fnmatch_lines(["*spread by LaneScheduling*"])
    other.fnmatch_lines(["*spread by Load*" if dist.startswith("load") else "*spread by WorkStealing*"])


def test_a_worker_probes_its_venues_side_by_side(project):
    """The third venue is the first one's companion: it is asked before the first has answered its last call."""
    names = ("one", "two", "three", "four")
    servers = {name: project.venue(name, delay_ms=10) for name in names}

    result = project.run(*LIVE, f"--venue={','.join(names)}", "-n", "2")

    assert result.ret == 0
    assert {len(server.log) for server in servers.values()} == {9}
    # Collected by name: four, one, three, two. The first and the third are one worker's.
    for first, companion in (("four", "three"), ("one", "two")):
        assert servers[companion].log[0].at_ns < servers[first].log[-1].at_ns


def test_a_run_that_ends_at_its_first_failure_has_the_workers_stop_paying(project):
    """`-x` ends the controller: what the workers had not sent by then is not sent."""
    from support.faults import Fault

    broken = project.venue("broken", fault=Fault.SERVER_ERROR)
    slow = project.venue("slow", models=tuple(f"a/m{number}" for number in range(20)), delay_ms=20)

    result = project.run_apart(*LIVE, "--venue=broken,slow", "-n", "2", "-x", "-p", "no:cacheprovider")

    assert result.ret != 0
    assert broken.log
    assert len(slow.log) < 142


def test_an_interrupt_of_the_controller_has_the_workers_stop_paying(project):
    """Workers that the signal does not reach send nothing after the calls on their way."""
    servers = [project.venue(name, models=tuple(f"{name}/m{n}" for n in range(20)), delay_ms=100) for name in "ab"]
    command = [*PYTEST, *LIVE, "--venue=a,b", "-n", "2", "-p", "no:cacheprovider"]
    process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60
    while not all(server.log for server in servers) and time.monotonic() < deadline:
        time.sleep(0.02)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 2, output.decode()
    assert all(0 < len(server.log) < 30 for server in servers)  # of 142; some 45 if only the workers' end ends it
    assert project.report["darkhost"]["interrupted"]


def test_tables_failures_and_exit_code_reach_the_controller(project):
    """What workers conclude is shown and counted by the controller."""
    from support.faults import Fault

    project.venue(fault=Fault.WRONG_USAGE_SUM)

    result = project.run(*LIVE, "--venue=acme", "-n", "2")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["target *verdict*", "*plain-1-acme*failed: usage*"])
    result.stdout.fnmatch_lines(["  again: pytest -m live 'venue_specs/acme.yaml::*::usage?live?'"])


def test_a_full_disk_is_told_before_a_worker_is_started(project, monkeypatch):
    """One line and exit code 4, and not an internal error of each worker."""

    def full(*_arguments, **_options):
        raise sqlite3.OperationalError("database or disk is full")

    server = project.venue()
    monkeypatch.setattr(sqlite3, "connect", full)

    result = project.run(*LIVE, "--venue=acme", "-n", "2")

    assert result.ret == 4
    said = result.stderr.str()
    assert "ledger-" in said
    assert "database or disk is full, expected a place where the run's ledger can be written" in said
    assert "INTERNALERROR" not in said + result.stdout.str()
    assert len(server.log) == 0


def test_a_teams_own_tests_share_the_probes_of_their_target(project):
    """A test elsewhere that reads a target's observations runs on the worker that has them."""
    server = project.venue()
    project.pytester.makepyfile(
        """
        def test_own(darkhost_target, darkhost_observations):
            assert darkhost_observations["cold"][0].answer
        """
    )

    result = project.run(*LIVE, "--venue=acme", "-n", "2")

    assert result.ret == 0
    assert len(server.log) == 9


def test_other_tests_are_spread_as_before(project):
    """A run that is not live keeps the user's own distribution."""
    project.venue()
    project.pytester.makepyfile("import pytest\n\n@pytest.mark.parametrize('n', range(4))\ndef test_n(n):\n    pass\n")

    result = project.run("-n", "2", "--dist=worksteal", "-k", "test_n")

    result.assert_outcomes(passed=4)
