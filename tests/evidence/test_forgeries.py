"""
What somebody does to a bundle, or makes with the key, to have it say more than happened. Each is refused, and the
message names line and claim.
"""

import base64
import copy
import json
import os
import shutil
from datetime import timedelta

import pytest

from pytest_darkhost.evidence import envelope, kinds, verifying
from pytest_darkhost.evidence import folder as folder_module
from pytest_darkhost.evidence.bundle import Bundle
from support import evidence

REPORT_2 = f"reports/0002-{evidence.run_id(1)}.json"
REPORT_4 = f"reports/0004-{evidence.run_id(2)}.json"
SPELLING = "expected an envelope of application/vnd.in-toto+json as darkhost writes it"
ALIKE = "expected JSON that every reader understands alike"
FORGERIES = {}


def forgery(code, line, message):
    """Register a forgery with what must be said of it."""

    def register(function):
        FORGERIES[function.__name__] = (function, (code, line, message))
        return function

    return register


def edit_line(folder, number, edit):
    """Change the JSON of an envelope, and write it in the product's own spelling."""
    lines = evidence.line_bytes(folder)
    value = json.loads(lines[number - 1])
    edit(value)
    lines[number - 1] = json.dumps(value, separators=(",", ":")).encode()
    evidence.write_lines(folder, lines)


def edit_payload(folder, number, edit):
    """Change a statement and leave the signature as it is."""

    def change(value):
        said = json.loads(base64.b64decode(value["payload"]))
        edit(said)
        value["payload"] = base64.b64encode(json.dumps(said).encode()).decode()

    edit_line(folder, number, change)


def edit_report(folder, name, edit):
    """Change a report and return its new digest."""
    value = json.loads((folder / name).read_text())
    edit(value)
    data = evidence.spelled(evidence.counted(value))
    (folder / name).write_bytes(data)
    return evidence.hashlib.sha256(data).hexdigest()


def state_again(folder, key, edit):
    """Change what is stated and sign it with the key."""
    said = evidence.statements(folder)
    edit(said)
    evidence.sign_again(folder, key, said)


def restate(folder, key, edit, name=REPORT_4, line=4):
    """With the key: change a report and sign it as if it had been so."""
    digest = edit_report(folder, name, edit)
    state_again(folder, key, lambda said: said[line - 1]["subject"][0]["digest"].update(sha256=digest))


def probes(value):
    """Return all probe records of a report."""
    return [probe for test in value["tests"] for probe in test["metadata"]["darkhost"]["probes"]]


def set_probes(**changes):
    """Return an edit of a report that changes its probe records."""
    return lambda value: [probe.update(changes) for probe in probes(value)] and None


# 1 and 7: a replay as live


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, replayed: "
    "venue_specs/acme.yaml::small-acme::availability[live]: acme/small-acme/chat[1]: mode replay (and 2 more), "
    "expected a line that says so",
)
def a_replay_attested(folder, key, stranger):
    """With the key: the line says that it is evidence, the report that nothing was sent."""
    restate(folder, key, set_probes(mode="replay"))


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, foreign_id: acme/small-acme/chat[1]: answer chatcmpl-1-1 "
    "was in the "
    "run of line 2 already, expected a line that says so",
)
def a_replay_relabelled(folder, key, stranger):
    """With the key: answers that an earlier run got, called live."""
    restate(folder, key, set_probes(**{"gen_ai.response.id": "chatcmpl-1-1"}))


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, stale_date: "
    "venue_specs/acme.yaml::small-acme::availability[live]: acme/small-acme/chat[1]: sent at 2026-11-25T12:02:00.000Z, "
    "the venue says Wed, 25 Nov 2026 09:00:00 GMT (and 2 more), "
    "expected a line that says so",
)
def a_replay_relabelled_with_new_ids(folder, key, stranger):
    """With the key: an old recording, its ids made up anew. The venue's own clock tells."""
    restate(folder, key, set_probes(response_date="Wed, 25 Nov 2026 09:00:00 GMT"))


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, stale_date: "
    "venue_specs/acme.yaml::small-acme::availability[live]: acme/small-acme/chat[1]: sent at 2026-11-25T09:00:00.000Z, "
    "outside of the run (and 2 more), "
    "expected a line that says so",
)
def a_replay_sent_when_its_date_says(folder, key, stranger):
    """With the key: the old times of a recording kept. They lie before the opening."""
    old = {"started_at": "2026-11-25T09:00:00.000Z", "response_date": "Wed, 25 Nov 2026 09:00:00 GMT"}

    def edit(value):
        set_probes(**old)(value)
        value["darkhost"]["started_at"] = "2026-11-25T08:59:00.000Z"

    restate(folder, key, edit)
    state_again(
        folder, key, lambda said: said[3]["predicate"]["darkhost"].update(timeStarted="2026-11-25T08:59:00.000Z")
    )


# 2 and 3: edited afterwards


@forgery(
    "subject",
    2,
    f"bundle.intoto.jsonl:2: {REPORT_2} is not the report that was signed, expected its bytes",
)
def a_report_edited(folder, key, stranger):
    """A figure that was not measured."""
    edit_report(folder, REPORT_2, lambda value: value["tests"][0]["metadata"]["darkhost"].update(actual="12 ms"))


@forgery(
    "signature",
    2,
    "bundle.intoto.jsonl:2: the signature of key … is not that of this line, expected one that is",
)
def a_statement_edited(folder, key, stranger):
    """Without the key: another result."""
    edit_payload(folder, 2, lambda said: said["predicate"].update(result="WARNED"))


@forgery(
    "claim",
    4,
    "bundle.intoto.jsonl:4: claims `predicate.passedTests` a list of 3, expected a list of 2, as the report has it",
)
def a_failure_called_a_pass(folder, key, stranger):
    """With the key: the lists are those that one wishes for."""
    restate(folder, key, lambda value: value["tests"][0]["call"].update(outcome="failed"))
    state_again(
        folder, key, lambda said: said[3]["predicate"].update(failedTests=[said[3]["predicate"]["passedTests"][0]])
    )


@forgery(
    "claim", 4, "bundle.intoto.jsonl:4: claims `predicate.result` 'WARNED', expected 'PASSED', as the report has it"
)
def a_result_made_up(folder, key, stranger):
    """With the key: a result that is not that of the lists."""
    state_again(folder, key, lambda said: said[3]["predicate"].update(result="WARNED"))


@forgery(
    "claim", 4, "bundle.intoto.jsonl:4: claims `predicate.approvedBy` 'Ada', expected nothing, as the report has it"
)
def a_claim_added(folder, key, stranger):
    """With the key: something that nobody can compute."""
    state_again(folder, key, lambda said: said[3]["predicate"].update(approvedBy="Ada"))


# 4: removed, inserted, reordered


@forgery(
    "sequence",
    1,
    "bundle.intoto.jsonl:1: `sequence` is 3, expected 1: a line is missing or moved",
)
def a_run_removed(folder, key, stranger):
    """A bad run that nobody shall see."""
    evidence.write_lines(folder, evidence.line_bytes(folder)[2:])
    (folder / REPORT_2).unlink()


@forgery(
    "sequence",
    3,
    "bundle.intoto.jsonl:3: `sequence` is 4, expected 3: a line is missing or moved",
)
def a_line_removed(folder, key, stranger):
    """An opening alone."""
    lines = evidence.line_bytes(folder)
    evidence.write_lines(folder, lines[:2] + lines[3:])


@forgery("sequence", 2, "bundle.intoto.jsonl:2: `sequence` is 4, expected 2: a line is missing or moved")
def lines_reordered(folder, key, stranger):
    """The runs in another order."""
    lines = evidence.line_bytes(folder)
    evidence.write_lines(folder, [lines[0], lines[3], lines[2], lines[1]])


@forgery("sequence", 3, "bundle.intoto.jsonl:3: `sequence` is 2, expected 3: a line is missing or moved")
def a_line_inserted(folder, key, stranger):
    """A line a second time."""
    lines = evidence.line_bytes(folder)
    evidence.write_lines(folder, [*lines[:2], lines[1], *lines[2:]])


# 5: another key


@forgery(
    "signature",
    1,
    "bundle.intoto.jsonl:1: signed by key …, expected one that is trusted: …",
)
def another_key(folder, key, stranger):
    """All of it signed by somebody else."""
    evidence.sign_again(folder, stranger, evidence.statements(folder))


@forgery("signature", 3, "bundle.intoto.jsonl:3: signed by key …, expected …")
def a_line_of_another_key(folder, key, stranger):
    """One line is signed by somebody else, who linked it as it must be."""
    lines = evidence.line_bytes(folder)
    lines[2] = envelope.written(json.dumps(evidence.statements(folder)[2]).encode(), [stranger])
    evidence.write_lines(folder, lines)


@forgery("signature", 3, "bundle.intoto.jsonl:3: the signature of key … is not that of this line, expected one that is")
def a_key_id_lies(folder, key, stranger):
    """Signed by somebody else, under the id of the key that is trusted."""
    a_line_of_another_key(folder, key, stranger)
    edit_line(folder, 3, lambda value: value["signatures"][0].update(keyid=key.public.keyid))


@forgery("signature", 3, "bundle.intoto.jsonl:3: signed by key … and …, expected …")
def a_second_signature(folder, key, stranger):
    """Somebody else signs too, on a line that changes no key."""
    lines = evidence.line_bytes(folder)
    lines[2] = envelope.written(json.dumps(evidence.statements(folder)[2]).encode(), [key, stranger])
    evidence.write_lines(folder, lines)


@forgery("previous", 3, "bundle.intoto.jsonl:3: `previous` is …, expected the digest of the line before, …")
def a_valid_line_of_another_chain(folder, key, stranger):
    """The same key signed it, in another folder."""
    other = folder.parent / "other"
    shutil.copytree(folder, other)
    state_again(other, key, lambda said: said[0]["predicate"].update(venues=["another"]))
    evidence.write_lines(folder, evidence.line_bytes(folder)[:2] + evidence.line_bytes(other)[2:])


# 6: cut off. Without a head it cannot be seen: see the test below.


# 9: an old report again


@forgery(
    "order", 5, f"bundle.intoto.jsonl:5: opens run '{evidence.run_id(1)}', as line 1 did, expected a UUID of its own"
)
def an_old_run_again(folder, key, stranger):
    """With the key: both lines of an old run, appended anew."""

    def again(said):
        said += copy.deepcopy(said[:2])
        for statement in said[4:]:
            statement["predicate"]["darkhost"]["time"] = "2026-11-25T13:00:00.000Z"

    state_again(folder, key, again)


@forgery(
    "unfit",
    6,
    "bundle.intoto.jsonl:6: the report is no evidence, stale_date: "
    "venue_specs/acme.yaml::small-acme::availability[live]: acme/small-acme/chat[1]: sent at 2026-11-25T12:01:00.000Z, "
    "outside of the run (and 3 more), "
    "expected a line that says so",
)
def an_old_report_as_a_new_run(folder, key, stranger):
    """With the key: an old report under a new run id."""
    name, digest = report_again(folder, run_id=evidence.run_id(3))

    def again(said):
        said += copy.deepcopy(said[:2])
        said[4]["predicate"]["runId"] = said[5]["predicate"]["darkhost"]["runId"] = evidence.run_id(3)
        said[5]["subject"] = [{"name": name, "digest": {"sha256": digest}}]
        for statement in said[4:]:
            statement["predicate"]["darkhost"]["time"] = "2026-11-25T13:00:00.000Z"

    state_again(folder, key, again)


def report_again(folder, **changes):
    """Copy the first report under the name of line 6; return name and digest."""
    name = f"0006-{evidence.run_id(3)}.json"
    (folder / "reports" / name).write_bytes((folder / REPORT_2).read_bytes())
    return name, edit_report(folder, f"reports/{name}", lambda value: value["darkhost"].update(changes))


# 10: a test left out


@forgery(
    "plan",
    4,
    f"{REPORT_4}: has another plan, expected that of bundle.intoto.jsonl:3, signed before the first call",
)
def a_plan_shortened(folder, key, stranger):
    """With the key: the test that failed was never planned."""

    def edit(value):
        value["tests"] = value["tests"][1:]
        value["darkhost"]["plan"] = evidence.plan([test["nodeid"] for test in value["tests"]])

    restate(folder, key, edit)


@forgery(
    "claim",
    4,
    "bundle.intoto.jsonl:4: claims `predicate.darkhost.notRun` a list of 0, expected a list of 1, as the report has it",
)
def a_test_left_out(folder, key, stranger):
    """With the key: a planned test that was not run is in no list."""
    restate(folder, key, lambda value: value["tests"].pop(0))


@forgery("report", 4, f"{REPORT_4}: `plan.count` is 2, expected the number of its ids, 3")
def a_plan_miscounted(folder, key, stranger):
    """With the key: fewer than there are ids."""
    restate(folder, key, lambda value: value["darkhost"]["plan"].update(count=2))


@forgery(
    "report",
    4,
    f"{REPORT_4}: the test 'venue_specs/acme.yaml::small-acme::availability[live]' is there twice, expected each once",
)
def a_test_twice(folder, key, stranger):
    """With the key: the second try beside the first."""
    restate(folder, key, lambda value: value["tests"].append(value["tests"][0]))


# what was said before the first call


@forgery("claim", 4, f"{REPORT_4}: `venues` has 'groq', expected those of bundle.intoto.jsonl:3")
def a_venue_of_another_name(folder, key, stranger):
    """With the key: the table would show a venue that was never called."""
    restate(folder, key, lambda value: value["darkhost"].update(venues=["groq"]))


@forgery(
    "report",
    4,
    f"{REPORT_4}: `venues` has 'acme  live  3  3  0  0  0  0    PASSED', "
    "expected names of letters, digits, '.', '_' and '-'",
)
def a_venue_that_looks_like_a_row(folder, key, stranger):
    """With the key: what is shown beside a name would be pushed out of sight."""
    restate(folder, key, lambda value: value["darkhost"].update(venues=["acme  live  3  3  0  0  0  0    PASSED"]))


@forgery(
    "claim",
    4,
    f"{REPORT_4}: `vcs.repository.url.full` is 'https://example.org/fork', expected that of bundle.intoto.jsonl:3, "
    "'https://example.org/team/router'",
)
def another_repository(folder, key, stranger):
    """With the key: another one than was said before the first call."""
    url = "https://example.org/fork"
    restate(folder, key, lambda value: value["darkhost"]["vcs"].update({"vcs.repository.url.full": url}))


@forgery(
    "claim",
    4,
    f"{REPORT_4}: `catalog.location` is 'sqlite:///mine.db', expected that of bundle.intoto.jsonl:3, "
    "'postgresql://db.example/catalog'",
)
def another_catalog(folder, key, stranger):
    """With the key: parity was judged against another database."""
    restate(folder, key, lambda value: value["darkhost"]["catalog"].update(location="sqlite:///mine.db"))


@forgery(
    "claim",
    4,
    f"{REPORT_4}: `configuration` has not 'venue_specs/acme.yaml' as bundle.intoto.jsonl:3, expected all of it",
)
def another_spec(folder, key, stranger):
    """With the key: the spec that was read is no longer the one that was opened."""
    restate(folder, key, lambda value: value["darkhost"]["configuration"][0].update(digest={"sha256": "2" * 64}))


@forgery("statement", 3, "bundle.intoto.jsonl:3: `plan.count` is -3, expected how many ids there are")
def fewer_than_nothing_planned(folder, key, stranger):
    """With the key: an opening is shown when it was never closed, and no report says what was planned."""
    state_again(folder, key, lambda said: (said.pop(), said[2]["predicate"]["plan"].update(count=-3)))


@forgery(
    "statement",
    3,
    "bundle.intoto.jsonl:3: `venues` has 'acme, PASSED', expected names of letters, digits, '.', '_' and '-'",
)
def an_opening_that_looks_like_more(folder, key, stranger):
    """With the key: an abandoned run that does not look like one."""
    state_again(folder, key, lambda said: (said.pop(), said[2]["predicate"].update(venues=["acme, PASSED"])))


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, foreign_id: acme/small-acme/chat[1]: answer sha256:… was in the "
    "run of line 2 already, expected a line that says so",
)
def an_old_answer_under_a_new_id(folder, key, stranger):
    """With the key: ids made up anew, and the bytes of an answer that an earlier run got."""
    old = evidence.probe(1)["response_digest"]
    restate(folder, key, set_probes(response_digest=old))


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, impossible: venue_specs/acme.yaml::small-acme::availability"
    "[live]: stands on acme/other-acme/chat[1], a call of another target (and 2 more), expected a line that says so",
)
def calls_of_a_cheaper_model(folder, key, stranger):
    """With the key: what one model answered is shown as another's."""
    restate(folder, key, set_probes(probe="acme/other-acme/chat[1]"))


@forgery("report", 4, f"{REPORT_4}: `schema` is 'https://example.org/report#v2', expected {kinds.REPORT}")
def a_report_of_another_meaning(folder, key, stranger):
    """With the key: the fields that are read mean something else."""
    restate(folder, key, lambda value: value["darkhost"].update(schema="https://example.org/report#v2"))


def opened(folder, **changes):
    """With the key, before the first call: an opening that says these things of its catalog."""
    path = folder / REPORT_4
    value = json.loads(path.read_text())
    value["darkhost"]["catalog"].update(changes)
    path.write_bytes(evidence.spelled(value))
    digest = evidence.hashlib.sha256(path.read_bytes()).hexdigest()

    def edit(said):
        said[2]["predicate"]["catalog"].update(changes)
        said[3]["subject"][0]["digest"].update(sha256=digest)

    return lambda key: state_again(folder, key, edit)


@forgery(
    "claim",
    4,
    f"{REPORT_4}: `catalog.location` is 'postgresql://db.example/catalog', expected that of bundle.intoto.jsonl:3, "
    "None",
)
def a_catalog_chosen_afterwards(folder, key, stranger):
    """With the key: a database that no opening names is any. Only the reference catalog is read later."""
    state_again(folder, key, lambda said: said[2]["predicate"]["catalog"].update(location=None))


@forgery(
    "claim",
    4,
    f"{REPORT_4}: `catalog.revision` is 'b', expected that of bundle.intoto.jsonl:3, 'a'",
)
def another_revision_of_the_catalog(folder, key, stranger):
    """With the key: the database was read before the first call, and cannot have changed since."""
    opened(folder, revision="a")(key)
    restate(folder, key, lambda value: value["darkhost"]["catalog"].update(revision="b"))


@forgery(
    "claim", 4, f"{REPORT_4}: `catalog.rows` has another 'acme/small-acme', expected that of bundle.intoto.jsonl:3"
)
def another_row_of_the_catalog(folder, key, stranger):
    """With the key: the row of a target, by which its evidence is known to be that of today's catalog."""
    rows = [{"name": "acme/small-acme", "digest": {"sha256": number * 64}} for number in "12"]
    opened(folder, rows=rows[:1])(key)
    restate(folder, key, lambda value: value["darkhost"]["catalog"].update(rows=rows[::-1]))


@forgery(
    "claim", 4, f"{REPORT_4}: `configuration` has 'venue_specs/groq.yaml', expected what bundle.intoto.jsonl:3 has"
)
def a_spec_that_was_not_opened(folder, key, stranger):
    """With the key: collecting loads each `conftest.py`, and nothing else."""
    file = {"name": "venue_specs/groq.yaml", "digest": {"sha256": "2" * 64}}
    restate(folder, key, lambda value: value["darkhost"]["configuration"].append(file))


@forgery("report", 4, f"{REPORT_4}: `configuration` has 'venue_specs/acme.yaml' twice, expected each file once")
def two_digests_of_a_file(folder, key, stranger):
    """With the key: whichever of them an auditor has."""
    file = {"name": "venue_specs/acme.yaml", "digest": {"sha256": "2" * 64}}
    restate(folder, key, lambda value: value["darkhost"]["configuration"].append(file))


@forgery("report", 4, f"{REPORT_4}: `configuration` says more of 'source', expected name and SHA-256")
def another_commit_beside_the_commit(folder, key, stranger):
    """With the key: who reads in-toto looks for a `gitCommit`, and would find the one that was not checked out."""
    file = {"name": "source", "digest": {"sha256": "2" * 64, "gitCommit": "a" * 40}}
    restate(folder, key, lambda value: value["darkhost"]["configuration"].append(file))


@forgery("report", 4, f"{REPORT_4}: `configuration` says more of 'conftest.py', expected name and SHA-256")
def a_place_of_a_file_that_nobody_looked_at(folder, key, stranger):
    """With the key: what would be signed of a file and can be nothing that a run knows."""
    file = {"name": "conftest.py", "digest": {"sha256": "2" * 64}, "uri": "git+https://example.org/team/router"}
    restate(folder, key, lambda value: value["darkhost"]["configuration"].append(file))


@forgery("report", 4, f"{REPORT_4}: `plan.ids` holds a line break, expected node ids of one line each")
def two_tests_in_one_id(folder, key, stranger):
    """With the key: a plan of two ids has the digest of others, of which one is spread over both."""

    def edit(value):
        ids = [test["nodeid"] for test in value["tests"]]
        value["darkhost"]["plan"] = evidence.plan([f"{ids[0]}\n{ids[1]}", ids[2]])

    restate(folder, key, edit)


@forgery(
    "claim",
    4,
    "bundle.intoto.jsonl:4: claims `predicate.darkhost.notApplicable` a list of 1, expected a list of 0, as the report "
    "has it",
)
def a_failure_called_not_applicable(folder, key, stranger):
    """With the key: skipped, for a reason that only a check without a verdict has."""

    def edit(value):
        value["tests"][0] |= {"outcome": "skipped", "call": {"outcome": "skipped"}}
        value["tests"][0]["metadata"]["darkhost"] |= {"verdict": "failed", "reason_code": "not_applicable"}

    restate(folder, key, edit)

    def state(said):
        predicate = said[3]["predicate"]
        predicate["darkhost"]["notApplicable"] = [predicate["passedTests"].pop(0)]

    state_again(folder, key, state)


# 11: an abandoned run, and two closings


@forgery(
    "order", 5, "bundle.intoto.jsonl:5: a run ends here that was not opened, expected its opening in the line before"
)
def two_closings(folder, key, stranger):
    """With the key: one opening, and the better of two endings besides."""

    def twice(said):
        said.append(copy.deepcopy(said[3]))

    state_again(folder, key, twice)


@forgery("order", 4, "bundle.intoto.jsonl:4: names another opening, expected the line before")
def another_opening_named(folder, key, stranger):
    """With the key: the closing speaks of an opening that is not there."""
    said = evidence.statements(folder)
    evidence.sign_again(folder, key, said[:3])
    before = evidence.hashlib.sha256(evidence.line_bytes(folder)[2]).hexdigest()
    said[3]["predicate"]["darkhost"] |= {"previous": {"sha256": before}, "opened": {"sha256": "0" * 64}}
    line = envelope.written(json.dumps(said[3]).encode(), [key])
    evidence.write_lines(folder, [*evidence.line_bytes(folder), line])


@forgery("order", 4, f"bundle.intoto.jsonl:4: another run ends here, expected run {evidence.run_id(2)}, opened before")
def another_run_closed(folder, key, stranger):
    """With the key: the run that ends is not the one that began."""
    state_again(folder, key, lambda said: said[3]["predicate"]["darkhost"].update(runId=evidence.run_id(9)))


# 12: somebody else's server


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, private_address: "
    "venue_specs/acme.yaml::small-acme::availability[live]: acme/small-acme/chat[1]: 10.0.0.7:443 (and 2 more), "
    "expected a line that says so",
)
def a_server_of_ones_own(folder, key, stranger):
    """With the key: the name of the venue, and an address that is not its."""
    restate(folder, key, set_probes(**{"network.peer.address": "10.0.0.7:443"}))


# 13: backdated


@forgery(
    "time",
    3,
    "bundle.intoto.jsonl:3: `time` is 2026-11-24T12:00:00.000Z, before that of the line before, "
    "expected a clock that was not set back",
)
def a_clock_set_back(folder, key, stranger):
    """With the key: a run of yesterday after one of today."""
    state_again(folder, key, lambda said: said[2]["predicate"]["darkhost"].update(time="2026-11-24T12:00:00.000Z"))


@forgery(
    "statement",
    3,
    "bundle.intoto.jsonl:3: `darkhost.time` is '2026-11-25T12:02:01', "
    "expected a time in UTC such as 2026-11-25T12:00:00.000Z",
)
def a_time_of_nowhere(folder, key, stranger):
    """With the key: a time without a zone can be any."""
    state_again(folder, key, lambda said: said[2]["predicate"]["darkhost"].update(time="2026-11-25T12:02:01"))


# 14: what is no evidence by what it was made with


@forgery(
    "unfit",
    4,
    "bundle.intoto.jsonl:4: the report is no evidence, dirty: the tree differs from its commit: checks.py, "
    "expected a line that says so",
)
def a_dirty_tree(folder, key, stranger):
    """With the key: checks that no commit has."""
    restate(folder, key, lambda value: value["darkhost"]["vcs"].update(dirty=True, changes=["checks.py"]))


def recorded(*codes):
    """Return an edit by which a run that is evidence is stated to be none."""

    def record(said):
        said[3]["predicateType"] = OWN
        said[3]["predicate"]["darkhost"]["unfit"] = [{"code": code, "what": "so they say"} for code in codes]

    return record


@forgery("unfit", 4, "bundle.intoto.jsonl:4: `unfit` names ['dirty'], expected [], as the report is")
def a_reason_made_up(folder, key, stranger):
    """With the key: a run that one dislikes is made a record. It is no evidence that it is no evidence."""
    state_again(folder, key, recorded("dirty"))


@forgery("unfit", 4, "bundle.intoto.jsonl:4: `unfit` names ['foreign_id', 'foreign_id'], expected [], as the report is")
def a_reason_twice(folder, key, stranger):
    """With the key: reasons are named once, in their order."""
    state_again(folder, key, recorded("foreign_id", "foreign_id"))


OWN = "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/evidence.md#run-record-v1"


@forgery("unfit", 4, "bundle.intoto.jsonl:4: a record of a run without a reason, expected why the run is no evidence")
def a_record_without_a_reason(folder, key, stranger):
    """With the key: neither evidence nor not."""
    state_again(folder, key, recorded())


# 16: what two readers could understand differently


@forgery(
    "json",
    3,
    f"bundle.intoto.jsonl:3: payload: no strict JSON (the key 'predicateType' stands twice in one object), {ALIKE}",
)
def a_key_twice_in_a_payload(folder, key, stranger):
    """With the key: one reader sees a test-result, the other an opening."""
    sign_text(folder, key, lambda text: text.replace('"predicateType"', '"predicateType": "x", "predicateType"'))


@forgery(
    "json",
    3,
    f"bundle.intoto.jsonl:3: payload: no strict JSON (NaN is no number of JSON), {ALIKE}",
)
def nan_in_a_payload(folder, key, stranger):
    """With the key: a number that is none."""
    sign_text(folder, key, lambda text: text.replace('"sequence": 3', '"sequence": NaN'))


@forgery("json", 3, "bundle.intoto.jsonl:3: payload: nested too deeply, expected at most 254 levels")
def a_deep_payload(folder, key, stranger):
    """With the key: what some parsers die of."""
    sign_text(folder, key, lambda text: text.replace('"venues": ["acme"]', f'"venues": {"[" * 9000}{"]" * 9000}'))


def sign_text(folder, key, edit):
    """Sign line 3 with its payload edited as text."""
    lines = evidence.line_bytes(folder)
    text = base64.b64decode(json.loads(lines[2])["payload"]).decode()
    text = edit(json.dumps(json.loads(text)))
    lines[2] = envelope.written(text.encode(), [key])
    evidence.write_lines(folder, lines)


@forgery(
    "json",
    3,
    f"bundle.intoto.jsonl:3: no strict JSON (the key 'payload' stands twice in one object), {ALIKE}",
)
def a_key_twice_in_a_line(folder, key, stranger):
    """The envelope itself."""
    lines = evidence.line_bytes(folder)
    lines[2] = lines[2].replace(b'{"payload"', b'{"payload":"e30=","payload"')
    evidence.write_lines(folder, lines)


@forgery(
    "json",
    2,
    f"{REPORT_2}: no strict JSON (NaN is no number of JSON), {ALIKE}",
)
def nan_in_a_report(folder, key, stranger):
    """With the key: a duration that is none."""
    restate(folder, key, lambda value: value.update(duration=float("nan")), REPORT_2, 2)


@forgery(
    "json",
    2,
    f"{REPORT_2}: no strict JSON (the key 'tests' stands twice in one object), {ALIKE}",
)
def a_key_twice_in_a_report(folder, key, stranger):
    """With the key: two lists of tests, one for each reader."""
    data = (folder / REPORT_2).read_bytes().replace(b'"tests":[', b'"tests":[],"tests":[', 1)
    (folder / REPORT_2).write_bytes(data)
    digest = evidence.hashlib.sha256(data).hexdigest()
    state_again(folder, key, lambda said: said[1]["subject"][0]["digest"].update(sha256=digest))


# besides: other types, sizes, links, names


@forgery(
    "statement",
    3,
    "bundle.intoto.jsonl:3: `predicateType` is 'https://slsa.dev/provenance/v1', expected one of docs/evidence.md",
)
def another_predicate_type(folder, key, stranger):
    """With the key: a statement that is none of ours."""
    state_again(folder, key, lambda said: said[2].update(predicateType="https://slsa.dev/provenance/v1"))


@forgery(
    "statement",
    3,
    "bundle.intoto.jsonl:3: `_type` is 'https://in-toto.io/Statement/v0.1', expected https://in-toto.io/Statement/v1",
)
def another_statement_type(folder, key, stranger):
    """With the key: another version of in-toto."""
    state_again(folder, key, lambda said: said[2].update(_type="https://in-toto.io/Statement/v0.1"))


@forgery("envelope", 3, f"bundle.intoto.jsonl:3: the payload type is 'application/json', {SPELLING}")
def another_payload_type(folder, key, stranger):
    """The key signed these bytes as something else."""
    edit_line(folder, 3, lambda value: value.update(payloadType="application/json"))


@forgery("statement", 3, "bundle.intoto.jsonl:3: an opening with other parts, expected those of docs/evidence.md")
def another_subject(folder, key, stranger):
    """With the key: an opening about something else than its plan."""
    state_again(folder, key, lambda said: said[2]["subject"][0].update(name="source"))


@forgery("statement", 3, "bundle.intoto.jsonl:3: has no `darkhost.time`, expected text")
def no_time(folder, key, stranger):
    """With the key: a line without its time."""
    state_again(folder, key, lambda said: said[2]["predicate"]["darkhost"].pop("time"))


@forgery("envelope", 3, f"bundle.intoto.jsonl:3: no DSSE envelope (TypeError), {SPELLING}")
def no_envelope(folder, key, stranger):
    """A line that is JSON and no more."""
    lines = evidence.line_bytes(folder)
    evidence.write_lines(folder, [*lines[:2], b"[]", *lines[3:]])


@forgery(
    "json",
    3,
    f"bundle.intoto.jsonl:3: no strict JSON (Expecting value: line 1 column 1 (char 0)), {ALIKE}",
)
def an_empty_line(folder, key, stranger):
    """Nothing at all."""
    lines = evidence.line_bytes(folder)
    evidence.write_lines(folder, [*lines[:2], b"", *lines[2:]])


@forgery("envelope", 4, f"bundle.intoto.jsonl:4: an envelope in another spelling, {SPELLING}")
def the_last_line_spelled_otherwise(folder, key, stranger):
    """A space that no parser sees, and another head."""
    lines = evidence.line_bytes(folder)
    evidence.write_lines(folder, [*lines[:3], lines[3].replace(b'":', b'": ', 1)])


@forgery(
    "envelope",
    1,
    "bundle.intoto.jsonl:1: ends in CR LF, expected LF alone: git (`core.autocrlf`) or an editor has changed it. "
    "Get it as it was",
)
def lines_ended_as_windows_does(folder, key, stranger):
    """No forgery mostly: the message says what has happened."""
    bundle = folder / "bundle.intoto.jsonl"
    bundle.write_bytes(bundle.read_bytes().replace(b"\n", b"\r\n"))


@forgery("size", 5, "bundle.intoto.jsonl:5: longer than 16777216 bytes, expected a line of at most that")
def a_line_of_a_gigabyte(folder, key, stranger):
    """The verifier reads no more of it than a line may have."""
    os.truncate(folder / "bundle.intoto.jsonl", 2**30)


@forgery("size", 2, f"{REPORT_2}: larger than 536870912 bytes, expected a report of at most that")
def a_report_of_a_gigabyte(folder, key, stranger):
    """Nothing of it is read."""
    os.truncate(folder / REPORT_2, 2**30)


@forgery(
    "partial",
    5,
    "bundle.intoto.jsonl:5: 100 bytes without a line break, expected whole lines: a run was killed while it wrote. "
    "Cut them off with: truncate -s SIZE bundle.intoto.jsonl",
)
def half_a_line(folder, key, stranger):
    """What a crash could leave."""
    with (folder / "bundle.intoto.jsonl").open("ab") as file:
        file.write(evidence.line_bytes(folder)[0][:100])


@forgery("report", 2, f"{REPORT_2}: cannot be read (No such file or directory), expected a file")
def a_report_removed(folder, key, stranger):
    """A line whose report is gone."""
    (folder / REPORT_2).unlink()


@forgery(
    "unsigned_report",
    None,
    "reports/9999-better.json: no line of the bundle speaks of it, expected only reports that are signed. It was put "
    "there, or a run was killed before it signed it. Move it out of the folder",
)
def a_report_added(folder, key, stranger):
    """A report that was never signed, beside those that were."""
    (folder / "reports" / "9999-better.json").write_bytes((folder / REPORT_2).read_bytes())


LINKED = "a symbolic link, expected the file itself: what a link leads to is not in the folder"


@forgery("symlink", 2, f"{REPORT_2}: {LINKED}")
def a_link_for_a_report(folder, key, stranger):
    """The same bytes, for now."""
    (folder / REPORT_2).rename(folder.parent / "elsewhere.json")
    (folder / REPORT_2).symlink_to(folder.parent / "elsewhere.json")


@forgery("symlink", None, f"bundle.intoto.jsonl: {LINKED}")
def a_link_for_the_bundle(folder, key, stranger):
    """The same bytes, for now."""
    (folder / "bundle.intoto.jsonl").rename(folder.parent / "elsewhere.jsonl")
    (folder / "bundle.intoto.jsonl").symlink_to(folder.parent / "elsewhere.jsonl")


@forgery("report", 2, f"{REPORT_2}: no regular file, expected one")
def a_pipe_for_a_report(folder, key, stranger):
    """It would have the verifier wait for ever."""
    (folder / REPORT_2).unlink()
    os.mkfifo(folder / REPORT_2)


@forgery("order", 3, "bundle.intoto.jsonl:3: opens run '../../../../etc/passwd', expected a UUID of its own")
def a_name_that_leads_elsewhere(folder, key, stranger):
    """With the key: a run id that is a path. None is looked up."""

    def climb(said):
        said[2]["predicate"]["runId"] = said[3]["predicate"]["darkhost"]["runId"] = "../../../../etc/passwd"

    state_again(folder, key, climb)


@forgery("subject", 4, f"bundle.intoto.jsonl:4: {REPORT_4} is not the report that was signed, expected its bytes")
def a_subject_that_leads_elsewhere(folder, key, stranger):
    """With the key: a subject's name that is a path. Names are computed, never followed."""
    state_again(folder, key, lambda said: said[3]["subject"][0].update(name="../../darkhost.pub"))


@pytest.mark.parametrize("name", FORGERIES)
def test_it_is_refused(name, two_runs, key, stranger):
    """With line and claim; before it was tampered with, the bundle was sound."""
    forge, expected = FORGERIES[name]
    size = (two_runs / "bundle.intoto.jsonl").stat().st_size
    assert evidence.refusal(two_runs, key.public) is None

    forge(two_runs, key, stranger)

    code, line, message = evidence.refusal(two_runs, key.public)
    old = evidence.probe(1)["response_digest"]["sha256"][:53]
    assert (code, line, message.replace(str(size), "SIZE").replace(old, "…")) == expected


def test_lines_cut_off_are_seen_with_a_head_only(two_runs, key):
    """What was never there and what was removed at the end look alike: the head must be noted elsewhere."""
    head = evidence.hashlib.sha256(evidence.line_bytes(two_runs)[3]).hexdigest()
    assert evidence.refusal(two_runs, key.public, head=head) is None
    evidence.write_lines(two_runs, evidence.line_bytes(two_runs)[:2])
    (two_runs / REPORT_4).unlink()

    assert evidence.refusal(two_runs, key.public) is None
    assert evidence.refusal(two_runs, key.public, head=head) == (
        "head",
        None,
        "bundle.intoto.jsonl: no line has the digest …, expected the one that was noted. Its last line is 2, …: "
        "lines were cut off, or it is another chain",
    )


def test_no_more_of_a_line_is_read_than_it_may_have(two_runs, key, monkeypatch):
    """However long it is: the verifier asks for one byte more than allowed."""
    asked = []

    class File:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def readline(self, size):
            asked.append(size)
            return self.file.readline(size)

    real = os.fdopen
    monkeypatch.setattr(folder_module.os, "fdopen", lambda *arguments: File(real(*arguments)))

    assert evidence.refusal(two_runs, key.public) is None
    assert set(asked) == {folder_module.LARGEST_LINE + 1}


def test_a_bundle_without_lines_is_refused(two_runs, key):
    """Nothing is no evidence of anything."""
    evidence.write_lines(two_runs, [])
    for report in (two_runs / "reports").iterdir():
        report.unlink()

    assert evidence.refusal(two_runs, key.public) == (
        "empty",
        None,
        "bundle.intoto.jsonl: empty, expected at least one line",
    )


def test_a_run_that_was_abandoned_shows(two_runs, key):
    """Opened, and never closed: it is there, whether another run follows or not."""
    later = evidence.record(7, at=evidence.START + timedelta(hours=1))
    with Bundle.open(two_runs, key, clock=evidence.Clock(evidence.START + timedelta(hours=1))) as bundle:
        bundle.open_run(later)
    assert [(each.what, each.line) for each in evidence.verify(two_runs, key.public)] == [
        ("run", 2),
        ("run", 4),
        ("abandoned", 5),
    ]

    evidence.add_run(two_runs, key, evidence.report(8, at=evidence.START + timedelta(hours=2)))

    assert [(each.what, each.line) for each in evidence.verify(two_runs, key.public)] == [
        ("run", 2),
        ("run", 4),
        ("abandoned", 5),
        ("run", 7),
    ]


def test_a_bundle_that_is_another_one_when_it_is_read_again(two_runs, key, stranger, monkeypatch):
    """It is read once for the key that it begins with, and once more: no hint of the first time is believed."""
    with Bundle.open(two_runs, key, clock=evidence.Clock(evidence.START + timedelta(hours=1))) as bundle:
        bundle.rotate(stranger)
    assert evidence.refusal(two_runs, stranger.public) is None
    lines, first_key = evidence.line_bytes(two_runs), verifying.first_key

    def swapped(*arguments):
        found = first_key(*arguments)
        evidence.write_lines(two_runs, lines[:4])
        return found

    monkeypatch.setattr(verifying, "first_key", swapped)

    assert evidence.refusal(two_runs, stranger.public) == (
        "signature",
        4,
        "bundle.intoto.jsonl:4: signed by key …, expected one that is trusted: …",
    )
