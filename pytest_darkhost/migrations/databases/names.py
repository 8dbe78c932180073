"""
The names of databases that are made here, by which a later run knows those that a killed one left. Asks no server.
"""

import hashlib
import os
import re
import secrets
import socket
from dataclasses import dataclass

_SHAPE = re.compile(r"(darkhost_[0-9a-f]{4}_\d+_([0-9a-f]{12}))_(\d+)_([0-9a-f]{6})")


@dataclass(frozen=True, slots=True)
class Maker:
    """One process that makes databases on one server: who it is, as part of each name."""

    stem: str
    """`darkhost_<host>_<process>_<token>`."""

    @classmethod
    def new(cls) -> "Maker":
        """Return a maker for this process, unlike any other."""
        host = hashlib.blake2s(socket.gethostname().encode(), digest_size=2).hexdigest()
        return cls(f"darkhost_{host}_{os.getpid()}_{secrets.token_hex(6)}")

    @classmethod
    def of(cls, name: str) -> "Maker | None":
        """Return who made a database of this name, or `None` if it was not made here: the name ends in a checksum."""
        match = _SHAPE.fullmatch(name)
        return cls(match[1]) if match and match[4] == _checksum(f"{match[1]}_{match[3]}") else None

    @property
    def lock(self) -> int:
        """The number of the lock that the maker holds on the server while it lives: positive, 31 bits."""
        return int.from_bytes(hashlib.blake2s(self.stem.encode(), digest_size=4).digest()) >> 1

    def name(self, number: int) -> str:
        """Return the name of the maker's database of this number. Needs no quotes, at most 63 characters."""
        text = f"{self.stem}_{number}"
        return f"{text}_{_checksum(text)}"

    def lives_here(self) -> bool:
        """Return whether the maker is another living process of this machine, as far as host and number tell."""
        _, host, process, _ = self.stem.split("_")
        # Containers give their few processes the same numbers each time: another maker with ours is gone.
        if host != Maker.new().stem.split("_")[1] or int(process) == os.getpid():
            return False
        try:
            os.kill(int(process), 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True
        return True


def _checksum(text: str) -> str:
    return hashlib.blake2s(text.encode(), person=b"darkhost", digest_size=3).hexdigest()
