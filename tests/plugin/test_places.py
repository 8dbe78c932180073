"""Specs are found wherever pytest is started, each once, and a name that leads nowhere is refused."""

import shlex

import pytest

from support.faults import Fault

COLD = ("-m", "live", "--venue=acme", "-k", "latency_cold")
LISTED = ("--collect-only", "-q", "-m", "live or not live")


def refused(project, *arguments):
    """Run, and return the text of a usage error."""
    result = project.run(*arguments)
    assert result.ret == 4
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    return result.stderr.str()


def listed(project, *arguments):
    """Return the ids that are collected, in order, with repetitions."""
    return [line for line in project.run(*LISTED, *arguments).outlines if "::" in line]


def files(ids):
    """Return the files of ids."""
    return {line.split("::", maxsplit=1)[0] for line in ids}


def move_specs(project, place):
    """Move the specs, and say so in the ini file."""
    project.specs.rename(project.path / place)
    project.ini(f"darkhost_specs = {place}")


@pytest.fixture
def own_test(project):
    """A directory with a test of the team's own, which needs no venue."""
    (project.path / "tests").mkdir()
    (project.path / "tests/test_own.py").write_text("def test_own(): pass\n")


@pytest.mark.parametrize("argument", [(), (".",), ("test_own.py", ".")])
@pytest.mark.usefixtures("own_test")
def test_a_venue_is_probed_from_a_subdirectory(project, monkeypatch, argument):
    """`--venue` says what to collect, wherever pytest is started."""
    server = project.venue()
    monkeypatch.chdir(project.path / "tests")

    assert project.run(*COLD, *argument).ret == 0
    assert len(server.log) == 1


@pytest.mark.usefixtures("own_test")
def test_a_venue_is_probed_beside_a_directory_of_tests(project):
    """`pytest tests --venue=acme` reaches a spec that is not below `tests`, and no other."""
    project.venue("acme")
    other = project.venue("other")

    assert project.run(*COLD, "tests").ret == 0
    assert other.log == ()
    assert files(listed(project, "--venue=acme", "tests")) == {"tests/test_own.py", "venue_specs/acme.yaml"}


@pytest.mark.usefixtures("own_test")
@pytest.mark.parametrize("argument", ["tests/test_own.py", "tests/test_own.py::test_own"])
def test_one_file_stays_one_file(project, argument):
    """Who names a test of the team's own pays for no other."""
    project.venue()

    assert files(listed(project, "--venue=acme", argument)) == {"tests/test_own.py"}


@pytest.mark.usefixtures("own_test")
def test_a_directory_of_tests_stays_just_that(project):
    """Without `--venue` a path means what it says."""
    project.venue()

    assert files(listed(project, "tests")) == {"tests/test_own.py"}


@pytest.mark.parametrize("place", ["../elsewhere", ".venues", "build/venues", "node_modules/deep/.venues"])
def test_specs_may_be_anywhere(project, place):
    """Outside the root directory, and where pytest does not look by itself."""
    server = project.venue()
    (project.path / place).parent.mkdir(parents=True, exist_ok=True)
    move_specs(project, place)

    assert project.run(*COLD).ret == 0
    assert len(server.log) == 1
    assert files(listed(project)) == {f"{place}/acme.yaml"}


def test_specs_outside_have_ids_of_their_own(project):
    """Two venues are told apart, and an id can be typed back."""
    project.venue("acme", fault=Fault.WRONG_USAGE_SUM)
    project.venue("beta")
    move_specs(project, "../outside")

    result = project.run("-m", "live", "--venue=acme,beta", "-k", "usage and not stream")

    result.assert_outcomes(failed=1, passed=1)
    project.run(*repeated(result)).assert_outcomes(failed=1)
    assert {test["nodeid"].partition("::")[0] for test in project.report["tests"]} == {"../outside/acme.yaml"}


def test_a_directory_that_is_opened_for_its_specs_shows_nothing_else(project):
    """Tests in `build/` stay as hidden as pytest has them."""
    project.venue()
    (project.path / "build").mkdir()
    move_specs(project, "build/venues")
    for place in ("build", "build/venues", "build/lib"):
        (project.path / place).mkdir(exist_ok=True)
        (project.path / place / "test_hidden.py").write_text("def test_hidden(): pass\n")

    assert files(listed(project)) == {"build/venues/acme.yaml"}
    assert files(listed(project, "build/lib")) == {"build/lib/test_hidden.py"}


@pytest.mark.parametrize("option", ["--ignore=.venues", "--ignore-glob=.ven*"])
def test_a_directory_that_is_ignored_by_an_option_stays_ignored(project, option):
    """What the user leaves out is not brought back."""
    project.venue()
    move_specs(project, ".venues")

    assert listed(project, option) == []


@pytest.mark.parametrize("duplicates", [(), ("--keep-duplicates",)])
@pytest.mark.parametrize(
    "arguments",
    [("--venue=acme",), ("--venue=acme", "."), ("--venue=acme", "venue_specs"), ("--venue=acme", "tests"), ()],
)
@pytest.mark.usefixtures("own_test")
def test_nothing_is_collected_twice(project, arguments, duplicates):
    """What an argument reaches is not added once more."""
    project.venue()
    project.ini("testpaths = .")

    ids = listed(project, *arguments, *duplicates)

    assert "venue_specs/acme.yaml" in files(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.usefixtures("own_test")
def test_workers_find_the_same(project, monkeypatch):
    """Each worker of pytest-xdist adds what the controller adds."""
    server = project.venue()
    monkeypatch.chdir(project.path / "tests")

    assert project.run_apart(*COLD, "-n", "2").ret == 0
    assert len(server.log) == 1


def test_an_ini_file_elsewhere_moves_the_root_directory(project):
    """The text names the directory that was looked in."""
    project.venue()
    (project.path / "conf").mkdir()
    (project.path / "conf/other.ini").write_text("[pytest]\ndarkhost_catalog = none\n")

    assert str(project.path / "conf/venue_specs") in refused(project, *COLD, "-c", "conf/other.ini")


@pytest.mark.parametrize("made", [True, False])
def test_a_venue_without_any_spec_is_refused(project, made):
    """An empty or missing directory knows no venue."""
    if made:
        project.specs.mkdir()

    assert f"there is no spec file in {project.specs}" in refused(project, "--venue=acme")


def test_a_configured_directory_must_exist(project):
    """A misspelt `darkhost_specs` is no empty project; the default may be absent."""
    assert project.run().ret == 5
    project.ini("darkhost_specs = venu_specs")

    assert f"darkhost_specs: {project.path / 'venu_specs'} is no directory" in refused(project)


def test_a_link_to_a_file_is_a_spec_under_its_own_name(project):
    """The stem of the link counts, and the file that it leads to is not collected by itself."""
    server = project.venue()
    (project.path / "shared").mkdir()
    (project.specs / "acme.yaml").rename(project.path / "shared/acme-v2.yaml")
    (project.specs / "acme.yaml").symlink_to("../shared/acme-v2.yaml")

    assert project.run(*COLD).ret == 0
    assert project.run("-m", "live", "venue_specs/acme.yaml", "-k", "latency_cold").ret == 0
    assert len(server.log) == 2
    assert files(listed(project)) == {"venue_specs/acme.yaml"}


def test_a_link_to_a_directory_is_collected_once(project):
    """Specs belong to the configured directory, not to the one that it leads to."""
    project.venue()
    project.specs.rename(project.path / "real")
    project.specs.symlink_to("real")

    ids = listed(project)

    assert files(ids) == {"venue_specs/acme.yaml"}
    assert len(ids) == len(set(ids))
    assert files(listed(project, "--venue=acme", "real")) == {"venue_specs/acme.yaml"}
    assert files(listed(project, "real/acme.yaml")) == {"real/acme.yaml"}


def test_two_files_of_one_name_are_refused(project):
    """`acme.yaml` beside `acme.yml` is one clear error in every run."""
    project.venue()
    (project.specs / "acme.yml").write_text("venue: acme\n")

    assert "has the same stem" in refused(project)


def test_a_path_wins_over_the_configured_venue(project):
    """`darkhost_venue` is a default, and a path says more."""
    acme, beta = project.venue("acme"), project.venue("beta")
    project.ini("darkhost_venue = beta")

    assert project.run("-m", "live", "venue_specs/acme.yaml", "-k", "latency_cold").ret == 0
    assert (len(acme.log), len(beta.log)) == (1, 0)
    assert project.run("-m", "live", "-k", "latency_cold").ret == 0
    assert (len(acme.log), len(beta.log)) == (1, 1)


def test_a_path_and_another_venue_contradict_each_other(project):
    """Both are named in the text; a path that `--venue` leaves is fine."""
    project.venue("acme")
    project.venue("beta")

    text = refused(project, "-m", "live", "--venue=beta", "venue_specs/acme.yaml")

    assert "--venue=beta" in text
    assert "venue_specs/acme.yaml" in text
    assert project.run(*COLD, "venue_specs/acme.yaml").ret == 0


@pytest.mark.parametrize("name", ["venue_specs/acme.yaml", "acme.yml"])
def test_a_path_as_venue_is_told_its_name(project, name):
    """`--venue` takes the stem."""
    project.venue()

    assert "Did you mean 'acme'?" in refused(project, f"--venue={name}")


def repeated(result):
    """Return the arguments of the command that a failure shows."""
    line = next(line for line in result.outlines if line.startswith("  again: "))
    return shlex.split(line.removeprefix("  again: pytest "))


def test_the_command_that_repeats_a_failure_repeats_it(project):
    """Options that were typed are in it, and it fails in the same way."""
    project.venue(fault=Fault.WRONG_USAGE_SUM, spec={"max_cost_usd": None})
    project.pytester.makefile(".ini", pytest="[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    typed = ("--darkhost-catalog=none", "--darkhost-max-cost", "1", "--rootdir=.", "-c", "pytest.ini")

    words = repeated(project.run("-m", "live", "--venue=acme", "-k", "usage and not stream", *typed))
    again = project.run(*words)

    assert {"--darkhost-catalog=none", "--darkhost-max-cost=1", "--rootdir=.", "-c", "pytest.ini"} <= set(words)
    again.assert_outcomes(failed=1)
    assert repeated(again) == words


def test_the_command_that_repeats_a_failure_starts_where_pytest_was_started(project, monkeypatch):
    """The path is one that the shell knows."""
    project.venue(fault=Fault.WRONG_USAGE_SUM)
    (project.path / "tests").mkdir()
    monkeypatch.chdir(project.path / "tests")

    words = repeated(project.run("-m", "live", "--venue=acme", "-k", "usage and not stream"))

    assert words[:2] == ["-m", "live"]
    assert words[2].startswith("../venue_specs/acme.yaml::")
    project.run(*words).assert_outcomes(failed=1)


def test_the_command_that_repeats_a_failure_says_quick(project):
    """A quick run is repeated as one."""
    project.venue(fault=Fault.WRONG_USAGE_SUM)

    assert "--darkhost-quick" in repeated(project.run("-m", "live", "--venue=acme", "--darkhost-quick"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://me:canary-secret@db.example/catalog", "--darkhost-catalog=…"),
        ("postgresql+psycopg://me@db.example/catalog?password=canary-secret", "--darkhost-catalog=…"),
        ("sqlite:///cat.db", "--darkhost-catalog=sqlite:///cat.db"),
        ("canary-secret", "--darkhost-catalog=…"),
    ],
)
def test_the_command_that_repeats_a_failure_holds_no_password(project, url, shown):
    """A URL that hides something is left to the reader."""
    from pytest_darkhost.suite.repeating import command

    config = project.pytester.parseconfig(f"--darkhost-catalog={url}")

    text = command(
        config, "venue_specs/acme.yaml::chat_shape[live]", config.rootpath / "venue_specs/acme.yaml", live=True
    )

    assert shown in text.split()
    assert "canary" not in text
