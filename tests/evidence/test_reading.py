"""A report is read whole, however the system hands it over, and never more than the limit."""

import os

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import folder


@pytest.mark.parametrize("size", [0, 1, 7, 8, 1000])
def test_a_report_that_comes_in_pieces_is_read_whole(tmp_path, monkeypatch, size):
    """A system may give less than it was asked for, as a file on a network does."""
    path, data, read = tmp_path / "report.json", os.urandom(size), os.read
    path.write_bytes(data)
    monkeypatch.setattr(os, "read", lambda descriptor, wanted: read(descriptor, min(wanted, 7)))

    assert folder.read_file(path) == data


def test_a_report_that_grows_while_it_is_read_is_no_larger_than_the_limit(tmp_path, monkeypatch):
    """The size that it had says nothing of what comes."""
    path, read = tmp_path / "report.json", os.read
    path.write_bytes(b"12345678")
    monkeypatch.setattr(folder, "LARGEST_REPORT", 8)

    def grown(descriptor, wanted):
        with path.open("ab") as file:
            file.write(b"9" * 100)
        return read(descriptor, wanted)

    monkeypatch.setattr(os, "read", grown)

    with pytest.raises(EvidenceError, match="larger than 8 bytes") as refused:
        folder.read_file(path, 2)
    assert (refused.value.code, refused.value.line) == ("size", 2)


def test_no_file_stays_open(tmp_path, monkeypatch):
    """Neither one that was read nor one that was refused."""
    path, opened, closed = tmp_path / "report.json", [], []
    path.write_bytes(b"12345678")
    system_open, system_close = os.open, os.close
    monkeypatch.setattr(os, "open", lambda *given: opened.append(system_open(*given)) or opened[-1])
    monkeypatch.setattr(os, "close", lambda descriptor: closed.append(descriptor) or system_close(descriptor))

    folder.read_file(path)
    monkeypatch.setattr(folder, "LARGEST_REPORT", 7)
    with pytest.raises(EvidenceError):
        folder.read_file(path)
    with pytest.raises(EvidenceError):
        folder.read_file(tmp_path)

    assert len(opened) == 3
    assert closed == opened
