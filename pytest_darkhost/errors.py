"""
The exceptions of the package. What a venue does wrong is never one of these: that is an observation.

    DarkhostError
    ├── UsageError          an option, ini value, environment variable or file that the user must change
    │   ├── ArgumentError   what was typed names nothing that there is, or says too little
    │   ├── SpecError       one or more mistakes in a venue spec, each with its line
    │   ├── CredentialError a key that is missing or malformed; never shows any part of it
    │   ├── CatalogError    a database that is unreachable, empty or not shaped like a catalog
    │   ├── HistoryError    an Alembic history that cannot be found, read or walked
    │   └── DatabaseError   a server on which round trips cannot make databases of their own
    ├── CassetteError       a cassette that cannot be read, or must not be written
    ├── EvidenceError       evidence that is refused, or cannot be written; its code says why
    ├── ServeError          a managed venue that did not start
    └── AdapterError        a team's adapter that broke the contract of the hook

The text of each is `<place>: <what is>, <what was expected>[. <what to do>]`.
"""

from dataclasses import dataclass


class DarkhostError(Exception):
    """Base of all errors that the package raises on purpose."""


class UsageError(DarkhostError):
    """Something that the user typed or configured cannot be used. pytest exits with 4."""


class ArgumentError(UsageError):
    """What was typed names nothing that there is, or says too little. `darkhost` exits with 2."""


@dataclass(frozen=True, slots=True)
class SpecMistake:
    """One mistake in a spec file."""

    path: str
    """The file, relative to the root directory."""
    line: int
    """1-based."""
    text: str
    """`<key path>: <what is>, <what was expected>`."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class SpecError(UsageError):
    """All mistakes of one or more spec files, in file order."""

    def __init__(self, mistakes: tuple[SpecMistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class CredentialError(UsageError):
    """A venue's key is missing or malformed. The text names the variable, never the value."""


class CatalogError(UsageError):
    """The catalog cannot be read, or is not shaped like one."""


class HistoryError(UsageError):
    """An Alembic history cannot be found, read or walked."""


class DatabaseError(UsageError):
    """A server, or a database that was made for a round trip, cannot be used. Shows no part of a password."""


class CassetteError(DarkhostError):
    """A cassette that is not one, or is not ours, or would hold a key."""


class EvidenceError(DarkhostError):
    """Evidence that is refused, or that cannot be written."""

    def __init__(self, code: str, text: str, line: int | None = None) -> None:
        self.code = code
        """One word of the table in docs/evidence.md, such as `signature` or `locked`."""
        self.line = line
        """The line of the bundle that is refused, 1-based; `None` where it is none."""
        # Refusals quote what strangers wrote, and are read on terminals.
        super().__init__("".join(each if each.isprintable() else ascii(each)[1:-1] for each in text))


class ServeError(DarkhostError):
    """A managed venue did not become ready. The text ends with the last lines of its log."""


class AdapterError(DarkhostError):
    """A team's adapter did what a probe must not do, such as sending a second request."""
