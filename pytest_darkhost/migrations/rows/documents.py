"""
Rows from a JSON or YAML file: a mapping of tables to lists of rows, and the key `revision` beside them.

YAML is read by the strict rules of venue specs. JSON is YAML too, which gives it the same errors with the same lines.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pytest_darkhost.errors import SpecError, SpecMistake, UsageError
from pytest_darkhost.migrations.rows.row_set import Row, RowSet
from pytest_darkhost.specs.document import Document
from pytest_darkhost.specs.shown import shown, shown_path
from pytest_darkhost.specs.source import decoded
from pytest_darkhost.specs.yaml_nodes import read

REVISION = "revision"
_EXPECTED = "expected a mapping of tables to lists of rows"


def read_document(path: Path, name: str) -> RowSet:
    """
    Return the rows of a `.json`, `.yaml` or `.yml` file.

    :param name: how errors call the file.
    :raises UsageError: it cannot be read, or is not a mapping of tables to lists of rows. Each mistake has its line.
    """
    text = decoded(path.read_bytes(), name)
    document = cache(lambda: read(text))
    value = _from_json(text, document, name) if path.suffix == ".json" else _from_yaml(document(), name)
    _require_tables(value, document(), name) if not _is_shaped(value) else None

    def place(table: str, index: int, column: str | None) -> str:
        where = (table, index) if column is None else (table, index, column)
        return f"{name}:{document().place(where).line}: {shown_path(document().nearest(where))}"

    tables = {table: tuple(rows) for table, rows in value.items() if table != REVISION}
    return RowSet(tables, place, value.get(REVISION))


def _from_yaml(document: Document, name: str) -> Any:
    if document.flaws:
        raise SpecError(
            tuple(SpecMistake(name, each.line, f"{shown_path(each.path)}: {each.text}") for each in document.flaws)
        )
    return document.value


def _from_json(text: str, document: Any, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        msg = f"{name}:{error.lineno}: not JSON ({error.msg}), {_EXPECTED}"
        raise UsageError(msg) from None
    except ValueError:
        return _from_yaml(document(), name)  # it finds the twin, with its line


def _without_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(_word: str) -> Any:
    raise ValueError


def _is_shaped(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(rows, str) if table == REVISION else _are_rows(rows) for table, rows in value.items()
    )


def _are_rows(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) and row for row in rows)


def _require_tables(value: Any, document: Document, name: str) -> None:
    """Raise for what has not the form."""
    if not isinstance(value, dict):
        msg = f"{name}:{document.place(()).line}: {'the file is empty' if value is None else shown(value)}, {_EXPECTED}"
        raise UsageError(msg)
    for table, rows in value.items():
        if table == REVISION and not isinstance(rows, str):
            line = document.place((table,)).line
            msg = f"{name}:{line}: {table}: {shown(rows)}, expected the id of a revision in quotes"
            raise UsageError(msg)
        if table != REVISION:
            _require_rows(table, rows, document, name)


def _require_rows(table: str, rows: Any, document: Document, name: str) -> None:
    if not isinstance(rows, list):
        msg = f"{name}:{document.place((table,)).line}: {table}: {shown(rows)}, expected a list of rows"
        raise UsageError(msg)
    for index, row in enumerate(rows):
        if not isinstance(row, dict) or not row:
            where = document.place((table, index)).line
            msg = f"{name}:{where}: {table}[{index}]: {shown(row)}, expected a row: columns with their values"
            raise UsageError(msg)


def columns_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the columns that any of the rows has, in their order."""
    return tuple(dict.fromkeys(column for row in rows for column in row))


def by_columns(rows: Sequence[Row]) -> Mapping[tuple[str, ...], list[Row]]:
    """Return the rows in groups that have the same columns: the others get the defaults of the database."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(row)), []).append(row)
    return groups
