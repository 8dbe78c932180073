"""A canary key is in no output of any kind, whatever the venue echoes and whatever pytest is told to show."""

import base64
import warnings

import pytest

from pytest_darkhost.secrets import Redactor
from pytest_darkhost.suite.redaction import redact_warning
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


LEAKY = """
import logging, os, threading, warnings
import pytest

KEY = os.environ["DARKHOST_TEST_KEY"]
WORKER = "PYTEST_XDIST_WORKER" in os.environ  # which can send plain values only
pytestmark = pytest.mark.live


class Shown:
    def __str__(self):
        return KEY


@pytest.mark.xfail(reason=KEY)
def test_xfail():
    assert False


def test_warns():
    warnings.warn(KEY)
    warnings.warn(UserWarning("other words", KEY))


def test_thread():
    def broken():
        raise ValueError(KEY)

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()


def test_logs():
    try:
        raise ValueError(KEY)
    except ValueError:
        logging.exception("it broke", extra={"what": KEY if WORKER else Shown()})


@pytest.mark.parametrize("value", [KEY])
def test_parameter(value):
    assert False


def test_properties(record_property, record_testsuite_property, record_xml_attribute):
    record_property("text", KEY)
    record_property(KEY, "value")
    record_property("object", [KEY if WORKER else Shown()])
    record_testsuite_property("suite", KEY)
    record_xml_attribute("attribute", KEY)


def test_skip():
    pytest.skip(KEY)
"""
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
OWN = ("-m", "live", "--venue=acme", "-k", "test_", "--junitxml=junit.xml")
LOGGED = ("-rA", "-o", "log_cli=true", "--log-file=run.log")


@WORKERS
def test_other_tests_of_the_same_run_do_not_show_the_key(project, workers):
    """Reasons, warnings, threads, tracebacks in logs, automatic ids and properties lose the key; the rest stays."""
    project.venue()
    project.pytester.makepyfile(LEAKY)

    result = project.run(*OWN, *LOGGED, "-W", "default", "-o", "junit_family=legacy", *workers)

    shown = result.stdout.str()
    assert result.parseoutcomes().items() >= {"passed": 4, "failed": 1, "skipped": 1, "xfailed": 1}.items()
    assert "XFAIL" in shown
    assert "UserWarning: [redacted]" in shown
    assert "('other words', '[redacted]')" in shown
    assert "PytestUnhandledThreadExceptionWarning" in shown
    assert "ValueError: [redacted]" in shown
    assert "test_parameter[[redacted]]" in shown
    assert "[redacted]" in (project.path / "junit.xml").read_text()
    assert_clean(project, result)


class TwoArguments(UserWarning):
    """A category that takes other arguments than a text."""

    def __init__(self, one, two):
        super().__init__(one, two)


class Stubborn(UserWarning):
    """A category that shows the key whatever it is given."""

    def __str__(self):
        return KEY


@pytest.mark.parametrize(
    "message",
    [TwoArguments("words", KEY), Stubborn("words"), UserWarning(KEY)],
    ids=["two arguments", "stubborn", "usual"],
)
def test_a_warning_of_any_category_loses_the_key(message):
    """The category is still shown; the message is one that can be made and that has no key."""
    recorded = warnings.WarningMessage(message, type(message), "test_own.py", 1)

    redact_warning(recorded, Redactor.of([KEY]))

    assert recorded.category is type(message)
    assert "[redacted]" in str(recorded.message)
    assert not leaks(f"{recorded.message} {recorded.message.args}")


@WORKERS
def test_an_error_of_collection_does_not_show_the_key(project, workers):
    """A module that breaks while it is imported is shown without the key, as is what it printed."""
    project.venue()
    project.pytester.makepyfile(
        """
        import os
        print("printed", os.environ["DARKHOST_TEST_KEY"])
        assert os.environ["DARKHOST_TEST_KEY"] == "another key"
        """
    )

    result = project.run(*OWN, "--showlocals", *workers)

    assert result.parseoutcomes()["errors"] >= 1
    assert "[redacted]" in result.stdout.str()
    assert_clean(project, result)


@pytest.mark.parametrize(
    "ending", ["pytest.exit(key)", "raise KeyboardInterrupt(key)", "request.session.shouldstop = key"]
)
def test_the_end_of_a_run_does_not_show_the_key(project, ending):
    """What ends a run says why without the key, also with a full trace."""
    project.venue()
    project.pytester.makepyfile(
        f"""
        import os
        import pytest

        def end(key, request):
            {ending}

        @pytest.mark.live
        def test_end(request):
            end(os.environ["DARKHOST_TEST_KEY"], request)
        """
    )

    result = project.run_apart(*OWN, "--full-trace")

    assert result.ret != 0
    assert_clean(project, result)


@WORKERS
def test_an_internal_error_does_not_show_the_key(project, workers):
    """A hook of somebody else's that breaks outside a test is shown without the key."""
    project.venue()
    project.pytester.makepyfile("import pytest\n\n@pytest.mark.live\ndef test_own():\n    pass\n")
    project.pytester.makeconftest(
        """
        import os

        def pytest_runtest_logstart():
            raise RuntimeError(os.environ["DARKHOST_TEST_KEY"])
        """
    )

    result = project.run_apart(*OWN, *workers)

    assert result.ret != 0
    assert "RuntimeError: [redacted]" in result.stdout.str() + result.stderr.str()
    assert_clean(project, result)


def test_the_key_is_nowhere_when_our_own_code_breaks(project):
    """An error of ours is shown in one line, without what it was working on."""
    project.venue()
    project.pytester.makeconftest(
        """
        import importlib, os

        def broken(*arguments):
            raise RuntimeError(f"broke on {os.environ['DARKHOST_TEST_KEY']}")

        importlib.import_module("pytest_darkhost.runner.probing").steps = broken
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
