"""docs/evidence.md says what the code does, and what it shows can be typed."""

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_darkhost.evidence import kinds
from pytest_darkhost.evidence.unfit import CODES
from support import evidence

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/evidence.md").read_text()
TOOLS = ("openssl", "base64", "sha256sum", "sed", "grep")


@pytest.fixture
def shown(tmp_path):
    """The folder that the page shows, beside its public key."""
    key = evidence.signer(tmp_path)
    folder = tmp_path / "evidence"
    evidence.add_runs(folder, key, 2)
    at = evidence.START + timedelta(minutes=30)
    spec = evidence.record(1)["specs"][0] | {"base_url": "http://127.0.0.1:{port}", "managed": True}
    vcs = evidence.record(1)["vcs"] | {"dirty": True, "changes": ["pytest_darkhost/checks/cost.py"]}
    call = evidence.probe(3, 1, at)
    tests = [evidence.passed("availability", call), evidence.failed("identity", call)]
    tests.append(evidence.skipped("json_schema", "cost_cap", "the cap is spent"))
    evidence.add_run(folder, key, evidence.report(3, tests, at, specs=[spec], vcs=vcs, exit_status=1))
    return tmp_path


def typed(block, directory):
    """Run the commands of a block in one directory; return them with what they print, as the page has them."""
    said = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        ours = re.sub(r"^darkhost ", f"{sys.executable} -m pytest_darkhost ", command)
        done = subprocess.run(["sh", "-c", ours], cwd=directory, capture_output=True, text=True, check=True)
        said += [f"$ {command}", *(line.rstrip() for line in done.stdout.splitlines())]
    return "\n".join(said)


def without_digests(text):
    """Return a text in which what a key changes has names in the order of appearance: equal ones stay equal."""
    names = {}
    return re.sub(r"\b[0-9a-f]{64}\b", lambda match: names.setdefault(match[0], f"<{len(names)}>"), text)


def test_what_is_shown_is_what_is_printed(shown):
    """Each block of the page is typed, and prints the same but for digests; equal ones are equal here too."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.startswith(
        "OpenSSL 3"
    ):
        pytest.skip("pkeyutl -rawin needs OpenSSL 3")
    blocks = re.findall(r"```console\n(.*?)\n```", PAGE, re.DOTALL)

    assert len(blocks) == 2
    for block in blocks:
        assert without_digests(typed(block, shown)) == without_digests(block)


def test_openssl_refuses_another_line(shown):
    """The commands of the page can say no."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    block = re.findall(r"```console\n(.*?)\n```", PAGE, re.DOTALL)[1]
    commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)[:5]
    evidence.write_lines(
        shown / "evidence",
        [
            evidence.line_bytes(shown / "evidence")[0],
            evidence.line_bytes(shown / "evidence")[1].replace(b'"payload":"ey', b'"payload":"eY'),
        ],
    )

    done = subprocess.run(["sh", "-c", "\n".join(commands)], cwd=shown, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "Verified Successfully" not in done.stdout


def test_each_code_is_on_the_page():
    """Reasons and refusals: whoever meets one finds what it means."""
    quoted = set(re.findall(r"`([a-z_]+)`", PAGE))
    source = "".join(path.read_text() for path in (ROOT / "pytest_darkhost/evidence").rglob("*.py"))
    raised = set(re.findall(r'(?:EvidenceError|_?refused?)\(\s*"([a-z_]+)"', source))
    raised |= set(re.findall(r'^_?CODE = "([a-z_]+)"', source, re.MULTILINE)) | {"statement", "folder", "write"}

    assert len(raised) > 20
    assert raised - quoted == set()
    assert set(CODES) - quoted == set()


def test_each_type_of_ours_is_an_anchor_of_the_page():
    """A predicate type is an address that can be opened."""
    anchors = {each.value.partition("#")[2] for each in kinds.Kind} - {""}

    assert anchors == {"run-opened-v1", "run-record-v1", "key-rotated-v1"}
    assert [anchor for anchor in anchors if f"\n### {anchor}\n" not in PAGE] == []


def test_a_plan_is_digested_as_the_page_says():
    """Sorted lines through `sha256sum`: an auditor needs nothing of ours for it."""
    if missing := [tool for tool in ("sort", "sha256sum") if shutil.which(tool) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    ids = [evidence.node_id(check, venue) for check in (*evidence.CHECKS, "Ähnlich", "z", "A") for venue in ("b", "a")]
    command = "LC_ALL=C sort | sha256sum"
    assert f"| {command}\n" in PAGE

    done = subprocess.run(
        ["sh", "-c", command], input="".join(f"{each}\n" for each in ids).encode(), capture_output=True, check=True
    )

    assert done.stdout.split()[0].decode() == evidence.plan(ids)["digest"]["sha256"]
