"""What is wrong with the cassettes as a whole is said once, at the end, and only where nothing was left out."""

import json
import re

import pytest

FILE = "cassettes/acme/plain-1-acme.yaml"


def test_a_spec_without_a_cassette_fails_a_whole_run_once(recorded):
    """The items are not judged, the run fails, and one line says how to record."""
    (recorded.path / FILE).unlink()

    result = recorded.replay()

    assert result.ret == 1
    line = (
        f"venue_specs/acme.yaml: no cassette {FILE}, expected one for each target. Record them with: pytest -m live *"
    )
    result.stdout.fnmatch_lines([line])
    assert result.stdout.str().count("no cassette cassettes/") == 1
    assert "no_cassette 1" in result.stdout.str()


def test_a_narrowed_run_does_not_fail_for_it(recorded):
    """`-k` is about what it names: the catalog check was judged."""
    (recorded.path / FILE).unlink()

    result = recorded.replay("-k", "model_listed or ttft")

    assert result.ret == 0
    assert "no cassette cassettes/" not in result.stdout.str()


def test_it_can_be_allowed_by_name(recorded):
    """The ini file names the venue, and the rest is judged as ever."""
    (recorded.path / FILE).unlink()
    recorded.ini("darkhost_no_cassette = ac*")

    result = recorded.replay()

    assert result.ret == 0
    assert "no_cassette 1" in result.stdout.str()


def test_nothing_replayed_is_no_success(recorded):
    """A run whose only items found no cassette exits with 1."""
    (recorded.path / FILE).unlink()

    result = recorded.replay("-k", "ttft and replay")

    assert (result.ret, result.parseoutcomes()["skipped"]) == (1, 1)
    result.stdout.fnmatch_lines(["nothing was judged: no replayed check passed or failed"])


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "workers"])
def test_own_tests_that_all_lack_their_cassette_are_no_success(recorded, options):
    """They are not judged, for want of a cassette, and the run says so."""
    (recorded.path / FILE).unlink()
    recorded.pytester.makepyfile(test_own="def test_own(darkhost_target, darkhost_observations):\n    pass\n")

    result = recorded.replay("test_own.py", "--json-report", "--json-report-file=r.json", *options)

    assert result.ret == 1
    result.stdout.fnmatch_lines(["0 cassettes: 1 not judged (no_cassette 1)*", "nothing was judged:*"])
    (test,) = json.loads((recorded.path / "r.json").read_text(encoding="utf-8"))["tests"]
    assert test["metadata"]["darkhost"]["reason_code"] == "no_cassette"


def test_tests_of_others_are_something(recorded):
    """Where other tests ran, their result stands."""
    (recorded.path / FILE).unlink()
    recorded.pytester.makepyfile("def test_ttft_replay():\n    pass\n")

    assert recorded.replay("-k", "ttft and replay").ret == 0


@pytest.mark.parametrize(
    "name", ["acme/gone.yaml", "acme/gone.YML", "acme/deep/gone.yaml", "plain.yaml", "elsewhere/@venue.yaml"]
)
def test_an_orphan_fails_a_whole_run(recorded, name):
    """A cassette of no target proves nothing, and looks as if it did."""
    path = recorded.path / "cassettes" / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes((recorded.path / FILE).read_bytes())

    result = recorded.replay()
    narrowed = recorded.replay("-k", "usage")

    assert (result.ret, narrowed.ret) == (1, 0)
    result.stdout.fnmatch_lines([f"cassettes/{name}: a cassette of no target in any spec, expected one. Remove it"])


def test_the_name_of_an_orphan_cannot_command_a_terminal(recorded):
    """Control characters are shown as escapes."""
    (recorded.path / "cassettes/acme/\x1b[31m.yaml").touch()

    result = recorded.replay()

    assert "acme/\\x1b[31m.yaml: a cassette of no target" in result.stdout.str()


def test_what_is_not_played_fails(recorded):
    """A probe that is no longer sent leaves its interaction over: the cassette has drifted."""
    recorded.edit_spec("acme", "warm: 2", "warm: 1")

    result = recorded.replay()
    narrowed = recorded.replay("-k", "not ttft")

    assert (result.ret, narrowed.ret) == (1, 0)
    result.stdout.fnmatch_lines([f"{FILE}: not played: POST *-warm-2*, expected all of it. Record again with: *"])


def test_what_a_skipped_check_needs_is_not_missed(recorded):
    """A mark that skips a replayed check says so itself: its interactions are no drift."""
    recorded.pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                if "tool_call" in item.name:
                    item.add_marker(pytest.mark.skip(reason="not today"))
        """
    )

    result = recorded.replay()

    assert result.ret == 0
    assert "not played" not in result.stdout.str()


def test_workers_say_it_once(recorded):
    """The controller judges, by what the workers selected and reported."""
    recorded.edit_spec("acme", "warm: 2", "warm: 1")
    (recorded.path / "cassettes/acme/gone.yaml").write_bytes((recorded.path / FILE).read_bytes())

    result = recorded.replay("-n", "2")

    assert result.ret == 1
    assert result.stdout.str().count("not played:") == 1
    assert result.stdout.str().count("a cassette of no target") == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no list of interactions"),
        (b"interactions: [\n", "line 2: "),
        (b"!!python/object/apply:os.system ['touch pwned']\n", "could not determine a constructor"),
        (b"- request: {}\n  response: {}\n", ""),
        (b"interactions: []\nversion: 1\n", "no mapping 'darkhost'"),
        (b"\xff\xfe\x00", ""),
    ],
    ids=["empty", "truncated", "a tag", "an old format", "of stock vcrpy", "binary"],
)
def test_a_file_that_is_no_cassette_is_an_error_in_one_line(recorded, data, said):
    """Each item of the target says it with the path; nothing is executed, nothing overwritten."""
    (recorded.path / FILE).write_bytes(data)

    result = recorded.replay("-k", "usage")

    assert (result.ret, result.parseoutcomes()["errors"]) == (1, 1)
    (line,) = {line for line in result.outlines if line.startswith(FILE)}
    assert re.search(rf"{re.escape(said)}.*, expected a cassette that pytest-darkhost recorded$", line)
    assert (recorded.path / FILE).read_bytes() == data
    assert not (recorded.path / "pwned").exists()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_the_cassette_of_another_target_is_an_error(recorded):
    """A file that was copied or renamed is not taken for the target's own."""
    (recorded.path / FILE).write_bytes((recorded.path / "cassettes/acme/@venue.yaml").read_bytes())

    result = recorded.replay("-k", "usage")

    assert result.ret == 1
    result.stdout.fnmatch_lines([f"{FILE}: the cassette of acme itself, expected that of acme/plain-1-acme"])


def test_files_of_others_are_no_orphans(recorded):
    """Users of vcrpy may keep their own in the same directory."""
    path = recorded.path / "cassettes" / "test_something" / "test_x.yaml"
    path.parent.mkdir()
    path.write_text("interactions: []\nversion: 1\n", encoding="utf-8")

    assert recorded.replay().ret == 0
