"""`--darkhost-record`: whole targets, only once a run has passed, and never a key."""

import pytest
import yaml

from support.faults import Fault
from support.keys import KEY

RECORD = ("-m", "live", "--darkhost-record")


def cassettes(project):
    """Return the bytes of all cassettes by their place."""
    root = project.path / "cassettes"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_live_run_that_passes_writes_a_cassette_for_each_target(project):
    """One for the venue itself and one for each model; vcrpy's format, with what it says of itself."""
    server = project.venue(models=("a/one", "a/two"))

    result = project.run(*RECORD)

    assert result.ret == 0
    assert list(cassettes(project)) == ["acme/@venue.yaml", "acme/one-acme.yaml", "acme/two-acme.yaml"]
    result.stdout.fnmatch_lines([f"recorded: 3 cassettes in cassettes/ (run {project.report['darkhost']['run_id']})"])
    data = yaml.safe_load(cassettes(project)["acme/one-acme.yaml"])
    said = data["darkhost"]
    assert (said["origin"], said["venue"], said["model"]) == ("recorded", "acme", "one-acme")
    assert said["base_url"] == server.base_url
    assert (data["version"], len(data["interactions"])) == (1, 7)


def test_recording_again_replaces_what_was_there(project):
    """Each run writes its own; nothing of the earlier one is left, and no other file either."""
    project.venue()
    project.run(*RECORD)
    before = cassettes(project)

    project.run(*RECORD)

    assert cassettes(project).keys() == before.keys()
    assert all(project.report["darkhost"]["run_id"].encode() in data for data in cassettes(project).values())
    assert not list((project.path / ".darkhost").glob("recording-*"))


def test_a_failed_run_leaves_the_old_files_and_says_so(project):
    """One bad answer is enough: a cassette is what passed."""
    project.venue()
    project.run(*RECORD)
    before = cassettes(project)
    project.close()
    project.venue(fault=Fault.WRONG_USAGE_SUM)

    result = project.run(*RECORD)

    assert result.ret == 1
    assert cassettes(project) == before
    result.stdout.fnmatch_lines(["not recorded: the run ended with 1, *Cassettes are as they were"])


def test_an_interrupted_run_leaves_the_old_files_and_says_so(project):
    """Ctrl-C in the middle of the tests."""
    project.venue()
    project.run(*RECORD)
    before = cassettes(project)
    project.pytester.makeconftest("def pytest_runtest_teardown(item):\n    raise KeyboardInterrupt\n")

    result = project.run_apart(*RECORD)

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert cassettes(project) == before
    result.stdout.fnmatch_lines(["not recorded: the run ended with 2, *Cassettes are as they were"])
    assert not list((project.path / ".darkhost").glob("recording-*"))


@pytest.mark.parametrize(
    "narrowing",
    [
        ("-k", "ttft"),
        ("--lf",),
        ("--darkhost-quick",),
        ("venue_specs/acme.yaml::plain-1-acme",),
        ("--deselect=venue_specs/acme.yaml::plain-1-acme::ttft[live]",),
    ],
    ids=str,
)
def test_a_part_of_a_target_is_a_usage_error(project, narrowing):
    """Nothing is sent, and the cassette is left alone."""
    server = project.venue()

    result = project.pytester.runpytest_inprocess(*RECORD, *narrowing)

    assert (result.ret, server.log) == (4, ())
    result.stderr.fnmatch_lines(["ERROR: --darkhost-record: *expected whole targets to record*"])


LATE = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    yield
    items[:] = [item for item in items if 'ttft' not in item.name]
"""


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "workers"])
@pytest.mark.parametrize("conftest", [LATE.replace("wrapper=True", "wrapper=False").replace("    yield\n", ""), LATE])
def test_a_part_left_out_by_somebody_elses_hook_is_a_usage_error(project, conftest, options):
    """A conftest.py that takes items away, even after everybody else, is seen before anything is sent."""
    server = project.venue()
    project.pytester.makeconftest(conftest)

    result = project.run(*RECORD, *options)

    assert (result.ret, server.log) == (4, ())
    result.stderr.fnmatch_lines(["ERROR: *::ttft?live? is left out of acme/plain-1-acme, expected whole targets*"])
    assert "INTERNALERROR" not in result.stdout.str()


def test_a_part_that_is_skipped_is_not_recorded(project):
    """Also where the ini file accepts what was skipped: the cassette would lack what it needs."""
    project.ini("darkhost_accept_not_judged = skipped client_busy too_few_samples too_close")
    project.venue()
    project.run(*RECORD)
    before = cassettes(project)
    project.pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                if "tool_call" in item.name:
                    item.add_marker(pytest.mark.skip(reason="not today"))
        """
    )

    result = project.run(*RECORD)

    assert result.ret == 1
    assert cassettes(project) == before
    result.stdout.fnmatch_lines(["not recorded: *::tool_call?live? was skipped, expected all of acme/plain-1-acme*"])


def test_recording_without_a_live_run_is_a_usage_error(project):
    """There would be nothing to record."""
    project.venue()

    result = project.run("--darkhost-record")

    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --darkhost-record: no live items selected, *Add -m live"])


def test_workers_record_together(project):
    """Under pytest-xdist each venue's worker hands its cassettes to the controller, which puts them in place."""
    project.venue("acme")
    project.venue("other")

    result = project.run(*RECORD, "-n", "2")

    assert result.ret == 0
    files = cassettes(project)
    assert sorted(files) == [
        "acme/@venue.yaml",
        "acme/plain-1-acme.yaml",
        "other/@venue.yaml",
        "other/plain-1-other.yaml",
    ]
    assert all(yaml.safe_load(data)["darkhost"]["venue"] == name.split("/")[0] for name, data in files.items())


def test_venues_side_by_side_never_mix(project):
    """Each cassette holds the requests to its own venue alone."""
    servers = {name: project.venue(name) for name in ("acme", "other", "third")}

    project.run(*RECORD)

    for name, data in cassettes(project).items():
        uris = {each["request"]["uri"] for each in yaml.safe_load(data)["interactions"]}
        assert all(uri.startswith(servers[name.split("/")[0]].root_url) for uri in uris)


@pytest.mark.parametrize("fault", [Fault.KEY_ECHOED, Fault.KEY_ECHOED_MASKED], ids=str)
def test_a_venue_that_echoes_the_key_leaves_none_of_it_in_a_cassette(project, fault):
    """The key in the venue's own error text is taken out by value, in any of its forms."""
    project.venue(fault=fault, on=frozenset({"refused_key"}))

    project.run(*RECORD, "-o", "darkhost_accept_not_judged=client_busy too_few_samples too_close rate_limited")

    secret = KEY.removeprefix("sk-canary-")
    texts = [path.read_bytes().decode("utf-8", "replace") for path in project.files() if path.suffix == ".yaml"]
    assert not [text for text in texts if any(secret[i : i + 6] in text for i in range(len(secret) - 5))]


def test_a_cassette_that_would_hold_a_key_is_not_kept(project, monkeypatch):
    """The file is searched after it was written: what scrubbing missed ends the recording, not the secret."""
    project.venue()
    monkeypatch.setattr("pytest_darkhost.secrets.Redactor.clean_bytes", lambda _self, data: data)
    project.pytester.makeconftest(
        f"""
        from pytest_darkhost import ChatRequest, Check, Passed, ProbeTemplate

        def ask(venue, model, nonce):
            return ChatRequest(model=model.upstream_model, prompt=f"Run {{nonce}}. {KEY}", max_tokens=8)

        def pytest_darkhost_probes():
            return [ProbeTemplate("leaky", ask)]

        def pytest_darkhost_checks():
            return [Check("leaks", lambda case: Passed(), needs=("leaky",))]
        """
    )

    result = project.run(*RECORD)

    assert result.ret == 1
    assert cassettes(project) == {}
    result.stdout.fnmatch_lines(["not recorded: cassettes/acme/plain-1-acme.yaml: a key was found in the cassette*"])


def test_a_place_that_cannot_be_written_ends_in_one_line(project):
    """Something came in the way while the run was at work: it says so, and does not exit with 0."""
    project.venue()
    project.pytester.makeconftest("""
        def pytest_runtest_setup(item):
            place = item.config.rootpath / "cassettes"
            if not place.exists():
                place.write_text("in the way")
        """)

    result = project.run(*RECORD)

    assert result.ret == 1
    result.stdout.fnmatch_lines(["not recorded: *cassettes*"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_all_cassettes_are_replaced_or_none(project):
    """What cannot be put in its place leaves the others as they were, and is named."""
    project.venue("acme")
    project.venue("other")
    project.run(*RECORD)
    place = project.path / "cassettes/other/plain-1-other.yaml"
    place.unlink()
    place.mkdir()
    before = cassettes(project)

    result = project.run(*RECORD)

    assert result.ret == 1
    assert cassettes(project) == before
    result.stdout.fnmatch_lines(["not recorded: cassettes/other/plain-1-other.yaml: Is a directory"])


def test_a_broken_hook_at_the_end_leaves_nothing_behind(project):
    """What waited for the end of the run is removed, however it ends."""
    project.venue()
    project.pytester.makeconftest("def pytest_sessionfinish():\n    raise RuntimeError('boom')\n")

    project.run_apart(*RECORD)

    assert cassettes(project) == {}
    assert not list((project.path / ".darkhost").glob("recording-*"))
