"""A process that has run migrations gives its memory back as a whole, once all else that ends with it is done."""

import subprocess
import sys
from pathlib import Path

from migrations.trips.histories import HistoryFiles

CONFTEST = """
import atexit
import gc

out = open("out.txt", "w")
out.write("written, and never closed")


def pytest_configure():
    atexit.register(lambda: print("handlers:", gc.get_freeze_count()))


class Last:
    def __del__(self):
        print("finalized:", bool(frozen()))


last, frozen = Last(), gc.get_freeze_count
"""


def test_the_process_of_a_session_ends_at_once(tmp_path: Path) -> None:
    """Exit handlers find the collector as it was, then all is frozen; what no cycle holds is finalised as ever."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "migration"]
    options = ["--darkhost-alembic=alembic.ini", "--darkhost-database=sqlite"]
    done = subprocess.run([*line, *options], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["handlers: 0", "finalized: True"], done.stdout
    assert (tmp_path / "out.txt").read_text() == "written, and never closed"
