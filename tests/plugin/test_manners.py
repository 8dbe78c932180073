"""The plugin behaves as users of pytest expect: options, marks, discovery, interrupts, other plugins."""

import re
import signal
import subprocess
import sys
import time

import pytest

from support.faults import Fault
from support.interrupts import PYTEST


def test_options_marks_and_fixtures_are_documented(project):
    """`--help`, `--markers` and `--fixtures` say what there is."""
    project.venue()

    help_text = project.run("--help").stdout.str()
    options = (
        "--venue=NAME",
        "--darkhost-plan",
        "--darkhost-quick",
        "--darkhost-max-cost=USD",
        "--darkhost-catalog=URL",
    )
    assert all(option in help_text for option in options)
    assert all(f"darkhost_{name}" in help_text for name in ("specs", "adapter_paths", "accept_not_judged"))
    project.run("--markers").stdout.fnmatch_lines(["@pytest.mark.live: *", "@pytest.mark.parity: *"])
    fixtures = project.run("--fixtures").stdout.str()
    assert all(f"darkhost_{name}" in fixtures for name in ("target", "observations", "catalog"))


def test_every_option_has_an_ini_twin():
    """What can be typed can be configured."""
    text = subprocess.run([sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"^\s+--darkhost-([a-z-]+)", text, re.MULTILINE))
    inis = set(re.findall(r"^\s+darkhost_([a-z_]+)", text, re.MULTILINE))

    assert options
    assert all(any(ini.startswith(option.replace("-", "_")) for ini in inis) for option in options)


def test_strict_markers_and_warnings_as_errors_are_fine(project):
    """A project that allows neither unknown marks nor warnings can use the plugin."""
    project.venue()

    result = project.run_apart("-m", "live", "--venue=acme", "--strict-markers", "--strict-config", "-W", "error")

    assert result.ret == 0


def test_node_ids_are_as_documented(project):
    """File, model, check and source, in the order of the spec."""
    project.venue(models=("a/one", "a/two"))

    lines = project.run("--collect-only", "-q", "-m", "live or parity", "--venue=acme").outlines

    assert lines[0] == "venue_specs/acme.yaml::model_listed[live]"
    assert "venue_specs/acme.yaml::one-acme::ttft[live]" in lines
    assert "venue_specs/acme.yaml::one-acme::base_url_parity[catalog]" in lines
    assert "venue_specs/acme.yaml::catalog_parity[catalog]" in lines
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("slug", ["a/b@c", "with blank", "ünïcode", "dots.and-dashes_1"])
def test_an_id_with_odd_characters_can_be_typed_back(project, slug):
    """Whatever a catalog calls its rows, one item can be selected by its id."""
    server = project.venue(spec={"model": {"slug": slug}})

    result = project.run("-m", "live", f"venue_specs/acme.yaml::{slug}::latency_cold[live]")

    result.assert_outcomes(passed=1)
    assert len(server.log) == 1


def test_a_model_can_be_selected_by_its_node(project):
    """`file::model` runs all checks of one target and pays for no other."""
    server = project.venue(models=("a/one", "a/two"))

    result = project.run("-m", "live", "venue_specs/acme.yaml::one-acme")

    assert result.ret == 0
    assert {seen.json["model"] for seen in server.log if seen.json} <= {"a/one", "darkhost-no-such-model"}


def test_specs_are_found_beside_testpaths(project):
    """A project whose ini names its test directory still has its specs collected."""
    project.venue()
    project.ini("testpaths = tests")
    (project.path / "tests").mkdir()
    (project.path / "tests/test_own.py").write_text("def test_own(): pass\n")

    result = project.run("--collect-only", "-q", "-m", "parity or not parity")

    assert any(line.startswith("venue_specs/acme.yaml::") for line in result.outlines)
    assert any(line.startswith("tests/test_own.py::") for line in result.outlines)


def test_naming_a_venue_reads_one_file(project):
    """Another spec that is broken does not matter to a run that does not name it."""
    project.venue("acme")
    (project.specs / "broken.yaml").write_text("venue: [")

    assert project.run("-m", "live", "--venue=acme", "-k", "latency_cold").ret == 0
    assert project.run("-m", "parity").ret != 0


def test_a_broken_spec_is_a_collection_error_without_traceback(project):
    """In a run that is not live, each broken file is reported, with its lines."""
    project.venue("acme")
    (project.specs / "broken.yaml").write_text("venue: broken\ncolour: red\n")

    result = project.run()

    assert result.ret == 2
    assert "venue_specs/broken.yaml:2: colour" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_a_broken_spec_is_told_to_a_teams_own_test_without_traceback(project):
    """A test that runs once for each target says why there are none."""
    project.venue("acme")
    (project.specs / "broken.yaml").write_text("venue: broken\ncolour: red\n")
    (project.path / "test_own.py").write_text("def test_own(darkhost_target): pass\n")

    result = project.run("test_own.py")

    assert result.ret == 2
    assert "venue_specs/broken.yaml:2: colour" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "pytest_darkhost/" not in result.stdout.str()


def test_other_yaml_files_are_left_alone(project):
    """Only specs are collected."""
    project.venue()
    (project.path / "docker-compose.yaml").write_text("services: {}\n")

    result = project.run("docker-compose.yaml", "--collect-only")

    assert "venue_specs" not in result.stdout.str()
    assert result.ret in {4, 5}


def test_a_project_without_specs_is_left_alone(pytester):
    """The plugin is silent where there is nothing for it."""
    pytester.makepyfile("def test_own(): pass\n")

    result = pytester.runpytest_inprocess()

    assert result.ret == 0
    assert "darkhost ===" not in result.stdout.str()


def test_a_fixture_of_ours_without_specs_is_skipped_or_refused(pytester):
    """A test that asks for a target where there is none does not pass."""
    pytester.makepyfile("def test_own(darkhost_target, darkhost_observations): pass\n")

    result = pytester.runpytest_inprocess("-rs")

    result.assert_outcomes(skipped=1)


@pytest.mark.parametrize(
    "arguments", [("-q",), ("-v",), ("-rA",), ("--tb=no",), ("--no-header", "--no-summary"), ("-s",)]
)
def test_verbosity_and_capture_options_work(project, arguments):
    """Every way to show results shows these."""
    project.venue()

    assert project.run("-m", "live", "--venue=acme", *arguments).ret == 0


def test_junit_xml_has_the_items(project):
    """Other reports work beside ours."""
    project.venue(fault=Fault.WRONG_USAGE_SUM)

    project.run("-m", "live", "--venue=acme", "--junitxml=junit.xml")

    text = (project.path / "junit.xml").read_text()
    assert 'name="usage[live]"' in text
    assert "<failure" in text


def test_an_interrupt_stops_paying_at_once(project):
    """Ctrl-C while a venue is slow ends the run with 2, soon, and no further call is made."""
    server = project.venue(fault=Fault.HANG, models=("a/one", "a/two"))
    command = [*PYTEST, "-m", "live", "--venue=acme", "-p", "no:cacheprovider"]
    process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 20
    while not server.log and time.monotonic() < deadline:
        time.sleep(0.02)
    sent = len(server.log)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    assert len(server.log) == sent == 1
    assert b"KeyboardInterrupt" in output
    assert project.report["darkhost"]["run_id"]


def test_asyncio_modes_do_not_matter(project):
    """The plugin's items are ordinary functions to pytest-asyncio."""
    project.venue()
    project.ini("asyncio_mode = auto")

    assert project.run("-m", "live", "--venue=acme", "-k", "latency_cold").ret == 0


WATCHER = """
import sys

JUDGING = ("pytest_darkhost.checks.", "pytest_darkhost.observations")


def imported():
    return {name for name in sys.modules if name.startswith(JUDGING)}


def pytest_runtest_logstart():
    sys.before = getattr(sys, "before", imported())


def pytest_unconfigure():
    print("imported", sorted(imported() - getattr(sys, "before", set())))
"""


def test_collecting_imports_no_check(project):
    """Discovery, as IDEs ask for it all the time, imports nothing of what only judging needs."""
    project.venue()
    project.pytester.makeconftest(WATCHER)

    result = project.run_apart("--collect-only", "-q")

    needed = [f"pytest_darkhost.checks.{name}" for name in ("case", "judging", "later", "registry", "target", "texts")]
    result.stdout.fnmatch_lines([f"imported {needed}".replace("[", "[[]")])


def test_no_check_is_imported_while_calls_are_timed(project):
    """In a live run all that judges is there before the first item waits, and with it the first call."""
    project.venue()
    project.pytester.makeconftest(WATCHER)

    result = project.run_apart("-m", "live", "--venue=acme", "-k", "chat_shape or latency_cold")

    assert result.parseoutcomes()["passed"] == 2
    result.stdout.fnmatch_lines(["imported [[][]]"])


def test_tests_run_with_the_garbage_collector_as_it_was(project):
    """What was collected is left out of its rounds only while there is collecting, or a replay."""
    project.venue()
    project.pytester.makepyfile("""
        import gc

        FROZEN_WHILE_COLLECTING = gc.get_freeze_count()

        def test_collector():
            assert gc.isenabled()
            assert FROZEN_WHILE_COLLECTING > 5_000
            assert gc.get_freeze_count() == 0
        """)

    assert project.run_apart("-m", "not replay").ret == 0


ORDER = """
import gc

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    made = {id(item): number for number, item in enumerate(items)}
    items[0].config.add_cleanup(lambda: print_order(made))


def print_order(made):
    found = [made[each] for each in map(id, gc.get_objects()) if each in made]
    steps = sum(1 for before, after in zip(found, found[1:]) if after == before + 1)
    print(f"{len(made)} items, {100 * steps // len(found)} % in order")
"""


@pytest.mark.parametrize("selection", [(), ("-k", "latency or chat"), ("-m", "parity")])
def test_the_garbage_collector_meets_items_in_the_order_of_making(project, selection):
    """Also those that are deselected, by us or by pytest: it would go through memory twice, once back to front."""
    project.venue(models=tuple(f"a/{number}" for number in range(30)))
    project.pytester.makeconftest(ORDER)

    result = project.run_apart("--collect-only", "-q", *selection)

    line = next(line for line in result.outlines if line.endswith("in order"))
    assert int(line.split()[2]) >= 90
