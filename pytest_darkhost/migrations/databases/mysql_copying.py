"""
A database of MySQL or MariaDB made anew from its own definitions: there are no templates.

Rows go in before triggers, so that no trigger sees them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import DBAPIError

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.mysql_grants import grants_in

_COPYING = "NO_AUTO_VALUE_ON_ZERO"
"""The SQL mode for rows: a key of 0 stays 0, and a date that is not strictly valid stays what it is."""
_COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_schema = '{}' AND table_name = %s"
    " AND coalesce(generation_expression, '') = '' ORDER BY ordinal_position"
)
_ROUTINES = "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = '{}'"
_TRIGGERS = (
    "SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = '{}'"
    " ORDER BY event_object_table, action_timing, event_manipulation, action_order"
)
_EVENTS = "SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = '{}'"


def copy_database(session: Connection, name: str, original: str) -> None:
    """
    Make a copy of everything that a database holds, with its grants. The name of the original must be unmistakable.

    :raises DatabaseError: the user may not read a definition.
    """
    copying = _Copying(session, name, original)
    copying.make()
    try:
        copying.fill()
    finally:
        session.exec_driver_sql("SET SESSION foreign_key_checks = DEFAULT, sql_mode = DEFAULT")


@dataclass(frozen=True, slots=True)
class _Copying:
    session: Connection
    name: str
    original: str

    def make(self) -> None:
        """Create the database, with the character set of the original."""
        definition = self._definition("DATABASE", self.original, 1)
        self._run(re.sub(rf"`{self.original}`", f"`{self.name}`", definition, count=1))

    def fill(self) -> None:
        """Create what is in it, what others need first."""
        self._run(f"USE {self.name}")
        self._run(f"SET SESSION foreign_key_checks = 0, sql_mode = '{_COPYING}'")
        kinds: dict[str, list[str]] = {}
        for table, kind in self._run(f"SHOW FULL TABLES FROM {self.original}"):
            kinds.setdefault(kind, []).append(table)
        views = kinds.pop("VIEW", [])
        for each in kinds.pop("SEQUENCE", []):
            self._sequence(each)
        for each in (table for tables in kinds.values() for table in tables):
            self._table(each)
        self._programs(_ROUTINES)
        self._views(views)
        self._programs(_TRIGGERS)
        self._programs(_EVENTS)
        for grant in grants_in(self.session, self.original):
            self._run(grant.granted(self.name))

    def _sequence(self, sequence: str) -> None:
        self._run(self._definition("SEQUENCE", self._there(sequence), 1))
        query = f"SELECT next_not_cached_value FROM {self._there(sequence)}"
        position = self._run(query).scalar_one()
        self._run(f"DO SETVAL({self._quoted(sequence)}, {position}, 0)")

    def _table(self, table: str) -> None:
        self._run(self._definition("TABLE", self._there(table), 1))
        names = self._run(_COLUMNS.format(self.original), table).scalars()
        columns = ", ".join(self._quoted(each) for each in names)
        self._run(f"INSERT INTO {self._quoted(table)} ({columns}) SELECT {columns} FROM {self._there(table)}")

    def _views(self, views: list[str]) -> None:
        """Create views, those first that need no other of them: the server does not say which they need."""
        waiting = views
        while waiting:
            failed = [each for each in waiting if not self._succeeds(self._view, each)]
            if len(failed) == len(waiting):
                self._view(failed[0])
            waiting = failed

    def _view(self, view: str) -> None:
        self._run(self._definition("VIEW", self._there(view), 1))

    def _programs(self, query: str) -> None:
        """Create what runs by itself, each in its own SQL mode."""
        for kind, program in self._run(query.format(self.original)).all():
            found = self._run(f"SHOW CREATE {kind} {self._there(program)}").mappings().one()
            self._run("SET SESSION sql_mode = %s", found["sql_mode"])
            self._run(self._definition(kind, self._there(program), 3 if kind == "EVENT" else 2))

    def _definition(self, kind: str, name: str, place: int) -> str:
        """Return how something is made, in a database that need not be this one."""
        found: Any = self._run(f"SHOW CREATE {kind} {name}").one()[place]
        if not found:
            msg = f"mysql: the user may not read the definition of the {kind.lower()} {name}, expected one that may"
            raise DatabaseError(msg)
        return str(found) if kind == "DATABASE" else re.sub(rf"`?\b{self.original}\b`?\.", "", str(found))

    def _there(self, name: str) -> str:
        return f"{self.original}.{self._quoted(name)}"

    def _quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def _run(self, statement: str, *values: str) -> "CursorResult[*tuple[Any, ...]]":
        """Run a statement; drivers read `%` as a place of a value, even where there are none."""
        return self.session.exec_driver_sql(statement if values else statement.replace("%", "%%"), values)

    @staticmethod
    def _succeeds(make: Callable[[str], None], name: str) -> bool:
        try:
            make(name)
        except DBAPIError:
            return False
        return True
