"""
Written activations, broken mechanically: the round trip finds out. A sample; `benchmarks/mutants.py` tries all.
"""

from pathlib import Path

import pytest
from sqlalchemy import URL

from pytest_darkhost.migrations.databases.opening import open_server
from support.activations import NEW, SEEDED, Project
from support.mutants import mutants, reason_to_live
from support.trip import faults, host_rows

SAMPLE = 11
"""Every so many are tried."""


def sample(project: Project, catalog: URL, slug: str, path: str) -> tuple[Path, list[tuple[str, str]]]:
    """Return the file of an activation, and a sample of its mutants."""
    file = project.activation(catalog, slug, path)[-1]
    return file, [(each.name, each.text) for each in [*mutants(file.read_text(encoding="utf-8"))][::SAMPLE]]


@pytest.mark.parametrize(("path", "slug"), [("A", SEEDED["slug"]), ("B", NEW["slug"])])
def test_mutants_are_found_out(project: Project, sqlite: URL, path: str, slug: str) -> None:
    """The file passes as it was written; each of its mutants fails, but for those that are known to do no harm."""
    file, broken = sample(project, sqlite, slug, path)
    revision, rows = file.name[:4], host_rows("0003") if path == "B" else None

    def found(text: str) -> list[str]:
        file.write_text(text, encoding="utf-8")
        for cached in file.parent.rglob("*.pyc"):
            cached.unlink()
        return faults(project.root, revision, "sqlite", lambda: open_server("sqlite"), rows)

    assert found(file.read_text(encoding="utf-8")) == []
    survivors = [name for name, text in broken if not found(text) and not reason_to_live(name, "sqlite")]
    assert len(broken) > 7
    assert survivors == []


def test_a_mutant_is_a_valid_file(project: Project, sqlite: URL) -> None:
    """Each differs from the file in one place, and from all others."""
    file = project.activation(sqlite, NEW["slug"])[-1]
    texts = [each.text for each in mutants(file.read_text(encoding="utf-8"))]
    assert len(texts) > 80
    assert len(set(texts)) == len(texts)
    for text in texts:
        compile(text, "mutant", "exec")
