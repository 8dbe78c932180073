"""What a bundle says of one target: the newest run that judged it, and how its venue took our key."""

import json

import pytest

from pytest_darkhost.evidence import report
from pytest_darkhost.evidence.chain import Chain
from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.evidence.target_runs import seen_of
from pytest_darkhost.evidence.verifying import Step
from support import evidence

TIME = "2026-11-25T12:01:03.000Z"


def step(key, number, *entries, value=None):
    """Return what a line completes."""
    read = None if value is None else report.parse(json.dumps(value).encode(), "report.json")
    return Step(Chain(key.public, number, f"head {number}"), entries, read)


def run(key, number, *tests, **changes):
    """Return a run that was closed with these tests."""
    value = evidence.report(number, list(tests), plan=evidence.plan([test["nodeid"] for test in tests]), **changes)
    return step(key, number, Entry("run", number, TIME, run_id=evidence.run_id(number)), value=value)


def abandoned(key, number, venue):
    """Return a run that was not closed."""
    return step(key, number, Entry("abandoned", number, TIME, run_id=evidence.run_id(number), venues=(venue,)))


def test_the_head_is_that_of_the_last_line(key):
    """Whatever it says."""
    steps = [run(key, 2, evidence.passed("identity", evidence.probe(1))), step(key, 3)]

    assert seen_of(steps, "acme", "small-acme").head == "head 3"
    assert seen_of(steps[:1], "acme", "small-acme").head == "head 2"


def test_the_newest_run_of_the_target_counts(key):
    """One that was never closed, too, but not one of another venue."""
    steps = [
        run(key, 2, evidence.passed("identity", evidence.probe(1))),
        abandoned(key, 3, "acme"),
        abandoned(key, 4, "other"),
        run(key, 5, evidence.passed("identity", evidence.probe(5), venue="other")),
    ]

    assert [seen_of(steps[:count], "acme", "small-acme").target.line for count in (1, 2, 3, 4)] == [2, 3, 3, 3]
    assert seen_of(steps, "acme", "small-acme").target.outcomes is None
    assert seen_of(steps[2:], "acme", "small-acme").target is None


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        (evidence.passed("identity", evidence.probe(1)), "passed"),
        (evidence.failed("identity", evidence.probe(1)), "failed"),
        (evidence.skipped("identity", "cost_cap"), "warned"),
        (evidence.skipped("identity", "not_applicable"), "not_applicable"),
    ],
)
def test_a_run_that_judged_anything_of_the_target_is_one_of_it(key, test, outcome):
    """Whatever became of the check; a check of the venue as a whole is one of each of its targets."""
    found = seen_of([run(key, 2, test)], "acme", "small-acme").target.outcomes

    assert getattr(found, outcome) == (test["nodeid"],)
    whole = test | {"nodeid": "venue_specs/acme.yaml::identity[live]"}
    assert getattr(seen_of([run(key, 2, whole)], "acme", "large").target.outcomes, outcome) == (whole["nodeid"],)


def test_checks_of_others_are_none_of_the_target(key):
    """Neither those of another model, nor those of another venue's file, by whatever name."""
    other_model = evidence.passed("identity", evidence.probe(1)) | {"nodeid": evidence.node_id("identity", model="big")}
    other_file = evidence.passed("identity", evidence.probe(2), venue="other")
    other_file["nodeid"] = evidence.node_id("identity", venue="other")
    steps = [run(key, 2, other_model, other_file)]

    assert seen_of(steps, "acme", "small-acme").target is None
    own = evidence.passed("availability", evidence.probe(3))
    found = seen_of([run(key, 2, other_model, other_file, own)], "acme", "small-acme").target.outcomes
    assert found.passed == (own["nodeid"],)


REFUSALS = {
    "the key": ("auth_refused", "small-acme", "venue", 401, True),
    "the credit": ("no_credit", "small-acme", "venue", 402, True),
    "the model": ("forbidden", "small-acme", "venue", 403, True),
    "the key, of another model": ("auth_refused", "big", "venue", 401, True),
    "the credit, of another model": ("no_credit", "big", "venue", 402, True),
    "another model": ("forbidden", "big", "venue", 403, False),
    "the venue as a whole": ("forbidden", None, "venue", 403, True),
    "too many calls": ("rate_limited", "small-acme", "venue", 429, False),
    "a key that is to be refused": ("auth_refused", "small-acme", "refused", 401, False),
    "without an answer": ("auth_refused", "small-acme", "venue", None, False),
}


@pytest.mark.parametrize(("kind", "model", "used", "status", "counts"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_of_our_key(key, kind, model, used, status, counts):
    """Of the account by whichever model, of the model by itself; not of a key that is there to be refused."""
    changes = {"error.type": kind, "key": used, "http.response.status_code": status}
    answered = evidence.passed("identity", evidence.probe(1), model=model)
    tests = [answered, evidence.failed("availability", evidence.probe(1, 2, **changes), model=model)]

    seen = seen_of([run(key, 2, *tests)], "acme", "small-acme")

    assert seen.venue.refusals == ((f"acme/small-acme/chat[2]: {kind}",) if counts else ())


def test_a_venue_that_never_answered_has_no_run(key):
    """A test without an answer says nothing of our key."""
    dead = evidence.probe(1, **{"http.response.status_code": None})

    assert seen_of([run(key, 2, evidence.failed("identity", dead))], "acme", "small-acme").venue is None


def test_what_a_report_names_is_that_of_the_target(key):
    """The spec of its venue, the row of itself, and our version, where they are texts."""
    rows = [
        {"name": name, "digest": {"sha256": sha}}
        for name, sha in (("acme/big", "4" * 64), ("acme/small-acme", "2" * 64))
    ]
    specs = [evidence.record(1)["specs"][0] | {"venue": "other", "digest": {"sha256": "3" * 64}}]
    made = run(
        key,
        2,
        evidence.passed("identity", evidence.probe(1)),
        specs=specs + evidence.record(1)["specs"],
        catalog=evidence.record(1)["catalog"] | {"rows": rows},
        invocation={"packages": {"pytest-darkhost": "0.1.0"}},
    )

    target = seen_of([made], "acme", "small-acme").target
    assert (target.spec, target.row, target.version) == ("1" * 64, "2" * 64, "0.1.0")


@pytest.mark.parametrize("rows", [None, {}, ["acme/small-acme"], [{"name": "acme/small-acme"}]])
@pytest.mark.parametrize("digest", [None, "2" * 64, {}, {"sha256": 7}])
def test_what_is_no_digest_is_none(key, rows, digest):
    """A row of the catalog may have anything in its place."""
    rows = [each | {"digest": digest} if isinstance(each, dict) else each for each in rows] if rows else rows
    catalog = evidence.record(1)["catalog"] | {"rows": rows}
    made = run(key, 2, evidence.passed("identity", evidence.probe(1)), catalog=catalog)

    assert seen_of([made], "acme", "small-acme").target.row is None
