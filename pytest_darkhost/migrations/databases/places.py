"""
Where the files of temporary databases go: into memory where there is room, since nobody needs them after the run.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - directories of our own are made in it
_ROOM_BYTES = 1 << 30
"""Less is what containers give by default (64 MB), which a copy of production rows would fill."""


def candidates() -> Iterator[Path]:
    """Yield directories for temporary files that this process can write, the fastest first."""
    if os.environ.get("TMPDIR"):
        yield Path(tempfile.gettempdir())
    elif _has_room(_MEMORY):
        yield _MEMORY
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - as above
        if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
            yield parent


def _has_room(directory: Path) -> bool:
    usable = directory.is_dir() and os.access(directory, os.W_OK | os.X_OK)
    return usable and shutil.disk_usage(directory).free >= _ROOM_BYTES
