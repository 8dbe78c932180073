"""
What there is to do in a repository, file by file: write it, add to it, or leave it. Writes nothing (`placing`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.commands.init.ini import settings_step
from pytest_darkhost.commands.init.step import Step, added, left, written
from pytest_darkhost.commands.placing import read_text
from pytest_darkhost.commands.shipped import shipped_spec
from pytest_darkhost.commands.templates import filled
from pytest_darkhost.errors import ArgumentError
from pytest_darkhost.specs.schema import FILE as SCHEMA_FILE
from pytest_darkhost.specs.schema import LINE as SCHEMA_LINE
from pytest_darkhost.specs.schema import text as schema_text

__all__ = ["Step", "next_steps", "steps_for"]

_PACKAGE = __package__
_LOCAL = "local"
_SPECS = Path("venue_specs")
_IGNORED = (".darkhost/",)
_VARIABLES = re.compile(r"^credential_env: *\[?([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Spec:
    """A shipped spec, for editors in its new place."""

    name: str
    text: str

    @property
    def variable(self) -> str | None:
        """The environment variable of the venue's key."""
        found = _VARIABLES.search(self.text)
        return found[1] if found else None


def steps_for(root: Path, venues: tuple[str, ...]) -> tuple[Step, ...]:
    """
    Return what there is to do in a directory, in the order in which it is said.

    :param venues: names of shipped specs; none: the local venue, and a spec of a hosted one to fill in.
    :raises ArgumentError: there is no such directory or venue.
    :raises UsageError: a file cannot be read.
    """
    if not root.is_dir():
        msg = f"{root}: no directory, expected the one of a repository"
        raise ArgumentError(msg)
    specs = [_copy(name) for name in venues or (_LOCAL,)]
    return tuple(_steps(root, specs, example=not venues))


def next_steps(steps: tuple[Step, ...], root: Path) -> Iterator[str]:
    """Yield what to type next."""
    specs = [step.path.stem for step in steps if step.path.parent == root / _SPECS and step.path.suffix == ".yaml"]
    names = ",".join(specs)
    yield "next:"
    if _LOCAL in specs:
        yield "  pip install 'pytest-darkhost[local]'   # a small language model for the local venue: no key, no cost"
    if hosted := [name for name in specs if not name.startswith(_LOCAL)]:
        yield f"  darkhost doctor                        # which keys and which catalog {', '.join(hosted)} want"
        yield f"  pytest -m live --venue={names} --darkhost-plan   # every call and its worst-case cost; sends nothing"
    yield f"  pytest -m live --venue={names}   # probes and judges"
    yield f"  pytest -m live --venue={names} --darkhost-record   # the same, and writes the cassettes"
    yield "  pytest                                 # judges again from the cassettes, as CI does"


def _steps(root: Path, specs: list[_Spec], *, example: bool) -> Iterator[Step]:
    for spec in specs:
        yield _new(root / _SPECS / f"{spec.name}.yaml", spec.text)
    if example:
        text = filled(_PACKAGE, "example.yaml", schema=SCHEMA_FILE)
        yield _new(root / _SPECS / "example.yaml.txt", text)
    yield _new(root / _SPECS / SCHEMA_FILE, schema_text())
    yield _new(root / "conftest.py", filled(_PACKAGE, "conftest.py.txt"))
    yield settings_step(root)
    variables = [spec.variable for spec in specs if spec.variable]
    secrets = "".join(f"          {name}: ${{{{ secrets.{name} }}}}\n" for name in variables)
    workflow = filled(
        _PACKAGE,
        "workflow.yaml",
        secrets=secrets or "          # ACME_API_KEY: ${{ secrets.ACME_API_KEY }}\n",
        extra="[local]" if any(spec.name.startswith(_LOCAL) for spec in specs) else "",
        venue=specs[0].name,
    )
    yield _new(root / ".github/workflows/darkhost.yml", workflow)
    yield _ignored(root / ".gitignore")


def _copy(name: str) -> _Spec:
    text = shipped_spec(name).read_text(encoding="utf-8")
    return _Spec(name, SCHEMA_LINE.sub(f"# yaml-language-server: $schema={SCHEMA_FILE}", text, count=1))


def _new(path: Path, text: str) -> Step:
    before = read_text(path)
    if before is None:
        return written(path, text)
    return left(path, "as it would be" if before == text else "it was there before")


def _ignored(path: Path) -> Step:
    """Add the lines that a `.gitignore` lacks."""
    before = read_text(path)
    lines = [line.strip() for line in (before or "").splitlines()]
    lacking = [line for line in _IGNORED if line not in lines and line.rstrip("/") not in lines]
    if not lacking:
        return left(path, "as it would be")
    news = "".join(f"{line}\n" for line in lacking)
    if before is None:
        return written(path, news)
    glue = "" if before.endswith("\n") or not before else "\n"
    return added(path, before, before + glue + news, news)
