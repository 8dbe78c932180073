"""Evidence of live runs: opened before the first call, closed with the report, refused where it would prove nothing."""

import base64
import json
import shlex
from dataclasses import replace

import pytest

from support.faults import Fault
from support.keys import KEY
from support.proving import LIVE, NO_BUDGET
from support.repository import git

FEW = ("-k", "usage or chat_shape")


def test_a_run_is_opened_closed_and_verified(prover, capsys):
    """Two lines, a copy of the report byte for byte, the head on the terminal, and an auditor who finds it right."""
    result = prover.record()

    assert result.ret == 0
    assert prover.kinds == ["run-opened-v1", "run-record-v1"]
    copy = next((prover.folder / "reports").iterdir())
    assert copy.read_bytes() == (prover.path / ".darkhost/report.json").read_bytes()
    assert prover.codes == ["http", "loopback", "no_catalog", "tls", "private_address"]
    head = next(line.split()[1] for line in result.outlines if line.startswith("head: "))
    assert prover.verify("--head", head) == 0
    opened = prover.lines[0][1]
    assert opened["vcs"]["vcs.ref.head.revision"] == git(prover.path, "rev-parse", "HEAD").strip()
    assert opened["venues"] == ["acme"]
    assert prover.last["darkhost"]["plan"]["count"] == 19
    assert prover.last["result"] == "PASSED"
    capsys.readouterr()


def test_what_verifies_can_be_typed_as_it_is_told(prover):
    """Blanks in a path are quoted."""
    prover.folder = prover.path / "evi dénce"
    result = prover.project.run(
        *LIVE,
        *FEW,
        f"--darkhost-evidence={prover.folder}",
        f"--darkhost-key={prover.key}",
        "--darkhost-evidence-record",
    )

    told = next(line for line in result.outlines if "Verify with: " in line)
    assert shlex.split(told.partition("Verify with: ")[2])[:3] == ["darkhost", "verify", "evi dénce"]


def test_the_opening_is_there_before_the_first_call(prover):
    """A run that is killed while it sends shows as abandoned, and left a report that says so."""
    prover.project.pytester.makeconftest(
        """
        import os, pathlib

        def pytest_runtest_teardown(item):
            if "chat_shape" in item.name:
                os.kill(os.getpid(), 9)
        """
    )
    prover.commit()

    result = prover.project.run_apart(*LIVE, *prover.options, "--darkhost-evidence-record")

    assert result.ret == -9
    assert prover.kinds == ["run-opened-v1"]
    left = prover.project.report["darkhost"]
    assert left["truncated"] is True
    assert left["run_id"] == prover.last["runId"]
    assert not (prover.folder / "reports").exists() or not list((prover.folder / "reports").iterdir())
    journal = [json.loads(line) for line in (prover.path / ".darkhost" / left["journal"]).read_text().splitlines()]
    assert journal[0]["run_id"] == left["run_id"]
    assert {"setup": "passed", "call": "passed", "teardown": "passed"} in [line.get("stages") for line in journal]
    assert [line["darkhost"]["verdict"] for line in journal[1:]] == ["passed"] * (len(journal) - 1)

    (prover.path / "conftest.py").unlink()
    prover.commit()
    assert prover.record().ret == 0
    assert prover.kinds == ["run-opened-v1", "run-opened-v1", "run-record-v1"]
    assert prover.verify() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--venue=acme", "--darkhost-evidence=evidence", "-m", "parity"),
            "--darkhost-evidence: no live items selected",
        ),
        ((*LIVE, "--darkhost-evidence=evidence"), "--darkhost-key: no key named"),
        ((*LIVE, "--darkhost-evidence="), "--darkhost-evidence: the name is empty"),
        ((*LIVE, "--darkhost-evidence=evidence", "--darkhost-plan"), "--darkhost-plan sends nothing"),
        ((*LIVE, "--darkhost-key=key.pem"), "--darkhost-key: no folder named"),
        ((*LIVE, "--darkhost-evidence-record"), "--darkhost-evidence-record: no folder named"),
        ((*LIVE, "--darkhost-evidence=evidence", "--darkhost-key=none.pem"), "none.pem: cannot be read"),
        ((*LIVE, "--darkhost-evidence=.", "--darkhost-key=none.pem"), "holds the project itself"),
        ((*LIVE, "--darkhost-evidence=evidence", "--json-report-file=none"), "there would be nothing to sign"),
    ],
)
def test_options_that_prove_nothing_are_usage_errors(prover, options, said):
    """Exit 4, one line each, nothing sent and nothing written."""
    result = prover.project.run(*options)

    assert result.ret == 4
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    assert not prover.folder.exists()


def test_a_run_that_would_prove_nothing_is_refused_with_all_reasons(prover):
    """Before the first call, and with the earlier report still there."""
    assert prover.project.run(*LIVE, *FEW).ret == 0
    earlier = prover.project.report["darkhost"]["run_id"]
    (prover.path / "conftest.py").write_text("")
    asked = len(prover.project._servers[0].log)

    result = prover.prove()

    assert result.ret == 4
    told = [line for line in result.errlines if "--darkhost-evidence: " in line]
    assert [line.split(": ")[2] for line in told[:-1]] == ["dirty", "http", "loopback", "no_catalog"]
    assert "conftest.py" in told[0]
    assert "--darkhost-evidence-record" in told[-1]
    assert len(prover.project._servers[0].log) == asked
    assert not prover.folder.exists()
    assert prover.project.report["darkhost"]["run_id"] == earlier


def test_without_the_extra_one_line_says_what_to_install(prover, monkeypatch):
    """The libraries that sign are optional."""
    import builtins

    original = builtins.__import__

    def without(name, *arguments, **options):
        if name.partition(".")[0] == "securesystemslib":
            raise ImportError(name=name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)

    result = prover.record()

    assert result.ret == 4
    assert "pip install 'pytest-darkhost[evidence]'" in result.stderr.str()


def test_nothing_of_it_is_imported_where_it_is_not_asked_for(prover):
    """A live run without the option starts as fast as before."""
    prover.project.pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure():
            names = {"securesystemslib", "cryptography", "pytest_darkhost.evidence"}
            print("imported:", sorted(names & sys.modules.keys()))
        """
    )

    result = prover.project.run_apart(*LIVE, *FEW)

    assert result.ret == 0
    assert "imported: []" in result.stdout.str()


def test_a_dead_venue_gives_a_failed_record(prover):
    """It is a finding, and no reason to refuse: nothing is said of connections that never were."""
    prover.project.close()

    result = prover.record()

    assert result.ret == 1
    assert prover.last["result"] == "FAILED"
    assert len(prover.last["failedTests"]) > 10
    assert prover.codes == ["http", "loopback", "no_catalog"]
    assert prover.verify() == 0


def test_a_failing_venue_is_closed_too(prover):
    """What the venue answers wrongly is in the list of failed tests."""
    prover.project.close()
    prover.project.venue(fault=Fault.WRONG_USAGE_SUM)
    prover.commit()

    assert prover.record().ret == 1
    assert prover.last["result"] == "FAILED"
    assert any(nodeid.endswith("::usage[live]") for nodeid in prover.last["failedTests"])


@pytest.mark.parametrize(
    "narrow",
    [
        ("-k", "chat_shape"),
        ("venue_specs/acme.yaml::model_listed[live]",),
        ("--deselect", "venue_specs/acme.yaml::model_listed[live]"),
        ("--darkhost-quick",),
    ],
    ids=["-k", "an id", "--deselect", "--darkhost-quick"],
)
def test_a_narrowed_run_is_a_warning(prover, narrow):
    """What was planned and not run is named."""
    prover.record(*narrow)

    assert prover.last["result"] == "WARNED"
    assert prover.last["darkhost"]["notRun"]
    assert prover.last["darkhost"]["plan"]["count"] == 19
    assert "interrupted" not in prover.codes
    assert prover.verify() == 0


def test_stopping_at_the_first_failure_is_a_failure_and_no_interruption(prover):
    """`-x` leaves tests out; what failed counts."""
    prover.project.close()
    prover.project.venue(fault=Fault.WRONG_USAGE_SUM)
    prover.commit()

    assert prover.record("-x").ret == 1
    assert (prover.last["result"], "interrupted" in prover.codes) == ("FAILED", False)
    assert prover.last["darkhost"]["notRun"]


@pytest.mark.parametrize(
    "ending", ["raise KeyboardInterrupt", "pytest.exit('enough')", "session.shouldstop = 'enough'"]
)
def test_an_interrupted_run_is_a_record(prover, ending):
    """The test that was cut off has not passed, in the report too."""
    prover.project.pytester.makeconftest(
        f"""
        import pytest

        def pytest_runtest_call(item):
            session = item.session
            if "chat_shape" in item.name:
                {ending}
        """
    )
    prover.commit()

    # Ctrl-C inside this process would end pytester's own run too.
    run = prover.project.run_apart if "KeyboardInterrupt" in ending else prover.project.run

    result = run(*LIVE, *prover.options, "--darkhost-evidence-record")

    assert result.ret == 2
    assert "interrupted" in prover.codes
    assert prover.project.report["darkhost"]["interrupted"]
    outcomes = {test["nodeid"].rpartition("::")[2]: test["outcome"] for test in prover.project.report["tests"]}
    assert outcomes["chat_shape[live]"] == ("passed" if "shouldstop" in ending else "interrupted")
    assert prover.verify() == 0


def test_a_test_that_was_run_again_is_no_proof(prover):
    """A composed rerun, reported as pytest-rerunfailures does."""
    prover.project.pytester.makeconftest(
        """
        import pytest
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            if "chat_shape" not in item.name:
                return None
            for attempt in ("rerun", "passed"):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    if attempt == "rerun" and report.when == "call":
                        report.outcome = "rerun"
                    item.ihook.pytest_runtest_logreport(report=report)
            return True

        def pytest_report_teststatus(report):
            return ("rerun", "R", "RERUN") if report.outcome == "rerun" else None
        """
    )
    prover.commit()

    prover.record()

    again = prover.project.report["darkhost"]["reruns"]
    assert [nodeid.rpartition("::")[2] for nodeid in again] == ["chat_shape[live]"]
    assert "rerun" in prover.codes
    assert again[0] in prover.last["warnedTests"]


def test_tests_outside_of_the_plan_do_not_lower_the_result(prover):
    """A failing test of the team's own, which reads nothing live, is in the report and in no list."""
    prover.project.pytester.makepyfile(
        "import pytest\n\n@pytest.mark.live\ndef test_own():\n    pytest.skip('today')\n"
    )
    prover.commit()

    result = prover.record()

    assert result.parseoutcomes()["skipped"] >= 1
    assert prover.last["result"] == "PASSED"


def test_replayed_tests_in_the_same_run_do_not_lower_the_result(prover):
    """They lie outside of the plan; that an answer is on a cassette is said of live answers alone."""
    assert prover.project.run(*LIVE, "--darkhost-record").ret == 0
    for _ in range(30):  # the stand-in gives ids by number: none of the recorded ones comes again
        prover.project._servers[0]._log.append(prover.project._servers[0].log[0])
    prover.commit()

    result = prover.project.run("-m", "live or replay", "--venue=acme", *prover.options, "--darkhost-evidence-record")

    assert result.parseoutcomes()["passed"] > 20
    assert prover.last["result"] == "PASSED"
    assert not {"foreign_id", "replayed"} & set(prover.codes)
    assert prover.verify() == 0


def test_the_failed_tests_of_the_last_run_alone_are_a_narrowed_run(prover):
    """`--lf` leaves the rest of the plan out."""
    prover.project.close()
    server = prover.project.venue(fault=Fault.WRONG_USAGE_SUM, spec=NO_BUDGET)
    prover.commit()
    run = prover.project.pytester.runpytest_inprocess
    wanted = (*LIVE, *prover.options, "--darkhost-evidence-record")
    assert run(*wanted).ret == 1
    server.play = replace(server.play, fault=None)
    assert run(*wanted, "--lf").ret == 0

    assert prover.last["result"] == "WARNED"
    assert len(prover.last["passedTests"]) < 5
    assert "dirty" not in prover.codes


def test_one_folder_takes_venue_after_venue_without_a_commit_between(prover):
    """Evidence and reports are outputs: they make no tree dirty."""
    for name in ("other", "third"):
        prover.project.venue(name)
    prover.commit()

    for name in ("acme", "other", "third"):
        result = prover.project.run(
            "-m",
            "live",
            f"--venue={name}",
            *prover.options,
            "--darkhost-evidence-record",
            "--darkhost-record",
            "-p",
            "no:cacheprovider",
        )
        assert result.ret == 0, result.stdout.str()

    assert prover.kinds == ["run-opened-v1", "run-record-v1"] * 3
    assert "dirty" not in prover.codes
    assert [predicate["darkhost"]["sequence"] for _, predicate in prover.lines] == [1, 2, 3, 4, 5, 6]
    assert prover.verify() == 0


def test_workers_give_one_report_and_say_where_they_were(prover):
    """One opening, one closing, the same plan as in one process, a vantage point for each worker."""
    prover.project.venue("other", spec=NO_BUDGET)
    prover.commit()

    result = prover.project.run(
        "-m", "live", "--venue=acme,other", *prover.options, "--darkhost-evidence-record", "-n", "2"
    )

    assert result.ret == 0
    assert prover.kinds == ["run-opened-v1", "run-record-v1"]
    assert prover.last["darkhost"]["plan"]["count"] == 38
    assert prover.last["result"] == "PASSED"
    vantage = prover.project.report["darkhost"]["vantage"]
    assert sorted(each["worker"] for each in vantage) == ["gw0", "gw1"]
    assert {each["address"] for each in vantage} == {"127.0.0.1"}
    assert prover.verify() == 0


def test_a_second_run_at_once_is_refused_before_it_sends(prover):
    """Who holds the folder is named."""
    from pytest_darkhost.evidence.bundle import Bundle
    from pytest_darkhost.evidence.keys import load_signer

    with Bundle.open(prover.folder, load_signer(prover.key, None)):
        result = prover.record()

    assert result.ret == 4
    assert "held by process" in result.stderr.str()
    assert prover.record(*FEW).ret == 0


def test_a_broken_chain_is_refused_before_it_sends(prover):
    """Nothing is appended to what does not verify."""
    assert prover.record(*FEW).ret == 0
    bundle = prover.folder / "bundle.intoto.jsonl"
    bundle.write_bytes(bundle.read_bytes().replace(b'"sig": "', b'"sig": "A', 1).replace(b'"sig":"', b'"sig":"A', 1))
    before, asked = bundle.read_bytes(), len(prover.project._servers[0].log)

    result = prover.record()

    assert result.ret == 4
    assert "bundle.intoto.jsonl" in result.stderr.str()
    assert (bundle.read_bytes(), len(prover.project._servers[0].log)) == (before, asked)


def test_a_closing_that_cannot_be_written_fails_the_run(prover):
    """One line says what became of it, and the run shows as abandoned."""
    prover.project.pytester.makeconftest(
        """
        import pathlib

        def pytest_sessionfinish():
            pathlib.Path("evidence/reports").rmdir()
            pathlib.Path("evidence/reports").write_text("in the way")
        """
    )
    prover.commit()

    result = prover.record(*FEW)

    assert result.ret == 1
    assert prover.kinds == ["run-opened-v1"]
    assert [line for line in result.outlines if line.startswith("no evidence: ") and "abandoned" in line]
    assert "INTERNALERROR" not in result.stdout.str()


def test_a_report_that_holds_a_key_is_not_signed(prover):
    """A hook of somebody else's that puts a key into the report, after everybody has cleaned it."""
    prover.project.pytester.makeconftest(
        f"""
        import glob, pathlib, pytest

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish():
            for name in glob.glob(".darkhost/report.json.*"):
                if not name.endswith("journal"):
                    path = pathlib.Path(name)
                    path.write_text(path.read_text().replace('"tests"', '"leak": "{KEY}", "tests"'))
        """
    )
    prover.commit()

    result = prover.record(*FEW)

    assert result.ret == 1
    assert prover.kinds == ["run-opened-v1"]
    assert "holds a key" in result.stdout.str()
    assert KEY not in result.stdout.str()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_the_key_of_the_venue_is_in_no_file_of_the_folder(prover, workers):
    """Nor is a known part of it, whatever the venue echoes."""
    prover.project.close()
    prover.project.venue(fault=Fault.KEY_ECHOED)
    prover.commit()

    prover.record(*workers)

    files = [path for path in prover.folder.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert not [path for path in files if KEY[10:24].encode() in path.read_bytes()]
    bundle = (prover.folder / "bundle.intoto.jsonl").read_text().splitlines()
    assert not [line for line in bundle if KEY[10:24].encode() in base64.b64decode(json.loads(line)["payload"])]


def test_a_dirty_tree_is_recorded_as_one(prover):
    """The paths are in the report, judged once, at the start."""
    (prover.path / "new.py").write_text("")

    prover.record(*FEW)

    assert "dirty" in prover.codes
    assert prover.project.report["darkhost"]["vcs"]["changes"] == ["new.py"]


def test_a_conftest_that_only_the_collection_loads_is_looked_at(prover):
    """Though git ignores it."""
    (prover.path / ".gitignore").write_text("venue_specs/conftest.py\n")
    (prover.path / "venue_specs/conftest.py").write_text("")
    prover.commit()

    prover.record(*FEW, "venue_specs/acme.yaml")

    run = prover.project.report["darkhost"]
    assert "venue_specs/conftest.py" in [each["name"] for each in run["configuration"]]
    assert run["vcs"]["changes"] == ["venue_specs/conftest.py"]
    assert "dirty" in prover.codes


def test_ini_values_stand_for_the_options_and_are_relative_to_their_file(prover):
    """A plain run, a plan and a listing are not concerned."""
    prover.project.ini(
        "darkhost_evidence = evidence", f"darkhost_key = {prover.key}", "darkhost_evidence_record = true"
    )
    prover.commit()

    assert prover.project.run(*LIVE, *FEW).ret == 0
    assert prover.kinds == ["run-opened-v1", "run-record-v1"]
    prover.project.run(*LIVE, "--darkhost-plan")
    prover.project.run(*LIVE, "--collect-only")
    prover.project.run("-m", "parity")
    assert len(prover.lines) == 2


def test_an_answer_that_is_on_a_cassette_of_another_run_is_foreign(prover):
    """A venue that gives the ids of a recording again, as the stand-in does from its start, answered nothing anew."""
    assert prover.project.run(*LIVE, "--darkhost-record").ret == 0
    prover.project.close()
    prover.project.venue()
    prover.commit()

    prover.record()

    assert "foreign_id" in prover.codes
    reason = next(each for each in prover.last["darkhost"]["unfit"] if each["code"] == "foreign_id")
    assert "is on a cassette of run" in reason["what"]


def test_what_a_run_records_itself_is_its_own(prover):
    """The cassettes of this very run hold the same answers, and that is as it must be."""
    assert prover.record("--darkhost-record").ret == 0

    assert (prover.path / "cassettes/acme").is_dir()
    assert "foreign_id" not in prover.codes


def test_a_cassette_that_cannot_be_read_is_refused(prover):
    """It might hold the very answers that are going to be shown."""
    (prover.path / "cassettes/acme").mkdir(parents=True)
    (prover.path / "cassettes/acme/plain-1-acme.yaml").write_text("{")

    result = prover.record()

    assert result.ret == 4
    assert "plain-1-acme.yaml" in result.stderr.str()
    assert prover.kinds == []


def test_no_output_shows_a_key(prover, capsys):
    """Neither the venue's nor the one that signs: terminal, report, cassettes, folder, what verifies it."""
    prover.project.close()
    prover.project.venue(fault=Fault.KEY_ECHOED)
    prover.commit()
    body = [line for line in prover.key.read_text().splitlines() if not line.startswith("-----")]

    result = prover.record("--darkhost-record", "-vv", "--junitxml=junit.xml", "-rA")
    assert prover.verify() == prover.verify("--json") == 0

    written = [path for path in prover.path.rglob("*") if path.is_file() and ".git" not in path.parts]
    assert {"report.json", "junit.xml", "bundle.intoto.jsonl"} <= {path.name for path in written}
    texts = {str(path): path.read_bytes() for path in written}
    texts |= {
        "terminal": (result.stdout.str() + result.stderr.str()).encode(),
        "verify": "".join(capsys.readouterr()).encode(),
    }
    assert {name for name, text in texts.items() if KEY[10:24].encode() in text} == set()
    assert {name for name, text in texts.items() for line in body if line.encode() in text} == set()
