"""Environments of peers that do not go with our own pytest: made on first use, which needs a package index."""

import os
import subprocess
import venv
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def python_of(name: str, *packages: str) -> str:
    """Return the interpreter of an environment with the packages. Raises `CalledProcessError` where pip fails."""
    directory = _ROOT / ".darkhost" / name
    python = directory / "bin" / "python"
    if not python.exists():
        venv.create(directory, with_pip=True)
        install = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
        subprocess.run(install, check=True, env=dict(os.environ))
    return str(python)
