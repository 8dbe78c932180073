"""
Asks an SQLite database by the driver's own cursor, since a snapshot has many questions. None begins a transaction.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

Answer: TypeAlias = tuple[Any, ...]


def ask(connection: Connection, question: str, *parameters: object) -> list[Answer]:
    """Return all rows. Raises the driver's errors."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(question, parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def ask_one(connection: Connection, question: str, *parameters: object) -> Any:
    """Return the first value of the first row, or `None` if there is no row. Raises the driver's errors."""
    rows = ask(connection, question, *parameters)
    return rows[0][0] if rows else None


def batches(connection: Connection, question: str, size: int) -> Iterator[list[Answer]]:
    """Yield the rows in lists of at most this size. Raises the driver's errors."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(question)
        while batch := cursor.fetchmany(size):
            yield list(batch)
    finally:
        cursor.close()


@contextmanager
def errors_of_sqlalchemy() -> Iterator[None]:
    """Raise `OperationalError` of SQLAlchemy for what the driver raises."""
    try:
        yield
    except sqlite3.Error as error:
        msg = "a snapshot of SQLite"
        raise OperationalError(msg, None, error) from error
