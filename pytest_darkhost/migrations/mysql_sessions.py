"""
Sessions of MySQL and MariaDB that work in one database: whoever a revision of ours waited for is among them.
"""

from sqlalchemy import Connection

from pytest_darkhost.migrations.lock_record import Holder
from pytest_darkhost.migrations.masked_sql import without_literals

LOCK_TIMEOUT_S = 10
"""The servers' own is a day or a year where somebody else reads a table that is to be altered."""
TIMED_OUT = "Lock wait timeout exceeded"
"""How both servers begin to say so."""
_OTHERS = (
    "SELECT id, user, command, info, time FROM information_schema.processlist"
    " WHERE db = DATABASE() AND id <> CONNECTION_ID() ORDER BY id"
)


def set_timeouts() -> str:
    """Return the statement after which a session waits for locks no longer than is ours to wait."""
    return f"SET SESSION lock_wait_timeout = {LOCK_TIMEOUT_S}, innodb_lock_wait_timeout = {LOCK_TIMEOUT_S}"


def others_in(connection: Connection) -> tuple[Holder, ...]:
    """Return the other sessions of the connection's database, without the literals of what they run."""
    rows = connection.exec_driver_sql(_OTHERS).all()
    return tuple(
        Holder(number, user, "", command.lower(), without_literals(info or ""), float(since_s or 0))
        for number, user, command, info, since_s in rows
    )
