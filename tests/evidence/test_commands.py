"""`darkhost verify` and `darkhost key`, as a person meets them."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_darkhost.__main__ import main
from pytest_darkhost.evidence import keys, temporary
from pytest_darkhost.evidence.bundle import Bundle
from pytest_darkhost.evidence.listing import _ROWS
from support import evidence

LATER = evidence.START + timedelta(hours=1)
LONG = "v" * 250
SPECS = [evidence.record(1)["specs"][0] | {"venue": LONG, "name": f"{LONG}.yaml"}]
HOSTILE = "\x1b[2J\x1b]0;owned\x07[bold]\u202e\r\nPASSED\x9b1m\ud800"


def verify(folder, key, *arguments):
    """Run the command; return its exit code."""
    return main(["verify", str(folder), "--key", str(key.path.with_suffix(".pub")), *arguments])


def test_each_run_is_a_row(two_runs, key, capsys):
    """Sequence, time, commit, venue, mode, counts, result; then the head."""
    head = evidence.hashlib.sha256(evidence.line_bytes(two_runs)[3]).hexdigest()

    assert verify(two_runs, key) == 0

    out, err = capsys.readouterr()
    rows = [line.split() for line in out.splitlines()]
    assert " ".join(rows[0]) == "line time commit venue mode planned passed warned failed n/a not run result"
    assert rows[1:3] == [
        ["2", "2026-11-25T12:01:03.000Z", "5f8a1c0e9d7b", "acme", "live", *"330000", "PASSED"],
        ["4", "2026-11-25T12:02:03.000Z", "5f8a1c0e9d7b", "acme", "live", *"330000", "PASSED"],
    ]
    assert out.splitlines()[3:] == [
        "",
        "verified 4 lines: 2 runs, 2 of them evidence; 0 opened and not closed",
        f"key {key.public.keyid} signs from here on",
        f"head {head}",
        "Without --head nothing was compared with a head that was noted elsewhere: lines that were cut off at the end, "
        "and a chain that was begun anew, cannot be seen",
    ]
    assert err == ""


def test_a_trusted_key_that_signed_nothing_is_named(two_runs, key, stranger, capsys):
    """As where a change of keys was cut off, with all that came after it. Both keys have signed such a change."""
    public = str(stranger.path.with_suffix(".pub"))
    told = f"key {stranger.public.keyid} is trusted, and has signed nothing: lines that it signed may have been cut off"

    assert verify(two_runs, key, "--key", public) == 0
    assert told in capsys.readouterr().out.splitlines()
    assert verify(two_runs, key, "--key", public, "--json") == 0
    assert json.loads(capsys.readouterr().out)["silent_keyids"] == [stranger.public.keyid]

    with Bundle.open(two_runs, key, clock=evidence.Clock(LATER)) as bundle:
        bundle.rotate(stranger)
    assert verify(two_runs, key, "--key", public) == 0
    assert "has signed nothing" not in capsys.readouterr().out


def test_heads_that_were_noted_are_looked_for(two_runs, key, capsys):
    """Of any line; how much was appended since is said. One that is nowhere is refused."""
    heads = [evidence.hashlib.sha256(line).hexdigest() for line in evidence.line_bytes(two_runs)]

    assert verify(two_runs, key, "--head", heads[3]) == 0
    assert capsys.readouterr().out.endswith(f"\nnoted {heads[3]}: line 4; no line was appended since\n")
    assert verify(two_runs, key, "--head", heads[2], "--head", heads[1]) == 0
    assert capsys.readouterr().out.endswith(
        f"\nnoted {heads[2]}: line 3; 1 line was appended since\n"
        f"noted {heads[1]}: line 2; 2 lines were appended since\n"
    )
    assert verify(two_runs, key, "--head", heads[3], "--head", "0" * 64, "--json") == 1
    assert json.loads(capsys.readouterr().out)["code"] == "head"
    assert verify(two_runs, key, "--head", heads[1], "--json") == 0
    assert json.loads(capsys.readouterr().out)["heads"] == {heads[1]: 2}


def test_a_worthless_run_is_seen_at_once(folder, key, capsys):
    """All its reasons in its row, what they mean below."""
    spec = evidence.record(1)["specs"][0] | {"base_url": "http://127.0.0.1:{port}", "managed": True}
    vcs = evidence.record(1)["vcs"] | {"dirty": True, "changes": ["a.py"]}
    evidence.add_run(folder, key, evidence.report(1, specs=[spec], vcs=vcs))

    assert verify(folder, key) == 0

    out = capsys.readouterr().out
    assert "NO EVIDENCE: dirty, http, loopback (PASSED)" in out
    assert f"\nline 2, run {evidence.run_id(1)}\n" in out
    assert "  no evidence, dirty: the tree differs from its commit: a.py\n" in out
    assert "  no evidence, loopback: venue_specs/acme.yaml: http://127.0.0.1:{port}\n" in out
    assert "1 run, 0 of them evidence" in out


def test_what_was_not_judged_is_told_with_its_reason(folder, key, capsys):
    """Declared, not judged, not ended, not run."""
    interrupted = evidence.passed("identity", evidence.probe(1))
    del interrupted["teardown"]
    tests = [evidence.skipped("availability", "not_applicable", "no tools"), interrupted]
    tests.append(evidence.skipped("json_schema", "cost_cap", "the cap is spent"))
    ids = [evidence.node_id(check) for check in (*evidence.CHECKS, "ttft")]
    evidence.add_run(folder, key, evidence.report(1, tests, plan=evidence.plan(ids)))

    assert verify(folder, key) == 0

    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  not judged")]
    assert told == [
        f"  not judged, not_applicable: {evidence.node_id('availability')}: no tools",
        f"  not judged, not_ended: {evidence.node_id('identity')}: not judged at once, or not to its end",
        f"  not judged, cost_cap: {evidence.node_id('json_schema')}: the cap is spent",
        f"  not judged, not_run: {evidence.node_id('ttft')}: planned, and not run",
    ]


def test_what_is_no_run_has_a_row_too(two_runs, key, stranger, capsys):
    """A run that was opened and not closed, and a change of keys."""
    with Bundle.open(two_runs, key, clock=evidence.Clock(LATER)) as bundle:
        bundle.open_run(evidence.record(3, at=LATER))
        bundle.rotate(stranger)

    assert verify(two_runs, key) == 0

    out = capsys.readouterr().out
    assert "NO EVIDENCE: opened, not closed" in out
    assert f"key changed to {stranger.public.keyid[:12]}" in out
    assert "2 runs, 2 of them evidence; 1 opened and not closed" in out


def test_json_has_the_same(two_runs, key, capsys):
    """One object; each run with its counts, its reasons and what it did not judge."""
    tests = [evidence.skipped("availability", "cost_cap", "spent")]
    evidence.add_run(two_runs, key, evidence.report(3, tests, at=LATER, vcs=None))
    head = evidence.hashlib.sha256(evidence.line_bytes(two_runs)[5]).hexdigest()

    assert verify(two_runs, key, "--json") == 0

    said = json.loads(capsys.readouterr().out)
    assert {name: said[name] for name in said if name != "entries"} == {
        "verified": True,
        "head": head,
        "heads": {},
        "lines": 6,
        "keyid": key.public.keyid,
        "silent_keyids": [],
        "counts": {"run": 3, "evidence": 2, "abandoned": 0, "key": 0},
        "others": [],
    }
    assert [each["line"] for each in said["entries"]] == [2, 4, 6]
    assert said["entries"][2] == {
        "what": "run",
        "line": 6,
        "time": "2026-11-25T13:00:03.000Z",
        "run_id": evidence.run_id(3),
        "commit": "",
        "venues": ["acme"],
        "modes": [],
        "result": "WARNED",
        "counts": {"planned": 3, "passed": 0, "warned": 1, "failed": 0, "not_applicable": 0, "not_run": 2},
        "unfit": [{"code": "no_vcs", "what": "no commit is known"}],
        "not_judged": [
            {"node_id": evidence.node_id("availability"), "code": "cost_cap", "why": "spent"},
            {"node_id": evidence.node_id("identity"), "code": "not_run", "why": "planned, and not run"},
            {"node_id": evidence.node_id("json_schema"), "code": "not_run", "why": "planned, and not run"},
        ],
        "report": f"0006-{evidence.run_id(3)}.json",
        "operator": "ada",
    }


@pytest.mark.parametrize("as_json", [False, True])
def test_a_refusal_names_line_and_claim(two_runs, key, capsys, as_json):
    """Exit 1, and none of the rows: nobody reads PASSED above a refusal."""
    report = two_runs / "reports" / f"0004-{evidence.run_id(2)}.json"
    report.write_bytes(report.read_bytes() + b" ")
    message = (
        f"{two_runs}/bundle.intoto.jsonl:4: reports/{report.name} is not the report that was signed, expected its bytes"
    )

    assert verify(two_runs, key, *(["--json"] if as_json else [])) == 1

    out, err = capsys.readouterr()
    assert err == f"REFUSED {message}\n"
    if as_json:
        assert json.loads(out) == {"verified": False, "code": "subject", "line": 4, "message": message}
    else:
        assert out == ""


def test_usage(two_runs, key, tmp_path, capsys):
    """Exit 2 and one line for what the person typed: no folder, no key, a private one, no digest."""
    (tmp_path / "empty").mkdir()
    public = str(key.path.with_suffix(".pub"))
    cases = {
        ("none", "--key", public): "none: no directory, expected an evidence folder, which holds bundle.intoto.jsonl",
        (
            str(two_runs),
            "--key",
            "none.pub",
        ): "none.pub: cannot be read (No such file or directory), expected a key file",
        (
            str(two_runs),
            "--key",
            str(key.path),
        ): f"{key.path}: a private key, expected the public one, such as darkhost.pub. Keep this file to yourself",
        (
            str(two_runs),
            "--key",
            public,
            "--head",
            "latest",
        ): "--head 'latest': no SHA-256, expected 64 hexadecimal digits in lower case",
    }
    for arguments, message in cases.items():
        assert main(["verify", *arguments]) == 2
        assert capsys.readouterr() == ("", f"{message}\n")
    assert main(["verify", str(tmp_path / "empty"), "--key", public]) == 1
    assert "holds no bundle.intoto.jsonl" in capsys.readouterr().err
    with pytest.raises(SystemExit) as usage:
        main(["verify", str(two_runs)])
    assert usage.value.code == 2


def test_a_key_that_came_with_the_folder_is_none(two_runs, key, capsys):
    """Whoever makes a folder makes a key for it; a link out of it leads to one that may be another's."""
    public = two_runs / "darkhost.pub"
    shutil.copy(key.path.with_suffix(".pub"), public)

    assert main(["verify", str(two_runs), "--key", str(two_runs / ".." / two_runs.name / public.name)]) == 2
    assert capsys.readouterr().err.endswith(
        "darkhost.pub: lies in the evidence folder, expected a key that you were given another way: "
        "whoever makes a folder can put a key into it\n"
    )
    assert verify(two_runs, key) == 0


def test_what_lies_beside_the_bundle_is_told(two_runs, key, capsys):
    """Nobody takes for verified what no line speaks of, such as a better report under such a name."""
    for name in ("0002-better.json", "REPORTS", "\u202ePASSED", "z"):
        (two_runs / name).write_text("{}")

    assert verify(two_runs, key) == 0

    out = capsys.readouterr().out
    told = "not looked at, for no line speaks of it: 0002-better.json, REPORTS, z and 1 more"
    assert told in out.splitlines()
    assert verify(two_runs, key, "--json") == 0
    assert json.loads(capsys.readouterr().out)["others"] == ["0002-better.json", "REPORTS", "z", "\u202ePASSED"]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_folder_that_cannot_be_read_is_refused(two_runs, key, capsys, monkeypatch, as_json):
    """In words, and as JSON where it was asked for: no rights, a disk that is broken."""

    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pytest_darkhost.evidence.folder.os.scandir", denied)

    assert verify(two_runs, key, *(["--json"] if as_json else [])) == 1

    out, err = capsys.readouterr()
    message = f"{two_runs}: cannot be read (Permission denied), expected a folder that can"
    assert err == f"REFUSED {message}\n"
    assert json.loads(out)["message"] == message if as_json else out == ""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            MemoryError(),
            "NOT VERIFIED memory: none is left, expected room for the largest report. Verify on a larger machine\n",
        ),
        (KeyboardInterrupt(), "interrupted, and nothing is said of the folder\n"),
    ],
    ids=["memory", "Ctrl-C"],
)
def test_what_ends_the_verifier_is_no_refusal(two_runs, key, capsys, monkeypatch, error, expected):
    """It says nothing of the folder."""

    def ended(*_):
        raise error

    monkeypatch.setattr("pytest_darkhost.evidence.claims.judge", ended)

    assert verify(two_runs, key) == 2
    assert capsys.readouterr() == ("", expected)


def test_an_output_that_nobody_reads_is_no_refusal(two_runs, key):
    """As in `darkhost verify … | head`: neither a traceback nor the exit code of a bundle that is refused."""
    command = [sys.executable, "-m", "pytest_darkhost", "verify", two_runs, "--key", key.path.with_suffix(".pub")]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (2, "")


def hostile_report():
    """Return a report in which every text that is shown is an attack on the terminal."""
    attack = HOSTILE[:-1].replace("\n", "")  # a plan with line breaks is refused
    ids = [f"{evidence.node_id(check)}{attack}" for check in ("availability", "identity", "json_schema")]
    skipped = evidence.skipped("availability", HOSTILE, HOSTILE) | {"nodeid": ids[0]}
    dirty = {"vcs.ref.head.revision": HOSTILE, "dirty": True, "changes": [HOSTILE]}
    mocked = evidence.passed("identity", evidence.probe(1, mode=HOSTILE, probe=HOSTILE), mode=HOSTILE) | {
        "nodeid": ids[1]
    }
    return evidence.report(
        1,
        [skipped, mocked],
        plan=evidence.plan(ids),
        vcs=dirty,
        operator={"id": HOSTILE},
        interrupted=HOSTILE,
        specs=[evidence.record(1)["specs"][0] | {"name": HOSTILE, "base_url": HOSTILE}],
    )


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["table", "json"])
def test_a_hostile_report_does_not_reach_the_terminal(folder, key, capsys, arguments):
    """No control character, no markup, no line that a report could add."""
    evidence.add_run(folder, key, hostile_report())

    assert verify(folder, key, *arguments) == 0

    out = capsys.readouterr().out
    assert "owned" in out
    assert [each for each in out if each != "\n" and not each.isprintable()] == []
    assert [line for line in out.splitlines() if line.startswith("PASSED")] == []
    if not arguments:
        assert "[bold]" in out


def test_a_long_name_does_not_push_the_result_off_the_table(folder, key, capsys):
    """However wide the cells before it."""
    evidence.add_run(folder, key, evidence.report(1, specs=SPECS, venues=[LONG], vcs={"dirty": True}))

    assert verify(folder, key) == 0

    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("2 "))
    assert row.rstrip().endswith("NO EVIDENCE: no_vcs, mocked, impossible (PASSED)")


def test_a_mode_that_is_none_is_not_shown(folder, key, capsys):
    """It could look like the columns beside it, with blanks that are none."""
    test = evidence.passed("availability", evidence.probe(1), mode="live\u28003\u28003\u2800PASSED")
    evidence.add_run(
        folder, key, evidence.report(1, [test, evidence.skipped("identity", "cost_cap", "a\u3164\U0001d159b")])
    )

    assert verify(folder, key) == 0

    out = capsys.readouterr().out
    assert out.splitlines()[1].split()[4:7] == ["unknown", "3", "1"]
    assert "a\\u3164\\U0001d159b" in out


def test_why_a_run_is_no_evidence_is_told_in_our_words(folder, key, capsys):
    """The signer cannot make light of what the verifier finds itself."""
    vcs = evidence.record(1)["vcs"] | {"dirty": True, "changes": ["checks.py"]}
    evidence.add_run(folder, key, evidence.report(1, vcs=vcs), cassettes={"chatcmpl-1-1": evidence.run_id(9)})
    said = evidence.statements(folder)
    for reason in said[1]["predicate"]["darkhost"]["unfit"]:
        reason["what"] = f"{reason['code']}, and nobody minds"
    evidence.sign_again(folder, key, said)

    assert verify(folder, key) == 0

    out = capsys.readouterr().out
    assert "  no evidence, dirty: the tree differs from its commit: checks.py\n" in out
    assert "  no evidence, foreign_id: foreign_id, and nobody minds\n" in out  # of which only the signer can know


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_output_that_has_not_every_letter(folder, key, encoding):
    """A CI log, a pipe: what it cannot hold is escaped, for what is verified must not look refused."""
    evidence.add_run(folder, key, evidence.report(1, [evidence.skipped("availability", "cost_cap", "日本")]))
    command = [sys.executable, "-m", "pytest_darkhost", "verify", folder, "--key", key.path.with_suffix(".pub")]

    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u65e5\\u672c" in done.stdout


def test_a_hostile_bundle_does_not_reach_the_terminal(two_runs, key, capsys):
    """Refusals quote a stranger's bytes too."""
    said = evidence.statements(two_runs)
    places = ("predicateType", "_type")
    for name in places:
        evidence.sign_again(two_runs, key, [said[0] | {name: HOSTILE}, *said[1:]])
        assert verify(two_runs, key) == 1
    said[1]["predicate"]["darkhost"] |= {"time": HOSTILE}
    evidence.sign_again(two_runs, key, said)
    assert verify(two_runs, key) == 1
    (two_runs / "reports" / HOSTILE[:-1].replace("/", "")).write_text("")
    evidence.sign_again(two_runs, key, evidence.statements(two_runs)[:1])
    assert verify(two_runs, key) == 1

    err = capsys.readouterr().err
    assert err.count("REFUSED") == len(err.splitlines()) == 4
    assert [each for each in err if each != "\n" and not each.isprintable()] == []


def test_a_long_bundle_is_one_table(folder, key, capsys):
    """Laid out piece by piece, with one header and columns that stay."""
    evidence.add_run(folder, key, evidence.report(1))
    with Bundle.open(folder, key, clock=evidence.Clock(LATER)) as bundle:
        for number in range(2, _ROWS + 10):
            bundle.open_run(evidence.record(number, at=LATER))

    assert verify(folder, key) == 0

    table = capsys.readouterr().out.split("\n\n")[0].splitlines()
    assert len(table) == 1 + 1 + _ROWS + 8
    assert len({line.index("acme") for line in table[1:]}) == 1
    assert sum(line.startswith("line") for line in table) == 1


def test_a_key_is_made_and_used(tmp_path, capsys, monkeypatch):
    """The default names, the passphrase of the variable, and a refusal to overwrite."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DARKHOST_KEY_PASSPHRASE", "correct horse")

    assert main(["key", "new"]) == 0
    out = capsys.readouterr().out
    public = keys.load_public(tmp_path / "darkhost.pub")
    assert out == (
        "darkhost.pem: the private key, protected by the passphrase. Keep it where only the runs that sign "
        "can read it\n"
        f"darkhost.pub: the public key {public.keyid}. Give it to the auditor, not in the evidence folder\n"
    )
    assert keys.load_signer(tmp_path / "darkhost.pem", "correct horse").public.keyid == public.keyid
    assert main(["key", "new"]) == 1
    assert "exists already" in capsys.readouterr().err
    monkeypatch.delenv("DARKHOST_KEY_PASSPHRASE")
    assert main(["key", "new", "open.pem"]) == 0
    assert "not protected: $DARKHOST_KEY_PASSPHRASE is not set" in capsys.readouterr().out


def test_a_key_is_changed(two_runs, key, stranger, tmp_path, capsys):
    """The chain records it, and goes on with the new one."""
    command = ["key", "rotate", str(two_runs), "--key", str(key.path), "--new"]

    assert main([*command, str(stranger.path)]) == 0
    out = capsys.readouterr().out
    head = evidence.hashlib.sha256(evidence.line_bytes(two_runs)[4]).hexdigest()
    assert out == f"{two_runs}: signed by {stranger.public.keyid} from now on\nhead {head}\n"
    assert verify(two_runs, key, "--head", head) == 0
    assert main([*command, str(stranger.path)]) == 1
    assert main(["key", "rotate", str(tmp_path / "none"), "--key", str(key.path), "--new", str(stranger.path)]) == 2


def test_a_new_key_in_the_folder_is_refused(two_runs, key, capsys):
    """It would be handed to the auditor. Nothing is appended."""
    lines = evidence.line_bytes(two_runs)
    inside = evidence.signer(two_runs, "new")

    assert main(["key", "rotate", str(two_runs), "--key", str(key.path), "--new", str(inside.path)]) == 1

    assert capsys.readouterr().err == (
        f"{inside.path}: lies in the evidence folder, expected a place that nobody hands to an auditor\n"
    )
    assert evidence.line_bytes(two_runs) == lines


def test_each_key_has_its_own_passphrase(two_runs, key, tmp_path, monkeypatch):
    """The new one may have another."""
    keys.write_new(tmp_path / "new.pem", "another")
    monkeypatch.setenv("DARKHOST_KEY_PASSPHRASE", "first")
    command = ["key", "rotate", str(two_runs), "--key", str(key.path), "--new", str(tmp_path / "new.pem")]

    assert main(command) == 2
    monkeypatch.setenv("DARKHOST_NEW_KEY_PASSPHRASE", "another")
    assert main(command) == 0


def test_the_verifier_needs_nothing_of_a_test_suite(two_runs, key, tmp_path):
    """Another directory, no settings, no network, and neither pytest nor a database among what it imports."""
    public = tmp_path / "auditor" / "darkhost.pub"
    public.parent.mkdir()
    shutil.copy(key.path.with_suffix(".pub"), public)
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('a socket')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from pytest_darkhost.__main__ import main\n"
        f"code = main(['verify', {str(two_runs)!r}, '--key', {str(public)!r}])\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'pytest', '_pytest', 'httpx', 'vcr', 'sqlalchemy', 'alembic', 'pydantic'}\n"
        "sys.exit(code or sorted(names & heavy) or 0)"
    )
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH"}}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=public.parent, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "2 runs, 2 of them evidence" in done.stdout


def test_a_folder_that_cannot_be_written_is_verified(two_runs, key, tmp_path):
    """An auditor may hold it on a medium that is read-only: nothing is written, not even a lock."""
    (two_runs / ".lock").unlink()
    before = sorted(path.name for path in two_runs.rglob("*"))
    two_runs.chmod(0o555)
    try:
        assert verify(two_runs, key) == 0
    finally:
        two_runs.chmod(0o755)

    assert sorted(path.name for path in two_runs.rglob("*")) == before


@pytest.mark.parametrize("as_json", [False, True])
def test_no_room_for_temporary_files_is_no_refusal(two_runs, key, capsys, monkeypatch, as_json):
    """Nothing is said of the bundle: neither that it is verified nor that it is amiss."""
    monkeypatch.setattr(temporary, "_SETTINGS", "PRAGMA max_page_count = 3;")

    assert verify(two_runs, key, *(["--json"] if as_json else [])) == 2

    out, err = capsys.readouterr()
    assert err == (
        "NOT VERIFIED temporary files: database or disk is full, expected room for what is told apart and shown, "
        "some 100 bytes an answer. Name a place that has it in $SQLITE_TMPDIR or $TMPDIR\n"
    )
    assert json.loads(out)["code"] == "temporary" if as_json else out == ""


def test_a_full_disk_under_the_table_is_no_refusal(two_runs, key):
    """What is piped into a file on it: the exit code is neither that of a verified bundle nor that of a refused one."""
    if not Path("/dev/full").exists():
        pytest.skip("no device that is full")
    command = [sys.executable, "-m", "pytest_darkhost", "verify", two_runs, "--key", key.path.with_suffix(".pub")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        2,
        "the output: cannot be written (No space left on device), expected room for it. "
        "The folder was verified, and nothing of it refused\n",
    )
