"""Whatever stands where a value is expected: it is judged or refused in a sentence, and never ends in a traceback."""

import copy
import hashlib
import json
import shutil
from contextlib import suppress
from datetime import timedelta

import pytest
from rich.console import Console

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import listing, report
from pytest_darkhost.evidence.bundle import Bundle
from pytest_darkhost.evidence.chain import Chain
from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.evidence.spool import Spool
from pytest_darkhost.evidence.target_runs import seen_of
from pytest_darkhost.evidence.verifying import Step
from support import evidence

VALUES = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2**70,
        1e308,
        "",
        "x",
        "\ud800",
        "\x00\x1b[2J",
        [],
        [None],
        [[]],
        ["x"],
        {},
        {"x": None},
    ),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-11-25T12:00:00-23:59Z"),
    *(
        "https://[",
        "http://[::1",
        "https://a:99999999",
        "[",
        "%",
        "::1",
        "1.2.3.4:5:6",
        "Wed, 99 Nov 99999 00:00:00 GMT",
    ),
)


def places(value, path=()):
    """Yield the path of everything in a value, containers too."""
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def with_value(value, path, instead):
    """Return a value with another one at a path; what is beside the path is shared with the first."""
    if not path:
        return instead
    made = copy.copy(value)
    made[path[0]] = with_value(value[path[0]], path[1:], instead)
    return made


def judged_or_refused(folder, key):
    """Verify and list a folder. Any other error than ours is raised."""
    try:
        entries = evidence.verify(folder, key.public)
    except EvidenceError as error:
        return "refused" if str(error).isprintable() else f"refused in other words than a sentence: {error!r}"
    spool = Spool()
    for entry in entries:
        spool.add(entry)
    with (folder / ".shown").open("w") as file:
        listing.show(Console(file=file, width=300), spool)
    spool.close()
    return "judged"


@pytest.fixture(scope="module")
def made(tmp_path_factory, key):
    """A folder of one small run that failed in part, its statements and its report."""
    folder = tmp_path_factory.mktemp("hostile") / "evidence"
    tests = [evidence.passed("identity", evidence.probe(1)), evidence.skipped("json_schema", "cost_cap")]
    value = evidence.report(1, tests, cicd={"cicd.pipeline.run.url.full": "https://ci.example/7"})
    evidence.add_run(folder, key, value)
    return folder, evidence.statements(folder), value


def test_any_value_anywhere_in_a_report(made, key, tmp_path):
    """Signed with the key, so that nothing but the reading of it stands in the way."""
    genuine, said, value = made
    folder = tmp_path / "evidence"
    shutil.copytree(genuine, folder)
    path = next((folder / "reports").iterdir())
    found = {"judged": 0, "refused": 0}
    for number, place in enumerate(places(value)):
        for instead in VALUES[number % 3 :: 3]:
            data = json.dumps(with_value(value, place, instead)).encode()
            path.write_bytes(data)
            again = copy.deepcopy(said)
            again[1]["subject"][0]["digest"]["sha256"] = hashlib.sha256(data).hexdigest()
            evidence.sign_again(folder, key, again)
            found[judged_or_refused(folder, key)] += 1

    assert min(found.values()) > 50


def test_any_value_anywhere_is_read_of_a_target(key):
    """What a bundle says of one target is no more than what is there to be said."""
    invocation = {"packages": {"pytest-darkhost": "0.1.0"}}
    rows = [{"name": "acme/small-acme", "digest": {"sha256": "2" * 64}}]
    refused = evidence.probe(1, **{"error.type": "no_credit", "key": "venue"})
    value = evidence.report(
        1,
        [evidence.passed("identity", evidence.probe(1)), evidence.failed("availability", refused)],
        invocation=invocation,
        catalog=evidence.record(1)["catalog"] | {"rows": rows},
    )
    entry = Entry("run", 2, "2026-11-25T12:01:03.000Z")
    read = 0
    for number, place in enumerate(((), *places(value))):
        for instead in VALUES[number % 3 :: 3] if place else (None,):
            data = json.dumps(with_value(value, place, instead) if place else value).encode()
            with suppress(EvidenceError):
                step = Step(Chain(key.public), (entry,), report.parse(data, "report.json"))
                seen = seen_of([step], "acme", "small-acme")
                assert place or (seen.target.row, seen.target.version) == ("2" * 64, "0.1.0")
                assert place or seen.venue.refusals == ("acme/small-acme/chat[1]: no_credit",)
                read += 1

    assert read > 500


def test_any_value_anywhere_in_a_line(made, key, stranger, tmp_path):
    """Openings, closings and changes of keys, signed with the key."""
    genuine, _, _ = made
    folder = tmp_path / "evidence"
    shutil.copytree(genuine, folder)
    with Bundle.open(folder, key, clock=evidence.Clock(evidence.START + timedelta(hours=1))) as bundle:
        bundle.open_run(evidence.record(2))
        bundle.rotate(stranger)
    said, lines = evidence.statements(folder), evidence.line_bytes(folder)
    found = {"judged": 0, "refused": 0}
    for line, signers in enumerate(([key], [key], [key], [key, stranger])):
        for number, place in enumerate(places(said[line])):
            for instead in VALUES[number % 3 :: 3]:
                payload = json.dumps(with_value(said[line], place, instead)).encode()
                evidence.write_lines(folder, [*lines[:line], evidence.envelope.written(payload, signers)])
                found[judged_or_refused(folder, key)] += 1

    assert found["refused"] > 300


def test_any_value_anywhere_in_an_envelope(made, key, tmp_path):
    """No signature is needed to try these."""
    genuine, _, _ = made
    folder = tmp_path / "evidence"
    shutil.copytree(genuine, folder)
    line = evidence.line_bytes(folder)[0]
    for place in places(json.loads(line)):
        for instead in VALUES:
            data = json.dumps(with_value(json.loads(line), place, instead), separators=(",", ":")).encode()
            evidence.write_lines(folder, [data])
            assert judged_or_refused(folder, key) == "refused"


def test_whatever_is_signed_is_verified(made, key, tmp_path):
    """A report with any value anywhere: it is not signed, or what was signed stands."""
    _, _, value = made
    found = {"signed": 0, "not signed": 0}
    for number, (place, instead) in enumerate(
        [(place, instead) for place in places(value) for instead in VALUES][::40]
    ):
        folder = tmp_path / str(number)
        with Bundle.open(folder, key, clock=evidence.Clock()) as bundle:
            bundle.open_run(value["darkhost"])
            try:
                bundle.close_run(evidence.written(tmp_path, with_value(value, place, instead)), cassette_ids={})
            except EvidenceError:
                found["not signed"] += 1
            else:
                found["signed"] += 1
        assert judged_or_refused(folder, key) == "judged"

    assert min(found.values()) > 10
