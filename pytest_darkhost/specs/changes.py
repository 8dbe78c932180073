"""
What a spec says of the revision that lights a model. A revision file may say it itself (`migrations.declarations`).
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from pytest_darkhost.specs.fields import PlainText, QualifiedColumn, Scalar, Strict


class Change(Strict):
    """One thing that a revision may change: a row, an append-only table, or an object of the schema."""

    table: PlainText | None = None
    """The table of the row, or of the rows that are appended."""
    row: Annotated[dict[PlainText, Scalar], Field(min_length=1)] | None = None
    """Columns and values that tell the row from all others, such as its slug."""
    columns: Annotated[tuple[PlainText, ...], Field(min_length=1)] | None = None
    """The columns of the row that may change; absent: the row may come and go as well."""
    append: bool = False
    """`true`: the table only grows, its old rows stay as they are."""
    object: PlainText | None = None
    """Kind and name, such as `table model_hosts` or `column models.logical_slug`; a table stands for what it holds."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        fault = _fault_of_change(self)
        if fault:
            msg = f"{fault}, expected 'table' with 'row', 'table' with 'append', or 'object' alone"
            raise ValueError(msg)
        return self


def _fault_of_change(change: Change) -> str | None:
    """Return why a change is not one of the three that there are."""
    named = {name for name in ("table", "row", "columns", "object") if getattr(change, name) is not None}
    kinds = ({"table", "row"}, {"table", "row", "columns"}, {"table", "append"}, {"object"})
    if named | ({"append"} if change.append else set()) not in kinds:
        return f"it has {' and '.join(sorted(named | ({'append'} if change.append else set()))) or 'nothing'}"
    if change.object is not None and not all(change.object.partition(" ")):
        return f"the object {change.object!r} has no kind in front of its name"
    return None


class Changes(Strict):
    """What a revision may change, and nothing else."""

    changes: tuple[Change, ...] | None = None
    """Absent: the round trip does not judge what else was touched."""
    volatile: tuple[QualifiedColumn, ...] = ()
    """Columns that nobody compares, as `table.column`: time stamps that the database keeps."""
    guarded: bool = False
    """`true`: the upgrade refuses a row that is not as it was when the revision was written, and is held to it."""


class Activation(Changes):
    """The Alembic revision that lights the model, where the revision does not say so itself."""

    revision: PlainText
    """The revision's id."""
