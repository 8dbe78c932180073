"""
The directory for reports, logs and the common ledger, and a temporary one where it cannot be written.
"""

import os
import tempfile
from pathlib import Path

import pytest


def prepare_directory(directory: Path) -> str | None:
    """Make a directory that git ignores; return `None`, or why nobody can write there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        ignore = directory / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        return error.strerror or type(error).__name__
    return None if os.access(directory, os.W_OK | os.X_OK) else "it is not writable"


def temporary_directory(config: pytest.Config) -> Path:
    """Return a directory that is removed when pytest ends."""
    temporary = tempfile.TemporaryDirectory(prefix="darkhost-", ignore_cleanup_errors=True)
    config.add_cleanup(temporary.cleanup)
    return Path(temporary.name)
