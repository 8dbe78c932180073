"""
Breaks written activations mechanically, one place at a time, and counts how many a round trip finds out.

All mutants run on SQLite; what lives on is tried on PostgreSQL. Prints the survivors with their reasons.
Usage: `python benchmarks/mutants.py`, from the root of the repository.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Server
from support.activations import NEW, SEEDED, write_project
from support.history import upgraded
from support.mutants import Mutant, mutants, reason_to_live
from support.trip import faults, host_rows, twin_rows

CASES = (("A", SEEDED["slug"]), ("A", NEW["slug"]), ("B", NEW["slug"]), ("C", SEEDED["slug"]))
ROWS = {"A": lambda: twin_rows("0002"), "B": lambda: host_rows("0003"), "C": lambda: None}


def alive(file: Path, path: str, name: str, server: Server, candidates: list[Mutant]) -> Iterator[Mutant]:
    """Yield the mutants that the round trip on one database accepts."""
    for each in candidates:
        file.write_text(each.text, encoding="utf-8")
        for cached in file.parent.rglob("*.pyc"):
            cached.unlink()
        if not faults(file.parents[2], file.name[:4], name, lambda: server, ROWS[path]()):
            yield each


def main() -> None:
    """Print a line for each case, the survivors, and the share that was found out."""
    count: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory() as home,
        closing(open_server("sqlite")) as sqlite,
        closing(open_server("postgresql")) as postgres,
    ):
        catalog = make_url(f"sqlite:///{home}/catalog.sqlite")
        upgraded(catalog, "head")
        for path, slug in CASES:
            project = write_project(Path(home) / f"{path}-{slug}")
            os.chdir(project.root)
            file = project.activation(catalog, slug, path)[-1]
            whole = Mutant("as it was written", file.read_text(encoding="utf-8"))
            made = list(mutants(whole.text))
            assert list(alive(file, path, "sqlite", sqlite, [whole])) == [whole]
            left = list(alive(file, path, "sqlite", sqlite, made))
            left = list(alive(file, path, "postgresql", postgres, left))
            count.update(all=len(made), left=len(left))
            print(f"path {path}, {slug}: {len(made)} mutants, {len(left)} live on")
            for each in left:
                print(f"    {each.name}: {reason_to_live(each.name, 'postgresql') or 'UNEXPLAINED'}")
    print(f"found out: {count['all'] - count['left']} of {count['all']}, {1 - count['left'] / count['all']:.1%}")


if __name__ == "__main__":
    main()
