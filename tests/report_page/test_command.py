"""`darkhost report`, as a person meets it."""

import json
import re
import shutil
import sys

import pytest

from pytest_darkhost.__main__ import main
from support import evidence, pages

TARGETS = {"acme": ["small-acme"]}


@pytest.fixture
def report(tmp_path):
    """A composed report."""
    return pages.written(tmp_path / "report.json", pages.report(1, TARGETS))


def made(capsys, *arguments):
    """Run the command; return its exit code, output and errors."""
    code = main(["report", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_a_report_becomes_one_file(report, tmp_path, capsys):
    """The place is named, with how far it can be believed; whatever the file is called, and whatever was there."""
    page = tmp_path / "Bericht für den Prüfer.html"
    page.write_bytes(b"\xff\x00 an older page")

    assert made(capsys, report, "-o", page) == (0, f"{page}: {report} not signed\n", "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == [page.name, "report.json"]


def test_a_folder_is_verified_with_a_key(folder, key, tmp_path, capsys):
    """The key, the head and each run are on the page."""
    page, public = tmp_path / "page.html", key.path.with_suffix(".pub")
    head = evidence.hashlib.sha256(evidence.line_bytes(folder)[-1]).hexdigest()

    assert made(capsys, folder, "-o", page, "--key", public) == (0, f"{page}: {folder} verified\n", "")
    text = page.read_text(encoding="utf-8")
    assert '<div class="belief verified">' in text
    assert f"<dd>{key.public.keyid}</dd>" in text
    assert f"<dd>{head}</dd>" in text
    assert text.count('scope="row"><a href="#s1-r6">6</a>') == 1


def test_a_folder_without_a_key_is_not_called_verified(folder, tmp_path, capsys):
    """What it says is shown, and that no signature was checked."""
    page = tmp_path / "page.html"

    code, out, err = made(capsys, folder, "-o", page)

    assert (code, err) == (0, "")
    assert out == f"{page}: {folder} signatures not checked\n"
    text = page.read_text(encoding="utf-8")
    assert "belief verified" not in text
    assert text.count(">not verified: signatures not checked</td>") == 3
    assert "<td>yes</td>" not in text


def changed(folder):
    """Change a verdict in the newest report."""
    report = max((folder / "reports").iterdir())
    report.write_text(report.read_text().replace('"outcome":"failed"', '"outcome":"passed"', 1))


def cut(folder):
    """Cut the bundle in the middle of its last line."""
    bundle = folder / "bundle.intoto.jsonl"
    bundle.write_bytes(bundle.read_bytes()[:-20])


def lost(folder):
    """Lose a report."""
    min((folder / "reports").iterdir()).unlink()


@pytest.mark.parametrize(("forge", "code"), [(changed, "subject"), (cut, "partial"), (lost, "report")])
@pytest.mark.parametrize("signed", [True, False], ids=["key", "no-key"])
def test_a_forged_folder_is_shown_as_such(folder, key, tmp_path, capsys, forge, code, signed):
    """Exit 1, one line that says why, and a page on which no run is evidence, with a key and without."""
    forge(folder)
    page, keys = tmp_path / "page.html", ["--key", key.path.with_suffix(".pub")] if signed else []

    exit_code, out, err = made(capsys, folder, "-o", page, *keys)

    assert (exit_code, out) == (1, f"{page}: {folder} refused\n")
    assert err.startswith(f"REFUSED {folder}/")
    assert len(err.splitlines()) == 1
    text = page.read_text(encoding="utf-8")
    assert '<div class="belief refused">' in text
    assert f"refused, {code}" in text
    assert 'class="word PASSED' not in text
    assert 'class="word passed">PASSED' not in text
    assert "<td>yes</td>" not in text


def test_a_strangers_key_and_a_head_that_is_missing_are_refused(folder, key, tmp_path, capsys):
    """As `darkhost verify` does."""
    stranger = evidence.signer(tmp_path, "stranger").path.with_suffix(".pub")
    page, public = tmp_path / "page.html", key.path.with_suffix(".pub")

    assert made(capsys, folder, "-o", page, "--key", stranger)[0] == 1
    assert "refused, signature" in page.read_text(encoding="utf-8")
    assert made(capsys, folder, "-o", page, "--key", public, "--head", "0" * 64)[0] == 1
    assert "refused, head" in page.read_text(encoding="utf-8")


def test_a_killed_run_is_shown_as_such(tmp_path, capsys):
    """The report that it left says truncated, and nothing of it passed."""
    value = pages.report(1, TARGETS, truncated=True, finished_at=None, exit_status=None) | {"tests": []}
    page = tmp_path / "page.html"

    assert made(capsys, pages.written(tmp_path / "stub.json", value), "-o", page)[0] == 0
    text = page.read_text(encoding="utf-8")
    assert "<li>the report ends before the run did <" in text
    assert 'class="word passed"' not in text
    assert 'class="word not-run"' in text


def test_what_a_killed_run_had_finished_is_shown(tmp_path, capsys):
    """It is read from the journal beside the report, up to the line that was being written."""
    whole = pages.report(1, TARGETS)
    stub = whole | {"tests": [], "darkhost": whole["darkhost"] | {"truncated": True, "finished_at": None}}
    lines = [json.dumps(stub["darkhost"])]
    for test, outcome in zip(whole["tests"][:3], ("passed", "failed", "passed"), strict=True):
        stages = {"setup": "passed", "call": outcome, "teardown": "passed"}
        lines.append(json.dumps({"nodeid": test["nodeid"], "stages": stages, **test["metadata"]}))
    report, page = pages.written(tmp_path / "report.json", stub), tmp_path / "page.html"
    journal = tmp_path / "report.json.journal"
    journal.write_text("\n".join(lines)[:-9], encoding="utf-8")

    assert made(capsys, report, "-o", page)[0] == 0
    counts = re.search(r'<p class="counts">(.*?)</p>', page.read_text(encoding="utf-8"), re.DOTALL)[1]
    counted = re.findall(r">(\d+) <span[^>]*>([\w ]+)<", counts)
    assert counted == [("1", "failed"), (str(len(whole["tests"]) - 2), "not run"), ("1", "passed")]


def twice(value):
    """Have a test twice, so that one hides what became of the other."""
    value["tests"].append(value["tests"][0])


def planless(value):
    """Take a check that was planned out of the plan, and leave its digest."""
    value["darkhost"]["plan"]["ids"].pop()


def backwards(value):
    """End before the start."""
    value["darkhost"]["finished_at"] = "2020-01-01T00:00:00.000Z"


@pytest.mark.parametrize("forge", [twice, planless, backwards])
def test_a_report_that_contradicts_itself_is_refused(tmp_path, capsys, forge):
    """Exit 1; the page says why, and its results are claims."""
    value = pages.report(1, TARGETS)
    forge(value)
    report, page = pages.written(tmp_path / "report.json", value), tmp_path / "page.html"

    code, out, err = made(capsys, report, "-o", page)

    assert (code, out) == (1, f"{page}: {report} refused\n")
    assert err.startswith(f"REFUSED {report}: ")
    text = page.read_text(encoding="utf-8")
    assert '<div class="belief refused">' in text
    assert re.search(r'<h2 id="s1-r0-h"><span class="word claims-\w+">claims \w+</span>', text)


CASES = {
    "half": (b'{"tests": [', "no strict JSON"),
    "other": (b'{"hello": 1}', "no list of tests, expected a report of pytest-json-report"),
    "list": (b"[]", "no list of tests"),
    "empty": (b"", "no strict JSON"),
    "binary": (b"\x00\xff\xfe", "no strict JSON"),
    "newer": (
        json.dumps({"tests": [], "darkhost": {"schema": "https://example.org/docs/report.md#v2"}}).encode(),
        "its schema is https://example.org/docs/report.md#v2, expected one that ends in #v1: "
        "it was written by another version. Update pytest-darkhost",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_no_report_of_ours_is_one_message(tmp_path, capsys, name):
    """Exit 1, the file is named, and no page is written."""
    data, message = CASES[name]
    file, page = tmp_path / "is it.json", tmp_path / "page.html"
    file.write_bytes(data)

    code, out, err = made(capsys, file, "-o", page)

    assert (code, out) == (1, "")
    assert err.startswith(f"{file}: ")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not page.exists()


def test_what_was_typed_wrong(report, folder, tmp_path, capsys):
    """Exit 2 and one line: a place that is not there, no folder of evidence, an output that is none, no key."""
    (tmp_path / "empty").mkdir()
    page = tmp_path / "page.html"
    cases = {
        (tmp_path / "none",): "none: not there, expected an evidence folder, or a report such as .darkhost/report.json",
        (report, "-o", tmp_path): f": a directory, expected the name of a file such as {tmp_path}/report.html",
        (report, "-o", report): ": lies in what is read, expected another place for what is written",
        (folder, "-o", folder / "bundle.intoto.jsonl"): ": lies in what is read, expected another place",
        (folder, "-o", page, "--head", "0" * 64): "--head: looked for in what is verified, expected --key, too",
        (folder, "-o", page, "--key", "none.pub"): "none.pub: cannot be read",
        (folder, "-o", page, "--key", report): ": no Ed25519 public key",
        (folder, "-o", page, "--head", "latest"): "--head 'latest': no SHA-256",
    }
    for arguments, message in cases.items():
        code, out, err = made(capsys, *arguments)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert message in err
    code, _, err = made(capsys, tmp_path / "empty", "-o", page)
    assert (code, err) == (
        1,
        f"{tmp_path}/empty: holds no bundle.intoto.jsonl, expected the bundle of an evidence folder\n",
    )
    assert not page.exists()


def test_an_output_that_cannot_be_written(report, capsys):
    """Exit 1, and what was there is as it was."""
    file = report.with_name("file")
    file.write_bytes(b"something")

    code, out, err = made(capsys, report, "-o", file / "page.html")

    assert (code, out) == (1, "")
    assert err.startswith(f"{file / 'page.html'}: ")
    assert err.endswith(", expected a place where the page can be written\n")
    assert file.read_bytes() == b"something"


@pytest.mark.parametrize("module", ["jinja2", "vl_convert"])
def test_a_missing_extra_is_one_message(report, tmp_path, capsys, monkeypatch, module):
    """It names what to install."""
    monkeypatch.setitem(sys.modules, module, None)

    assert made(capsys, report, "-o", tmp_path / "page.html") == (
        1,
        "",
        f"{module}: not installed, expected the extra. Run pip install 'pytest-darkhost[html]'\n",
    )


def test_several_places_share_a_page(folder, key, tmp_path, capsys):
    """Evidence, and beside it the report of round trips: each says for itself how far it can be believed."""
    trips = pages.report(1, TARGETS) | {"tests": [pages.round_trip()]}
    del trips["darkhost"]
    report, page = pages.written(tmp_path / "trips.json", trips), tmp_path / "page.html"
    shutil.copy(key.path.with_suffix(".pub"), tmp_path / "darkhost.pub")

    code, out, _ = made(capsys, folder, report, "-o", page, "--key", tmp_path / "darkhost.pub")

    assert (code, out) == (0, f"{page}: {folder} verified, {report} not signed\n")
    text = page.read_text(encoding="utf-8")
    assert text.index("belief verified") < text.index("belief not-signed")
    assert "after downgrade" in text
