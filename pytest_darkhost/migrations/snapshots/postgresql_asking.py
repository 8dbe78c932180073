"""
Asks a PostgreSQL database by the driver's own cursor, since a snapshot is taken again and again.

On a connection that is kept for that, a question is planned once, which takes longer than to answer it: by `PREPARE`,
whatever the driver, since psycopg forgets its own prepared statements at each rollback. What the texts of values and
definitions depend on is set there for good, but for the search path: tables are looked for by their names there too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

APPLICATION = "pytest-darkhost"
"""The name that the server knows our kept connections by."""
_PREPARED = "darkhost_prepared"
_PARAMETER = re.compile(r"(?<!:):(\w+)\b")
_TYPE = {str: "text", tuple: "text[]"}
_TOGETHER = "psycopg"
"""The driver that sends several statements together, and gives the answer to each."""
PLAIN_PATH = (
    "SELECT set_config('darkhost.schema', coalesce(current_schema(), 'public'), true),"
    " set_config('search_path', 'pg_catalog', true)"
)
"""Sets the search path for one transaction, in which `darkhost.schema` is the default schema outside of it."""
SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "row_security": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "random_page_cost": "1",
}
"""
A row that a policy would hide is an error instead. And a long query is planned once per connection at most, never
compiled: either takes longer than to run it. The catalogs are in memory, where an index is the shorter way.
"""

Answer: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A query that is asked often."""

    name: str
    text: str
    """With its parameters written `:name`."""
    parameters: tuple[str, ...]
    """In an order of their own."""


def keep(driver: Any, info: dict[Any, Any]) -> None:
    """Say of a new connection, in its `info`, that it is kept for questions, and set what their answers depend on."""
    info[_PREPARED] = set()
    prepare_nothing(driver)
    with _committing(driver), closing(driver.cursor()) as cursor:
        cursor.execute(f"SELECT {', '.join(settings_made({**SETTINGS, 'application_name': APPLICATION}))}")


def settings_made(settings: Mapping[str, str]) -> Iterator[str]:
    """Yield the calls that make these settings for the session."""
    return (f"set_config('{name}', '{value}', false)" for name, value in settings.items())


@contextmanager
def alone(connection: Connection) -> Iterator[bool]:
    """
    Let each question be a transaction of its own, which the server is told in one message, if that can be done.

    That is where the connection is kept and in no transaction, and the driver can send several statements together.
    """
    kept = _PREPARED in connection.info and not connection.in_transaction()
    if not kept or connection.dialect.driver != _TOGETHER:
        yield False
        return
    with _committing(connection.connection.dbapi_connection):
        yield True


@contextmanager
def _committing(driver: Any) -> Iterator[None]:
    driver.autocommit = True
    try:
        yield
    finally:
        if not getattr(driver, "closed", False):  # whoever ended the session has left nothing to put back
            driver.autocommit = False


def prepare_nothing(driver: Any) -> None:
    """
    Keep psycopg from preparing statements by itself.

    It drops ours with its own at each rollback, and does not notice each time that `DISCARD ALL` drops its own.
    """
    if hasattr(driver, "prepare_threshold"):
        driver.prepare_threshold = None


def ask_again(
    connection: Connection, question: Question, values: Mapping[str, str | tuple[str, ...]], *, before: str = ""
) -> list[Answer]:
    """
    Return all rows. Raises SQLAlchemy's errors.

    :param before: see `ask`.
    """
    return ask(connection, execution(connection, question, values, before=before), before=before)


def execution(
    connection: Connection, question: Question, values: Mapping[str, str | tuple[str, ...]], *, before: str = ""
) -> str:
    """
    Return the statement that asks a question, which is prepared for it where the connection is kept. Raises as `ask`.

    :param before: see `ask`.
    """
    literals = {name: _literal(values[name]) for name in question.parameters}
    prepared = connection.info.get(_PREPARED)
    if prepared is None:
        return _PARAMETER.sub(lambda found: literals[found[1]], question.text)
    if question.name not in prepared:
        types = [_TYPE[type(values[name])] for name in question.parameters]
        numbers = {name: f"${number}" for number, name in enumerate(question.parameters, start=1)}
        text = _PARAMETER.sub(lambda found: numbers[found[1]], question.text)
        ask(connection, f"PREPARE {question.name}{_listed(types)} AS {text}", before=before)
        prepared.add(question.name)
    return f"EXECUTE {question.name}{_listed(literals.values())}"


def ask(connection: Connection, statement: str, *, before: str = "") -> list[Answer]:
    """
    Return all rows of a statement without parameters, none where it returns none. Raises SQLAlchemy's errors.

    :param before: another statement that is sent with it in one transaction, where they are `alone`.
    """
    if before:
        return ask_together(connection, (before, statement))[-1]
    if not connection.in_transaction():
        connection.begin()  # the driver begins one: SQLAlchemy would not roll it back otherwise
    return ask_together(connection, (statement,))[-1]


def ask_together(connection: Connection, statements: Sequence[str]) -> list[list[Answer]]:
    """Return all rows of each statement, sent in one message where they are several and `alone`. Raises as `ask`."""
    driver = connection.dialect.loaded_dbapi
    text = "; ".join(statements)
    try:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(text)
            answers = [_rows(cursor, driver)]
            while len(answers) < len(statements) and cursor.nextset():
                answers.append(_rows(cursor, driver))
    except driver.Error as error:
        raise DBAPIError.instance(text, None, error, driver.Error) from error
    return answers


def _rows(cursor: Any, driver: Any) -> list[Answer]:
    # Nearly all statements return rows, and to describe them takes psycopg longer than to read them.
    try:
        return list(cursor.fetchall())
    except driver.ProgrammingError:
        return []


def _listed(parts: Iterable[str]) -> str:
    """Return parts in parentheses, or nothing for none: SQL allows no empty ones here."""
    text = ", ".join(parts)
    return f"({text})" if text else ""


def _literal(value: str | Sequence[str]) -> str:
    """Return a value as SQL has it, whatever `standard_conforming_strings` says."""
    if not isinstance(value, str):
        return f"CAST(ARRAY[{', '.join(map(_literal, value))}] AS text[])"
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'"
