"""
Which locks a revision takes on relations that were there before, and for how long, as a PostgreSQL server sees it.

`pg_locks` is read from a second connection while the revision runs, and on the revision's own just before each commit:
what is held until then, which is what statements on tables take, cannot be missed. Nothing is judged here.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from sqlalchemy import URL, Connection, Engine, Row, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.engines import engine_for_questions
from pytest_darkhost.migrations.lock_record import Holder, LockRecord
from pytest_darkhost.migrations.masked_sql import without_literals
from pytest_darkhost.migrations.snapshots.postgresql_asking import APPLICATION, Answer, Question, ask_again, keep

SAMPLE_S = 0.01
_LOCK_CODES = ("55P03", "40P01")
"""`lock_not_available` and `deadlock_detected` (PostgreSQL documentation, appendix A)."""
_KINDS = {
    "r": "table",
    "p": "table",
    "f": "foreign table",
    "i": "index",
    "I": "index",
    "S": "sequence",
    "v": "view",
    "m": "materialized view",
}
_EXISTING = Question(
    "darkhost_existing",
    """
WITH schemas AS MATERIALIZED (
    SELECT n.oid, CASE n.nspname WHEN current_schema() THEN '' ELSE n.nspname || '.' END AS prefix
    FROM pg_namespace n WHERE n.nspname !~ '^pg_'
) SELECT c.oid, c.relkind::text, s.prefix || c.relname FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
WHERE c.oid >= 16384""",
    (),
)
_HELD = """
SELECT l.pid, l.relation, l.mode, l.granted FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation >= 16384
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid """
_OTHERS = Question(
    "darkhost_others",
    f"{_HELD}NOT IN (SELECT a.pid FROM pg_stat_activity a WHERE a.application_name = '{APPLICATION}')",  # noqa: S608 - ours
    (),
)
"""Those of us who ask questions are no part of a revision."""
_OWN = _HELD + "= pg_backend_pid()"
_WAITED_FOR = text("""
SELECT a.pid, a.usename, a.application_name, a.state, a.query, extract(epoch FROM now() - a.xact_start) AS since_s
FROM pg_stat_activity w, unnest(pg_blocking_pids(w.pid)) b JOIN pg_stat_activity a ON a.pid = b
WHERE w.datname = current_database() AND w.wait_event_type = 'Lock'""")


class LockWatcher:
    """Watches one database of PostgreSQL, revision by revision, through a connection of its own."""

    def __init__(self, url: URL) -> None:
        """Raises SQLAlchemy's errors if the database cannot be reached."""
        self._name = url.database
        self._record: LockRecord | None = None
        self._engine = engine_for_questions(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        event.listen(self._engine, "connect", lambda driver, record: keep(driver, record.info))
        self._session = self._engine.connect()
        self._sampler = ThreadPoolExecutor(1, thread_name_prefix="darkhost-locks")
        event.listen(Engine, "commit", self._before_commit)

    def close(self) -> None:
        """Close the connection, so that the database can be copied."""
        event.remove(Engine, "commit", self._before_commit)
        self._sampler.shutdown()
        with suppress(SQLAlchemyError):  # it may have been ended under us
            self._session.close()

    @contextmanager
    def watching(self) -> Iterator[LockRecord]:
        """Yield the record of what happens inside of the `with` block."""
        rows = self._existing()
        self._record = record = LockRecord({oid: (_KINDS.get(kind, "relation"), name) for oid, kind, name in rows})
        ended = threading.Event()
        sampled = self._sampler.submit(self._sample, record, ended)
        try:
            yield record
        finally:
            ended.set()
            sampled.result()
            self._record = None

    def _existing(self) -> list[Answer]:
        try:
            return ask_again(self._session, _EXISTING, {})
        except SQLAlchemyError:  # an earlier revision may have ended the sessions of others
            self._session.invalidate()
            self._session = self._engine.connect()
            return ask_again(self._session, _EXISTING, {})

    def _sample(self, record: LockRecord, ended: threading.Event) -> None:
        # The session may be ended under us, with the database.
        with suppress(SQLAlchemyError):
            while not ended.wait(SAMPLE_S):
                rows = ask_again(self._session, _OTHERS, {})
                record.see([row[:3] for row in rows if row[3]], everybody=True)
                if not all(row[3] for row in rows):
                    record.holders = tuple(map(_holder, self._session.execute(_WAITED_FOR))) or record.holders

    def _before_commit(self, connection: Connection) -> None:
        """Look at what a session holds that is about to commit, if it is one of the revision that is watched."""
        record = self._record
        if not record or connection.dialect.name != "postgresql" or connection.engine.url.database != self._name:
            return
        # On the driver's cursor: listeners of the revision's statements do not see it.
        cursor = connection.connection.cursor()
        try:
            # A failed transaction answers nothing, and its commit is a rollback.
            with suppress(connection.dialect.loaded_dbapi.Error):
                cursor.execute(_OWN)
                record.see([row[:3] for row in cursor.fetchall()], everybody=False)
        finally:
            cursor.close()


def is_lock_timeout(error: DBAPIError) -> bool:
    """Return whether a statement failed because another session held a lock for too long, or because both waited."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return code in _LOCK_CODES or "database is locked" in str(error.orig)


def _holder(row: Row[tuple[int, str, str, str, str, float]]) -> Holder:
    query = without_literals(row.query or "")
    return Holder(row.pid, row.usename, row.application_name, row.state, query, float(row.since_s or 0))
