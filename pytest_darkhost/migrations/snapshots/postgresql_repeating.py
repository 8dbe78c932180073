"""
Texts that are asked of a PostgreSQL database again and again, such as for the rows of a table that stays as it is.
"""

from collections.abc import Sequence
from itertools import count

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_asking import ask_together

_TEXTS = "darkhost_texts"
_MOST_KEPT = 500


class _Texts:
    """Those that one connection was asked. Grows, and is begun anew."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.names: dict[str, str] = {}
        """By text: what it is prepared as, empty where it was asked once."""


def repeated(connection: Connection, texts: Sequence[str], *, before: str) -> list[str]:
    """
    Return the statement that asks each text: itself at first, from the second time on what it is then prepared as.

    A plan follows what becomes of its tables. Most texts are asked once, and take longer to be prepared. Raises as
    `ask`.

    :param before: see `ask`.
    """
    kept: _Texts = connection.info.setdefault(_TEXTS, _Texts())
    if len(kept.names) > _MOST_KEPT:
        _tell(connection, [f"DEALLOCATE {name}" for name in kept.names.values() if name], before)
        kept.names.clear()
    # A name is used once: after an error, the server may have prepared some of them.
    new = {text: f"darkhost_text_{next(kept.numbers)}" for text in texts if kept.names.get(text) == ""}
    _tell(connection, [f"PREPARE {name} AS {text}" for text, name in new.items()], before)
    kept.names.update(new)
    return [_statement(kept, text) for text in texts]


def _statement(kept: _Texts, text: str) -> str:
    name = kept.names.setdefault(text, "")
    return f"EXECUTE {name}" if name else text


def _tell(connection: Connection, statements: Sequence[str], before: str) -> None:
    if statements:
        ask_together(connection, (before, *statements))
