"""
Proves that no row of an SQLite table was written since an earlier reading, from the pages of the file that hold it.
"""

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.sqlite_asking import ask, ask_one


def pages_digest(connection: Connection, table: str) -> str:
    """
    Return a digest of all pages of a table, or nothing where the file does not tell all.

    Within a transaction, in WAL mode or in memory it does not; and not every SQLite can list the pages (`dbstat`).
    """
    file = _whole_file(connection)
    if file is None:
        return ""
    try:
        query = "SELECT pageno FROM main.dbstat WHERE name = ? ORDER BY pageno"
        pages = [row[0] for row in ask(connection, query, table)]
        size_bytes: int = ask_one(connection, "PRAGMA main.page_size")
    except sqlite3.OperationalError:
        return ""
    return _digest(file, pages, size_bytes)


def _whole_file(connection: Connection) -> Path | None:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection) or driver.in_transaction:
        return None
    if ask_one(connection, "PRAGMA main.journal_mode") == "wal":
        return None
    found = [row[2] for row in ask(connection, "PRAGMA database_list") if row[1] == "main"]
    return Path(found[0]) if found and found[0] else None


def _digest(file: Path, pages: Sequence[int], size_bytes: int) -> str:
    digest = blake2b(repr(tuple(pages)).encode(), digest_size=16)
    with file.open("rb") as opened:
        for page in pages:
            opened.seek((page - 1) * size_bytes)
            digest.update(opened.read(size_bytes))
    return digest.hexdigest()
