"""A run at work: opened before its first call, closed with its report, and what a crash leaves."""

import errno
import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import bundle as module
from pytest_darkhost.evidence import clock as clock_module
from pytest_darkhost.evidence import lock, storing, temporary
from pytest_darkhost.evidence.bundle import Bundle
from pytest_darkhost.evidence.statement import Link, rotation
from support import evidence

LATER = evidence.START + timedelta(hours=1)


def opened(folder, key, at=LATER):
    """Return an open bundle whose clock goes on from a moment."""
    return Bundle.open(folder, key, clock=evidence.Clock(at))


def why(error, folder):
    """Return code and text of a refusal."""
    return error.value.code, evidence.plain(error.value, folder)


def test_a_run_is_opened_and_closed(folder, key, tmp_path):
    """Two lines, each linked to the one before; the report is copied byte for byte."""
    value = evidence.report(1)
    path = evidence.written(tmp_path, value)
    with Bundle.open(folder, key, clock=evidence.Clock()) as bundle:
        assert bundle.head == "0" * 64
        head = bundle.open_run(value["darkhost"])
        closing = bundle.close_run(path, cassette_ids={})

    first, second = evidence.line_bytes(folder)
    assert (head, closing.head) == tuple(evidence.hashlib.sha256(line).hexdigest() for line in (first, second))
    assert (closing.line, closing.result, closing.unfit) == (2, "PASSED", ())
    assert closing.counts == {"passed": 3, "warned": 0, "failed": 0, "not_applicable": 0, "not_run": 0}
    assert closing.path == folder / "reports" / f"0002-{evidence.run_id(1)}.json"
    assert closing.path.read_bytes() == path.read_bytes()
    assert evidence.refusal(folder, key.public, head=closing.head) is None


def test_what_the_lines_state(folder, key):
    """The opening before the first call, then in-toto's test-result with its extension under one key."""
    value = evidence.report(1, cicd={"cicd.pipeline.run.id": "7", "cicd.pipeline.run.url.full": "https://ci.example/7"})
    evidence.add_run(folder, key, value)
    opening, closing = evidence.statements(folder)
    first, _ = evidence.line_bytes(folder)
    run = value["darkhost"]
    digest = evidence.hashlib.sha256(evidence.spelled(value)).hexdigest()
    plan = {"count": 3, "sha256": run["plan"]["digest"]["sha256"]}

    assert opening == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "plan", "digest": {"sha256": plan["sha256"]}}],
        "predicateType": (
            "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/evidence.md#run-opened-v1"
        ),
        "predicate": {
            "runId": run["run_id"],
            "plan": plan,
            **{name: run[name] for name in ("venues", "configuration", "vcs", "catalog", "operator")},
            "darkhost": {"sequence": 1, "previous": {"sha256": "0" * 64}, "time": "2026-11-25T12:00:02.000Z"},
        },
    }
    assert closing == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"0002-{run['run_id']}.json", "digest": {"sha256": digest}}],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED",
            "configuration": [
                *run["configuration"],
                {
                    "name": "source",
                    "digest": {"gitCommit": evidence.REVISION},
                    "uri": "git+https://example.org/team/router",
                },
            ],
            "url": "https://ci.example/7",
            "passedTests": run["plan"]["ids"],
            "warnedTests": [],
            "failedTests": [],
            "darkhost": {
                "sequence": 2,
                "previous": {"sha256": evidence.hashlib.sha256(first).hexdigest()},
                "time": "2026-11-25T12:00:03.000Z",
                "runId": run["run_id"],
                "opened": {"sha256": evidence.hashlib.sha256(first).hexdigest()},
                "plan": plan,
                "notApplicable": [],
                "notRun": [],
                "timeStarted": run["started_at"],
                "timeFinished": run["finished_at"],
            },
        },
    }


def test_a_run_that_is_no_evidence_is_recorded_as_such(folder, key):
    """Under another predicate type, with its reasons: who ignores them cannot take it for a test-result."""
    closing = evidence.add_run(folder, key, evidence.report(1, vcs=None))

    said = evidence.statements(folder)[1]
    assert [each.code for each in closing.unfit] == ["no_vcs"]
    assert said["predicateType"].endswith("docs/evidence.md#run-record-v1")
    assert said["predicate"]["darkhost"]["unfit"] == [{"code": "no_vcs", "what": "no commit is known"}]
    assert evidence.refusal(folder, key.public) is None


def test_a_failed_run_is_evidence(folder, key):
    """FAILED is a result, and no refusal."""
    value = evidence.report(1, [evidence.failed(check) for check in evidence.CHECKS], exit_status=1)

    closing = evidence.add_run(folder, key, value)

    assert (closing.result, closing.unfit) == ("FAILED", ())


def test_an_answer_on_a_cassette_of_another_run(folder, key):
    """Its id is allowed in the run that recorded it, and in no other. The verifier believes that."""
    own = evidence.add_run(folder, key, evidence.report(1), cassettes={"chatcmpl-1-1": evidence.run_id(1)})
    value = evidence.report(2, at=LATER)
    other = evidence.add_run(folder, key, value, cassettes={"chatcmpl-2-1": evidence.run_id(1)})

    assert own.unfit == ()
    assert [each.code for each in other.unfit] == ["foreign_id"]
    assert evidence.refusal(folder, key.public) is None


def test_an_answer_of_an_earlier_run(two_runs, key):
    """It is spent; the run is recorded as no evidence."""
    value = evidence.report(3, at=LATER)
    for test in value["tests"]:
        test["metadata"]["darkhost"]["probes"] = [evidence.probe(1, at=LATER)]

    closing = evidence.add_run(two_runs, key, value)

    assert [(each.code, each.what) for each in closing.unfit] == [
        ("foreign_id", "acme/small-acme/chat[1]: answer chatcmpl-1-1 was in the run of line 2 already")
    ]
    assert evidence.refusal(two_runs, key.public) is None


def test_what_is_not_sound_is_not_continued(two_runs, key):
    """The chain is verified before the first call."""
    report = next((two_runs / "reports").iterdir())
    report.write_bytes(report.read_bytes() + b" ")
    before = evidence.line_bytes(two_runs)

    with pytest.raises(EvidenceError) as refused:
        opened(two_runs, key)

    assert refused.value.code == "subject"
    assert evidence.line_bytes(two_runs) == before


def test_the_chain_of_another_key_is_not_continued(two_runs, stranger):
    """Nobody continues what somebody else has signed."""
    with pytest.raises(EvidenceError) as refused:
        opened(two_runs, stranger)

    assert why(refused, two_runs) == (
        "signature",
        "bundle.intoto.jsonl:1: signed by key …, expected one that is trusted: …",
    )


def test_a_second_run_fails_at_once(folder, key):
    """Two runs never interleave; who holds the lock is said. It is free when the first has ended."""
    with opened(folder, key), pytest.raises(EvidenceError) as refused:
        opened(folder, key)

    code, text = why(refused, folder)
    assert code == "locked"
    assert re.fullmatch(
        rf"\.lock: held by process {os.getpid()} since \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ, expected no run at work "
        r"here\. Wait until it has ended",
        text,
    )
    with opened(folder, key):
        pass


def test_the_lock_dies_with_its_process(folder, key):
    """A run that was killed holds nothing up."""
    code = (
        "import os, sys, pathlib; from pytest_darkhost.evidence import keys, bundle;"
        "b = bundle.Bundle.open(pathlib.Path(sys.argv[1]), keys.load_signer(pathlib.Path(sys.argv[2]), None));"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder), str(key.path)], check=False)

    assert done.returncode == -9
    with opened(folder, key):
        pass


def test_a_clock_behind_the_chain_is_refused(two_runs, key):
    """Before the first call: what would be written later could not be verified."""
    with pytest.raises(EvidenceError) as refused:
        opened(two_runs, key, at=evidence.START)

    assert why(refused, two_runs) == (
        "clock",
        "bundle.intoto.jsonl:4: was written at 2026-11-25T12:02:03.000Z, and the clock says 2026-11-25T12:00:01.000Z, "
        "expected a clock that is not behind it",
    )


def test_a_clock_corrected_by_a_little_is_waited_for(folder, key, tmp_path, monkeypatch):
    """A paid run is not lost to a time server; a step of an hour still refuses."""
    slept = []
    monkeypatch.setattr(clock_module.time, "sleep", slept.append)
    value = evidence.report(1)
    clock = [LATER]
    with Bundle.open(folder, key, clock=lambda: clock[0]) as bundle:
        bundle.open_run(value["darkhost"])
        clock[0] = LATER - timedelta(seconds=2)
        closing = bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})
        clock[0] = LATER - timedelta(hours=1)
        with pytest.raises(EvidenceError) as refused:
            bundle.open_run(evidence.record(2))

    assert (slept, closing.line, refused.value.code) == ([2.0], 2, "clock")


def test_the_real_clock_is_used(folder, key):
    """Times are those of the machine, in UTC."""
    before = datetime.now(UTC)
    with Bundle.open(folder, key) as bundle:
        bundle.open_run(evidence.record(1))

    said = datetime.fromisoformat(evidence.statements(folder)[0]["predicate"]["darkhost"]["time"])
    assert abs(said - before) < timedelta(minutes=1)


REPORTS = {
    "another plan": (lambda run: run.update(plan=evidence.plan(["a"])), "plan"),
    "another run": (lambda run: run.update(run_id=evidence.run_id(5)), "order"),
    "no plan": (lambda run: run.pop("plan"), "report"),
    "no `truncated`": (lambda run: run.pop("truncated"), "report"),
    "no `vcs`": (lambda run: run.pop("vcs"), "report"),
    "a run id that is a path": (lambda run: run.update(run_id="../../x"), "report"),
    "a run that ends before it starts": (lambda run: run.update(finished_at="2026-11-25T11:00:00.000Z"), "report"),
    "a plan out of order": (lambda run: run["plan"]["ids"].reverse(), "report"),
    "a plan with another digest": (lambda run: run["plan"]["digest"].update(sha256="0" * 64), "report"),
    "a plan that is no UTF-8": (lambda run: run["plan"].update(ids=["\ud800"], count=1), "report"),
    "a configuration without digests": (lambda run: run.update(configuration=[{"name": "x"}]), "report"),
    "reruns that are none": (lambda run: run.update(reruns=[1]), "report"),
}


@pytest.mark.parametrize(("edit", "code"), REPORTS.values(), ids=REPORTS)
def test_a_report_that_is_not_that_of_the_run(folder, key, tmp_path, edit, code):
    """Nothing is written; the run shows as abandoned."""
    value = evidence.report(1)
    with opened(folder, key) as bundle:
        bundle.open_run(value["darkhost"])
        edit(value["darkhost"])
        with pytest.raises(EvidenceError) as refused:
            bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})

    assert refused.value.code == code
    assert list((folder / "reports").iterdir()) == []
    assert [each.what for each in evidence.verify(folder, key.public)] == ["abandoned"]


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b'{"tests": []}', b'{"tests": [{}]}', b'{"tests": {}}'])
def test_what_is_no_report(folder, key, tmp_path, data):
    """One line says what is missing."""
    path = tmp_path / "report.json"
    path.write_bytes(data)
    with opened(folder, key) as bundle:
        bundle.open_run(evidence.record(1))
        with pytest.raises(EvidenceError) as refused:
            bundle.close_run(path, cassette_ids={})

    assert refused.value.code in {"report", "json"}
    assert str(refused.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("opening", "name"),
    [
        ({"vcs": evidence.record(1)["vcs"] | {"dirty": True}}, "dirty"),
        ({"vcs": evidence.record(1)["vcs"] | {"vcs.ref.head.revision": "a" * 40}}, "vcs.ref.head.revision"),
        ({"vcs": None}, "vcs.ref.head.revision"),
        ({"catalog": {"source": "reference"}}, "catalog.source"),
        ({"operator": {"id": "eve", "source": "ci"}}, "operator"),
    ],
)
def test_a_report_of_another_start_is_not_that_of_the_run(folder, key, tmp_path, opening, name):
    """What was signed before the first call cannot be otherwise afterwards."""
    with opened(folder, key, evidence.START) as bundle:
        bundle.open_run(evidence.record(1) | opening)
        with pytest.raises(EvidenceError) as refused:
            bundle.close_run(evidence.written(tmp_path, evidence.report(1)), cassette_ids={})

    assert refused.value.code == "claim"
    assert f"`{name}` is " in str(refused.value)


def test_a_tree_that_turns_out_dirty_is_closed(folder, key, tmp_path):
    """A `conftest.py` that only the collection loads can be untracked."""
    dirty = evidence.report(1, vcs=evidence.record(1)["vcs"] | {"dirty": True, "changes": ["conftest.py"]})
    with opened(folder, key, evidence.START) as bundle:
        bundle.open_run(evidence.record(1))
        closing = bundle.close_run(evidence.written(tmp_path, dirty), cassette_ids={})

    assert [each.code for each in closing.unfit] == ["dirty"]
    assert evidence.refusal(folder, key.public) is None


def test_a_report_that_shows_a_key_is_not_signed(folder, key, tmp_path):
    """What is signed stays for ever: nothing of it is copied, and the run shows as abandoned."""
    value = evidence.report(1)
    value["tests"][0]["call"]["longrepr"] = "authorization: Bearer gsk_" + "a1B2" * 13
    path = evidence.written(tmp_path, value)
    with opened(folder, key) as bundle:
        bundle.open_run(value["darkhost"])
        with pytest.raises(EvidenceError) as refused:
            bundle.close_run(path, cassette_ids={})

    assert why(refused, folder) == (
        "secret",
        f"{path}: holds what looks like a key, expected none. Nothing of it was copied or signed",
    )
    assert list((folder / "reports").iterdir()) == []


def test_a_run_is_opened_before_it_is_closed(folder, key, tmp_path):
    """Whatever the producer does; and an id is used once."""
    with opened(folder, key) as bundle:
        with pytest.raises(EvidenceError, match="no run is open"):
            bundle.close_run(evidence.written(tmp_path, evidence.report(1)), cassette_ids={})
        bundle.open_run(evidence.record(1))
        with pytest.raises(EvidenceError, match="as line 1 did, expected a UUID of its own"):
            bundle.open_run(evidence.record(1))


def test_a_line_that_nobody_would_read_is_not_written(folder, key):
    """What is too long for the verifier is refused before it is in the chain."""
    record = evidence.record(1, venues=["x" * 13_000_000])
    with opened(folder, key) as bundle, pytest.raises(EvidenceError) as refused:
        bundle.open_run(record)

    assert why(refused, folder) == (
        "size",
        "bundle.intoto.jsonl:1: would be longer than 16777216 bytes, expected a plan that fits in a line",
    )
    assert evidence.line_bytes(folder) == []


# What a crash leaves


def test_the_longest_line_has_room_for_its_end(folder, key, tmp_path, monkeypatch):
    """What is written is read again: the line break counts."""
    with opened(tmp_path / "other", key) as bundle:
        bundle.open_run(evidence.record(1))
    (line,) = evidence.line_bytes(tmp_path / "other")

    with opened(folder, key) as bundle:
        monkeypatch.setattr(module, "LARGEST_LINE", len(line))
        with pytest.raises(EvidenceError, match="would be longer than"):
            bundle.open_run(evidence.record(1))
        monkeypatch.setattr(module, "LARGEST_LINE", len(line) + 1)
        bundle.open_run(evidence.record(1))

    assert [len(each) for each in evidence.line_bytes(folder)] == [len(line)]


def test_a_crash_between_report_and_line_is_recognised(folder, key, tmp_path, monkeypatch):
    """The report lies there, and no line speaks of it: the next run says so, and what to do."""
    value = evidence.report(1)

    def killed(*_):
        raise KeyboardInterrupt

    with opened(folder, key) as bundle:
        bundle.open_run(value["darkhost"])
        monkeypatch.setattr(module, "append_line", killed)
        with pytest.raises(KeyboardInterrupt):
            bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})
    monkeypatch.undo()

    with pytest.raises(EvidenceError) as refused:
        opened(folder, key)
    assert why(refused, folder) == (
        "unsigned_report",
        f"reports/0002-{evidence.run_id(1)}.json: no line of the bundle speaks of it, expected only reports that are "
        "signed. It was put there, or a run was killed before it signed it. Move it out of the folder",
    )
    next((folder / "reports").iterdir()).rename(tmp_path / "moved.json")
    evidence.add_run(folder, key, evidence.report(2, at=LATER + timedelta(hours=1)))
    assert [each.what for each in evidence.verify(folder, key.public)] == ["abandoned", "run"]


def test_a_crash_while_the_report_is_copied_is_recognised(folder, key, tmp_path, monkeypatch):
    """Half a copy never has a report's name."""
    value = evidence.report(1)

    def killed(descriptor, data):
        os.write(descriptor, data[:100])
        raise KeyboardInterrupt

    with opened(folder, key) as bundle:
        bundle.open_run(value["darkhost"])
        monkeypatch.setattr(storing, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})
    monkeypatch.undo()

    assert [path.name for path in (folder / "reports").iterdir()] == [f"0002-{evidence.run_id(1)}.partial"]
    assert evidence.refusal(folder, key.public)[0] == "unsigned_report"


def test_what_a_crash_cut_off_is_said_with_the_way_back(two_runs, key):
    """The command that is named makes the folder sound again, as it stands, whatever is in the folder's name."""
    two_runs = two_runs.rename(two_runs.with_name("évi dence"))
    bundle = two_runs / "bundle.intoto.jsonl"
    whole = bundle.read_bytes()
    bundle.write_bytes(whole + whole[:77])
    with pytest.raises(EvidenceError) as refused:
        opened(two_runs, key)

    command = str(refused.value).rpartition("with: ")[2]
    assert shlex.split(command) == ["truncate", "-s", str(len(whole)), str(bundle)]
    os.truncate(bundle, int(command.split()[2]))
    with opened(two_runs, key):
        pass


@pytest.mark.parametrize("room", [0, 100])
def test_a_full_disk_leaves_nothing_half_written(two_runs, key, monkeypatch, tmp_path, room):
    """Neither a line nor a report: what was there before is all that is there."""
    before = {
        path: path.read_bytes() for path in sorted(two_runs.rglob("*")) if path.is_file() and path.name != ".lock"
    }
    real = os.write

    def full(descriptor, data):
        return real(descriptor, data[:room])

    with opened(two_runs, key) as bundle:
        monkeypatch.setattr(storing.os, "write", full)
        with pytest.raises(EvidenceError) as refused:
            bundle.open_run(evidence.record(3, at=LATER))
        monkeypatch.undo()

    assert why(refused, two_runs) == (
        "write",
        "bundle.intoto.jsonl: cannot be written (No space left on device), expected a place that can",
    )
    after = {path: path.read_bytes() for path in sorted(two_runs.rglob("*")) if path.is_file() and path.name != ".lock"}
    assert after == before


def test_a_line_that_cannot_be_written_takes_its_report_back(folder, key, tmp_path, monkeypatch):
    """A report without a line would make the folder unsound."""
    value = evidence.report(1)

    def full(*_):
        raise EvidenceError("write", "full")

    with opened(folder, key) as bundle:
        bundle.open_run(value["darkhost"])
        monkeypatch.setattr(module, "append_line", full)
        with pytest.raises(EvidenceError, match="full"):
            bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})

    assert list((folder / "reports").iterdir()) == []
    assert evidence.refusal(folder, key.public) is None


def test_a_bundle_that_is_put_back_during_the_run_is_not_gone_on_with(two_runs, key, tmp_path):
    """By `git stash`, say: the line would follow one that is not there any more. Its report is taken back."""
    bundle, value = two_runs / "bundle.intoto.jsonl", evidence.report(3, at=LATER)
    before = bundle.read_bytes()
    with opened(two_runs, key) as run:
        run.open_run(value["darkhost"])
        bundle.write_bytes(before)
        with pytest.raises(EvidenceError) as refused:
            run.close_run(evidence.written(tmp_path, value), cassette_ids={})

    assert refused.value.code == "write"
    assert str(refused.value).endswith("that were verified: it was changed during the run")
    assert bundle.read_bytes() == before
    assert evidence.refusal(two_runs, key.public) is None


def test_a_line_and_a_report_are_on_the_disk(folder, key, tmp_path, monkeypatch):
    """Each is synced before anything is said of it: the report before its line."""
    synced = []
    real = os.fsync

    def fsync(descriptor):
        synced.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))  # noqa: PTH115, PTH119
        real(descriptor)

    if not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        pytest.skip("descriptors have no names on this system")
    value = evidence.report(1)
    with opened(folder, key) as bundle:
        monkeypatch.setattr(storing.os, "fsync", fsync)
        bundle.open_run(value["darkhost"])
        bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})

    name = f"0002-{evidence.run_id(1)}"
    assert synced == ["bundle.intoto.jsonl", f"{name}.partial", "reports", "bundle.intoto.jsonl"]


@pytest.mark.parametrize("name", ["bundle.intoto.jsonl", "reports", ".lock"])
def test_links_are_not_written_through(folder, key, tmp_path, name):
    """What a link leads to is somebody else's."""
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "target"
    if name == "reports":
        target.mkdir()
    else:
        target.write_text("mine")
    (folder / name).symlink_to(target)

    with pytest.raises(EvidenceError) as refused:
        opened(folder, key)

    assert refused.value.code == "symlink"
    assert list(target.iterdir()) == [] if name == "reports" else target.read_text() == "mine"


@pytest.mark.parametrize("name", ["bundle.intoto.jsonl", ".lock"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(folder, key, name):
    """One line, and no run that hangs and holds the lock."""
    folder.mkdir()
    os.mkfifo(folder / name)

    with pytest.raises(EvidenceError) as refused:
        opened(folder, key)

    assert refused.value.code == "folder"


def test_a_lock_that_cannot_be_written_is_held_all_the_same(folder, key, monkeypatch):
    """On a full disk it is not said who holds it."""

    def write(_descriptor, _data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(lock.os, "write", write)
    with opened(folder, key), pytest.raises(EvidenceError) as refused:
        opened(folder, key)

    assert refused.value.code == "locked"
    assert "held by another run" in str(refused.value)


def test_a_place_that_is_no_folder(tmp_path, key):
    """A file, or a place that cannot be made: one line."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "evidence"):
        with pytest.raises(EvidenceError) as refused:
            Bundle.open(place, key)
        assert refused.value.code == "folder"
        assert "expected a place that can" in str(refused.value)


# Rotation


def rotated(folder, old, new, at=LATER):
    """Change the key of a folder."""
    with opened(folder, old, at) as bundle:
        return bundle.rotate(new)


def test_either_key_vouches_for_the_other(two_runs, key, stranger):
    """Both have signed the change: who was given one of them verifies all lines."""
    rotated(two_runs, key, stranger)
    evidence.add_run(two_runs, stranger, evidence.report(3, at=LATER + timedelta(hours=1)))

    for trusted in (key.public, stranger.public):
        found = evidence.verify(two_runs, trusted)
        assert [(each.what, each.line) for each in found] == [("run", 2), ("run", 4), ("key", 5), ("run", 7)]
    assert found[2].result == stranger.public.keyid


def test_a_key_in_the_middle_vouches_for_all(two_runs, key, stranger, tmp_path):
    """One key was given, and the chain has had three."""
    third = evidence.signer(tmp_path, "third")
    rotated(two_runs, key, stranger)
    rotated(two_runs, stranger, third, LATER + timedelta(hours=1))

    for trusted in (key, stranger, third):
        assert len(evidence.verify(two_runs, trusted.public)) == 4
    assert evidence.refusal(two_runs, evidence.signer(tmp_path, "fourth").public)[0] == "signature"


def test_the_old_key_signs_no_more(two_runs, key, stranger):
    """Neither by our own hand nor by another's."""
    rotated(two_runs, key, stranger)
    with pytest.raises(EvidenceError) as refused:
        opened(two_runs, key, LATER + timedelta(hours=1))
    assert why(refused, two_runs) == (
        "key",
        "bundle.intoto.jsonl:5: the chain goes on with key …, expected …. Sign with the key that it was changed to",
    )

    evidence.write_lines(two_runs, [*evidence.line_bytes(two_runs), evidence.line_bytes(two_runs)[0]])
    assert evidence.refusal(two_runs, key.public) == (
        "signature",
        6,
        "bundle.intoto.jsonl:6: signed by key …, expected …",
    )


def test_a_change_needs_both_keys(two_runs, key, stranger):
    """A stolen folder is not continued by a key that nobody handed over to."""
    rotated(two_runs, key, stranger)
    said = evidence.statements(two_runs)[4]
    lines = evidence.line_bytes(two_runs)
    for signers in ([key], [stranger]):
        line = module.envelope.written(json.dumps(said).encode(), signers)
        evidence.write_lines(two_runs, [*lines[:4], line])
        assert evidence.refusal(two_runs, key.public)[:2] == ("signature", 5)


def test_a_change_needs_a_true_signature_of_each(two_runs, key, stranger):
    """Its key id beside another's signature is none."""
    rotated(two_runs, key, stranger)
    lines = evidence.line_bytes(two_runs)
    for forged, true in ((0, 1), (1, 0)):
        value = json.loads(lines[4])
        value["signatures"][forged]["sig"] = value["signatures"][true]["sig"]
        evidence.write_lines(two_runs, [*lines[:4], json.dumps(value, separators=(",", ":")).encode()])
        assert evidence.refusal(two_runs, key.public) == (
            "signature",
            5,
            "bundle.intoto.jsonl:5: the signature of key … is not that of this line, expected one that is",
        )


def test_a_chain_may_begin_with_a_change(folder, key, stranger):
    """A key that was lost before the first run; either is enough to verify it."""
    rotated(folder, key, stranger)
    evidence.add_run(folder, stranger, evidence.report(1, at=LATER + timedelta(hours=1)))

    for trusted in (key.public, stranger.public):
        assert [each.what for each in evidence.verify(folder, trusted)] == ["key", "run"]


def test_a_change_names_the_keys_that_signed_it(two_runs, key, stranger, tmp_path):
    """With both keys: what it says of them is computed again."""
    rotated(two_runs, key, stranger)
    said = evidence.statements(two_runs)[4]
    said["predicate"]["from"]["keyid"] = "0" * 64
    line = module.envelope.written(json.dumps(said).encode(), [key, stranger])
    evidence.write_lines(two_runs, [*evidence.line_bytes(two_runs)[:4], line])

    assert evidence.refusal(two_runs, key.public) == (
        "rotation",
        5,
        "bundle.intoto.jsonl:5: a change of keys that names others, expected from … to a new one",
    )


def test_a_change_has_the_signature_of_the_old_key_first(two_runs, key, stranger):
    """A line has one spelling: in another order it would have another digest."""
    rotated(two_runs, key, stranger)
    said = evidence.statements(two_runs)[4]
    line = module.envelope.written(json.dumps(said).encode(), [stranger, key])
    evidence.write_lines(two_runs, [*evidence.line_bytes(two_runs)[:4], line])

    assert evidence.refusal(two_runs, key.public) == (
        "signature",
        5,
        "bundle.intoto.jsonl:5: signed by key … and …, expected … and …",
    )


def test_a_change_to_the_same_key_is_refused(two_runs, key):
    """With the key: a line that says so, and is all that it says."""
    link = Link(5, evidence.hashlib.sha256(evidence.line_bytes(two_runs)[3]).hexdigest(), evidence.text(LATER))
    said = rotation(key.public, key.public, link)
    line = module.envelope.written(json.dumps(said).encode(), [key])
    evidence.write_lines(two_runs, [*evidence.line_bytes(two_runs), line])

    assert evidence.refusal(two_runs, key.public)[:2] == ("rotation", 5)


def test_a_bundle_takes_several_runs_and_keys_in_a_row(folder, key, stranger, tmp_path):
    """What one run showed is known to the next; after a change the new key signs."""
    with opened(folder, key, evidence.START) as bundle:
        for number, unfit in ((1, []), (2, ["foreign_id"])):
            tests = [evidence.passed(check, evidence.probe(1)) for check in evidence.CHECKS]
            value = evidence.report(number, tests)
            bundle.open_run(value["darkhost"])
            closing = bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})
            assert [each.code for each in closing.unfit] == unfit
        bundle.rotate(stranger)
        bundle.open_run(evidence.record(3))

    found = [(each.what, each.line) for each in evidence.verify(folder, stranger.public)]
    assert found == [("run", 2), ("run", 4), ("key", 5), ("abandoned", 6)]


def test_a_new_key_in_the_folder_is_refused(two_runs, key):
    """The folder is handed to an auditor."""
    inside = evidence.signer(two_runs, "new")
    with opened(two_runs, key) as bundle, pytest.raises(EvidenceError, match="lies in the evidence folder"):
        bundle.rotate(inside)

    assert len(evidence.line_bytes(two_runs)) == 4


def test_a_change_to_the_same_key_is_none(two_runs, key):
    """One message, and nothing written."""
    with pytest.raises(EvidenceError, match="the key that the chain has already"):
        rotated(two_runs, key, key)
    assert len(evidence.line_bytes(two_runs)) == 4


def test_no_change_between_opening_and_closing(folder, key, stranger, tmp_path):
    """The run that was open shows as abandoned, and its closing is refused."""
    value = evidence.report(1)
    with opened(folder, key) as bundle:
        bundle.open_run(value["darkhost"])
        bundle.rotate(stranger)
        with pytest.raises(EvidenceError) as refused:
            bundle.close_run(evidence.written(tmp_path, value), cassette_ids={})

    assert refused.value.code == "order"
    assert [each.what for each in evidence.verify(folder, key.public)] == ["abandoned", "key"]


def test_a_temporary_file_has_no_room(tmp_path):
    """A true limit on the size of files, and more answers than fit into memory: one sentence, and no traceback."""
    code = (
        "import resource, signal\n"
        "from pytest_darkhost.errors import EvidenceError\n"
        "from pytest_darkhost.evidence.identities import Identities\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    Identities().meet([str(number) for number in range(200_000)], 1)\n"
        "except EvidenceError as error:\n"
        "    print(error.code, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.startswith("temporary temporary files: ")


def test_no_room_while_a_chain_is_gone_on_with(two_runs, key, monkeypatch):
    """A run does not begin, and nothing is appended."""
    before = evidence.line_bytes(two_runs)
    monkeypatch.setattr(temporary, "_SETTINGS", "PRAGMA max_page_count = 3;")

    with pytest.raises(EvidenceError) as refused:
        Bundle.open(two_runs, key, clock=evidence.Clock(evidence.START + timedelta(hours=1)))

    assert refused.value.code == "temporary"
    assert evidence.line_bytes(two_runs) == before
