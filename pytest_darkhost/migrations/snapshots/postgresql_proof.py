"""
Proves that no row of a PostgreSQL table was written since an earlier reading, from the server's own row versions.

Whatever inserts or updates a row leaves a version that carries the number of its transaction (`xmin`), rewrites of the
table by `ALTER TABLE` included. So where no version is newer than the reading, nothing was inserted or updated since,
and where the count is the same too, nothing was deleted. `VACUUM` and `CLUSTER` keep the numbers.
"""

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.values import TableRows


def horizon(connection: Connection) -> str:
    """
    Return the number before which all transactions have ended, or nothing within a transaction that has written itself.

    What such a transaction writes later could not be told from what it has written already.
    """
    query = (
        "SELECT CASE WHEN txid_current_if_assigned() IS NULL"
        " THEN (txid_snapshot_xmin(txid_current_snapshot()) % (CAST(1 AS bigint) << 32)) END"
    )
    return str(connection.exec_driver_sql(query.replace("%", "%%")).scalar() or "")


def nothing_written(connection: Connection, place: str, known: TableRows) -> bool:
    """Return whether the table has as many rows as when it was read, and no version that is newer."""
    query = (
        f"SELECT count(*), count(*) FILTER (WHERE age(xmin) <= age(CAST('{int(known.stamp)}' AS xid)))"
        f" FROM {place.replace('%', '%%')}"
    )
    count, newer = connection.exec_driver_sql(query).one()
    return bool(count == known.count and newer == 0)
