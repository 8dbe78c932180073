"""
Breaks written activations mechanically, one place at a time, and counts how many a round trip finds out.

All mutants run on SQLite; what lives on is tried on PostgreSQL, and what still does on MariaDB, where this machine has
it. Prints the survivors with their reasons. Usage, from the root of the repository:
`python -m benchmarks.mutants [--path A] [--path B] [--path C]`, all paths unless some are named.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import make_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Server
from support import mariadb
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


def opened(stack: ExitStack) -> list[tuple[str, Server]]:
    """Return the servers, each with the word that checks know, in the order of what a round trip costs there."""
    servers = [(name, stack.enter_context(closing(open_server(name)))) for name in ("sqlite", "postgresql")]
    if found := mariadb.programs():
        url = stack.enter_context(mariadb.running(found))
        for dialect in ("mysql", "mariadb"):  # SQLAlchemy has one of each name, and activations ask for it
            text = url.set(drivername=f"{dialect}+pymysql").render_as_string(hide_password=False)
            servers.append(("mysql", stack.enter_context(closing(open_server(text)))))
    return servers


def survivors(file: Path, path: str, servers: list[tuple[str, Server]]) -> tuple[int, list[Mutant]]:
    """Return how many mutants a file has, and those that no server finds out. The file itself passes on each."""
    as_written = file.read_text(encoding="utf-8")
    whole = Mutant("as it was written", lambda: as_written)
    made = left = list(mutants(as_written))
    for name, server in servers:
        assert list(alive(file, path, name, server, [whole])) == [whole], name
        left = list(alive(file, path, name, server, left))
    return len(made), left


def main() -> None:
    """Print a line for each case, the survivors, and the share that was found out."""
    parser = argparse.ArgumentParser(description="Count the mutants of written activations that round trips find out.")
    parser.add_argument("--path", action="append", choices=sorted(ROWS), help="only this path; may be repeated")
    wanted = parser.parse_args().path or sorted(ROWS)
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        servers = opened(stack)
        print("on", ", ".join(dict(servers)), flush=True)
        catalog = make_url(f"sqlite:///{home}/catalog.sqlite")
        upgraded(catalog, "head")
        for path, slug in (case for case in CASES if case[0] in wanted):
            project = write_project(Path(home) / f"{path}-{slug}")
            os.chdir(project.root)
            made, left = survivors(project.activation(catalog, slug, path)[-1], path, servers)
            count.update(all=made, left=len(left))
            print(f"path {path}, {slug}: {made} mutants, {len(left)} live on", flush=True)
            for each in left:
                print(f"    {each.name}: {reason_to_live(each.name, servers[-1][0]) or 'UNEXPLAINED'}", flush=True)
    print(f"found out: {count['all'] - count['left']} of {count['all']}, {1 - count['left'] / count['all']:.1%}")


if __name__ == "__main__":
    main()
