"""A canary key is in no output of any kind, whatever the venue echoes and whatever pytest is told to show."""

import base64

import pytest
from support.faults import Fault
from support.keys import KEY

LOUD = ("-vv", "--showlocals", "--tb=long", "-o", "log_cli=true", "--log-level=DEBUG", "--log-file=run.log", "-rA")
PART = 6


def leaks(text):
    """Return the forms of the canary that a text holds, parts of it included."""
    secret = KEY.removeprefix("sk-canary-")
    forms = {KEY, base64.b64encode(KEY.encode()).decode().rstrip("=")}
    parts = {secret[start : start + PART] for start in range(len(secret) - PART + 1)}
    return {form for form in forms | parts if form in text}


def assert_clean(project, *results):
    """Fail when any stream of pytest or any file of the project but the spec shows the canary."""
    texts = [text for result in results for text in (result.stdout.str(), result.stderr.str())]
    texts += [path.read_bytes().decode("utf-8", "replace") for path in project.files()]
    assert not [found for text in texts if (found := leaks(text))]


@pytest.mark.parametrize("fault", [None, Fault.KEY_ECHOED, Fault.KEY_ECHOED_MASKED], ids=str)
def test_the_key_is_nowhere(project, fault):
    """Terminal, JSON report, JUnit XML and log file are clean, also when the venue's error text repeats the key."""
    project.venue(fault=fault)

    result = project.run("-m", "live", "--venue=acme", *LOUD, "--junitxml=junit.xml", "--json-report-file=report.json")

    assert (project.path / "junit.xml").stat().st_size > 1000
    assert (project.path / "report.json").stat().st_size > 1000
    assert (project.path / "run.log").exists()
    assert_clean(project, result)


def test_the_key_is_nowhere_under_workers(project):
    """What workers send to the controller is clean too."""
    project.venue(fault=Fault.KEY_ECHOED)

    assert_clean(project, project.run("-m", "live", "--venue=acme", "-n", "2", *LOUD, "--junitxml=junit.xml"))


def test_a_teams_own_test_that_fails_does_not_show_the_key(project):
    """Assertion details, locals and captured output of somebody else's test lose the key in the reports."""
    project.venue()
    project.pytester.makepyfile(
        """
        import logging, os

        def test_own(darkhost_target, darkhost_observations):
            key = os.environ["DARKHOST_TEST_KEY"]
            print("printed", key)
            logging.getLogger().warning("logged %s", key)
            assert key == "another key", darkhost_observations
        """
    )

    result = project.run("-m", "live", "--venue=acme", "--tb=long", "--showlocals", "--junitxml=junit.xml")

    assert result.parseoutcomes()["failed"] == 1
    assert_clean(project, result)


def test_the_key_is_nowhere_when_our_own_code_breaks(project):
    """An error of ours is shown in one line, without what it was working on."""
    project.venue()
    project.pytester.makeconftest(
        """
        import importlib, os

        def broken(*arguments):
            raise RuntimeError(f"broke on {os.environ['DARKHOST_TEST_KEY']}")

        importlib.import_module("pytest_darkhost.runner.probing").read = broken
        """
    )

    result = project.run_apart("-m", "live", "--venue=acme", *LOUD)

    assert result.ret == 1
    assert result.parseoutcomes()["errors"] > 10
    assert "the probe broke in our code: conftest.py:4: RuntimeError: broke on [redacted]" in result.stdout.str()
    assert_clean(project, result)


def test_the_log_factory_is_put_back(project):
    """A run leaves no trace in the process that it ran in."""
    import logging

    before = logging.getLogRecordFactory()
    project.venue()

    project.run("-m", "live", "--venue=acme", "-k", "latency_cold")

    assert logging.getLogRecordFactory() is before
