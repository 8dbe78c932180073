"""
Tampering by mutation: each byte of a small bundle is flipped in turn, and the verifier refuses all of them.

No flip is without meaning: an envelope has one spelling, a payload is signed, a report's digest is signed.
"""

import json
import shutil
from contextlib import closing

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import envelope
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.verifying import walk
from support import evidence


@pytest.fixture(scope="module")
def one_run(tmp_path_factory, key):
    """A folder of one small run."""
    folder = tmp_path_factory.mktemp("mutation") / "evidence"
    value = evidence.report(1, [evidence.passed("identity", evidence.probe(1))])
    value["darkhost"]["plan"] = evidence.plan([evidence.node_id("identity")])
    evidence.add_run(folder, key, value)
    return folder


def is_refused(folder, key):
    """Return whether a folder is refused, and by an error of ours."""
    try:
        with closing(Identities()) as identities:
            for _ in walk(folder, [key.public], identities):
                pass
    except EvidenceError:
        return True
    return False


@pytest.mark.parametrize("file", ["bundle", "report"])
def test_each_flipped_byte_is_refused(one_run, key, file):
    """Wherever it lies, in a line, between lines or in the report, one bit in turn, and by an error of ours."""
    path = one_run / "bundle.intoto.jsonl" if file == "bundle" else next((one_run / "reports").iterdir())
    data = path.read_bytes()
    assert not is_refused(one_run, key)

    accepted = []
    with path.open("r+b") as opened:
        for place, byte in enumerate(data):
            _write(opened, place, byte ^ (1 << place % 8))
            if not is_refused(one_run, key):
                accepted.append(place)
            _write(opened, place, byte)

    assert path.read_bytes() == data
    assert accepted == []
    assert len(data) > 2000


def _write(file, place, byte):
    file.seek(place)
    file.write(bytes([byte]))
    file.flush()


def test_each_cut_is_refused_or_shows(one_run, key):
    """A bundle that ends anywhere else: at the end of a line the run shows as abandoned with a report of no line."""
    path = one_run / "bundle.intoto.jsonl"
    data = path.read_bytes()
    ends = {place for place, byte in enumerate(data) if byte == ord("\n")}
    sizes = sorted({*range(0, len(data), 23), *(end + step for end in ends for step in (-1, 0, 1))} - {len(data)})
    try:
        accepted = [size for size in sizes if not _is_cut_refused(one_run, key, data[:size])]
    finally:
        path.write_bytes(data)

    assert accepted == []


def leaves(value, path=()):
    """Yield the path of each value that is no container, and of each empty one."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not children:
        yield path
    for key, child in children:
        yield from leaves(child, (*path, key))


def test_the_key_does_not_help_to_change_what_a_run_was(one_run, key, tmp_path):
    """Each value of a closing line changed and signed again: all are computed again, but its time."""
    folder = tmp_path / "evidence"
    shutil.copytree(one_run, folder)
    accepted = []
    for path in leaves(evidence.statements(one_run)[1]):
        said = evidence.statements(one_run)
        holder = said[1]
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = changed(holder[path[-1]])
        line = envelope.written(json.dumps(said[1]).encode(), [key])
        evidence.write_lines(folder, [evidence.line_bytes(one_run)[0], line])
        if not is_refused(folder, key):
            accepted.append(path)

    assert accepted == [("predicate", "darkhost", "time")]


def changed(value):
    """Return another value of the same kind."""
    if isinstance(value, list):
        return ["something"]
    if isinstance(value, int):
        return value + 1
    return "2026-11-25T12:00:08.500Z" if value.startswith("2026") else f"{value}x"


def _is_cut_refused(folder, key, data):
    (folder / "bundle.intoto.jsonl").write_bytes(data)
    return is_refused(folder, key)
