"""
Asks git. Nothing that a repository or a user has configured runs, is waited for, or changes what is answered.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pytest_darkhost.errors import DarkhostError

TIMEOUT_S = 20.0
_HARMLESS = (
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.ignoreStat=false",
    "core.trustctime=true",
    "core.checkStat=default",
)
_KEPT = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
_SAFE_FIRST_LINE = 200


class GitError(DarkhostError):
    """git is not there, is too slow, or says no. One line."""


def git(directory: Path, *arguments: str) -> str:
    """
    Return what a command of git prints.

    :raises GitError: it cannot be run, takes longer than `TIMEOUT_S`, or fails.
    """
    command = ("git", "--no-pager", *(word for value in _HARMLESS for word in ("-c", value)), *arguments)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
            command,
            cwd=directory,
            env=_environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        msg = f"git {arguments[0]}: no answer within {TIMEOUT_S:.0f} s"
        raise GitError(msg) from None
    except OSError as error:
        msg = f"git: {error.strerror or type(error).__name__}"
        raise GitError(msg) from None
    if done.returncode:
        said = next(iter(done.stderr.decode("utf-8", "replace").splitlines()), f"exit status {done.returncode}")
        msg = f"git {arguments[0]}: {said[:_SAFE_FIRST_LINE]}"
        raise GitError(msg)
    return done.stdout.decode("utf-8", "surrogateescape")


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """
    Return an environment in which git looks at the directory and at no other place.

    A hook of git that runs pytest has `GIT_DIR` and `GIT_INDEX_FILE` set (gitenvironment(7)).
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
