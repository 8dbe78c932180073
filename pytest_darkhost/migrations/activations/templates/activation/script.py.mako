"""
${a.title}

Written by darkhost from ${a.place}
and from a catalog at ${a.catalog_revision}, by path ${a.path}. It is for a human to review before it
is applied: `pytest -m migration` tries it on databases of its own.

% for reason in a.reasons:
${reason}
% endfor
% if a.reasons:

% endif
To undo it: `alembic downgrade ${a.below}`. `-1` means the same only while ${up_revision} is the head.

Revision ID: ${up_revision}
Revises: ${a.below}
Create Date: ${create_date}
"""

% if a.audit:
import hashlib
import json
from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import context, op
% else:
import sqlalchemy as sa
from alembic import op
% endif

revision = ${q(up_revision)}
down_revision = ${q(a.down_revision)}
branch_labels = None
depends_on = None

# What this revision may change, and nothing else.
darkhost = ${a.declaration}

Values = dict[str, object]
VENUE = ${q(a.venue)}
SLUG = ${q(a.slug)}
% if a.logical:
LOGICAL_SLUG = ${q(a.logical)}
% endif

% if a.inserted:
# There was no such row when this file was written: the upgrade inserts it like this.
% else:
# The row when this file was written. The upgrade fails if it has changed since.
% endif
BEFORE: Values = ${a.before}

# The row as the spec has it, lit.
AFTER: Values = ${a.after}

% for table in a.tables:
${table}
% endfor


def upgrade() -> None:
% if a.inserted:
    """Insert the row, unless the downgrade left it behind, and light it."""
    insert_unless_there()
% else:
    """Light the row."""
% endif
    change_one("activate", BEFORE, AFTER)


def downgrade() -> None:
% if a.inserted and a.referrers:
    """Darken the row, and delete it unless others refer to it by now."""
% elif a.inserted:
    """Darken the row and delete it."""
% else:
    """Give the row back the values that it had."""
% endif
    change_one("deactivate", AFTER, BEFORE)
% if a.inserted and a.referrers:
    delete_unless_referred_to()
% elif a.inserted:
    op.execute(${a.row}.delete().where(*is_row(BEFORE)))
% endif


def change_one(action: str, old: Values, new: Values) -> None:
% if a.audit:
    """
    Change the row, and say so in the audit log.

    Raises `RuntimeError` unless the row is there once with old values.
    """
% else:
    """Change the row. Raises `RuntimeError` unless it is there once with old values."""
% endif
    change = ${a.row}.update().where(*is_row(old)).values(new)
    fault = f"cannot {action} {SLUG} of {VENUE}: expected one row with {shown(old)}"
    if op.get_context().as_sql:
        change_one_in_sql(change, fault)
    elif op.get_bind().execute(change).rowcount != 1:
        columns = [${a.row}.c[name] for name in old]
        query = sa.select(*columns).where(${a.slug_is})
        there = [dict(row) for row in op.get_bind().execute(query).mappings()]
        raise RuntimeError(f"{fault}. There: {'; '.join(map(shown, there)) or 'none'}")
% if a.audit:
    append_to_audit(action, old, new)
% endif


def is_row(values: Values) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that only this row meets, while it has these values."""
    return [
% for name, query in a.fixed:
        ${name} == ${query},
% endfor
        *(${a.row}.c[name] == value for name, value in values.items()),
    ]


def shown(values: Values) -> str:
    """Return values for a message."""
    return ", ".join(f"{name} {value}" for name, value in values.items())


def change_one_in_sql(change: sa.Update, fault: str) -> None:
    """
    Print SQL for `--sql` that fails unless it changes exactly one row.

    Run it so that the first error ends it: psql -v ON_ERROR_STOP=1, sqlite3 -bail;
    mysql does so by itself.
    """
    dialect = op.get_context().dialect
    update = change.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    text = fault.replace("'", "''")
    if dialect.name != "postgresql":
        op.execute(change)
    if dialect.name == "postgresql":
        fail = f"RAISE EXCEPTION USING MESSAGE = '{text}'"
        count = f"GET DIAGNOSTICS n = ROW_COUNT; IF n <> 1 THEN {fail}; END IF;"
        sql = f"DO $darkhost$DECLARE n bigint; BEGIN {update}; {count} END$darkhost$"
    elif dialect.name == "sqlite":
        # The text is no JSON: outside of triggers, SQLite fails on purpose only so.
        sql = f"SELECT json(CASE changes() WHEN 1 THEN '1' ELSE '{text}' END)"
    elif dialect.name in ("mysql", "mariadb"):
        # The text is no time zone: outside of stored programs, no statement raises.
        sql = f"SET time_zone = IF(ROW_COUNT() = 1, @@session.time_zone, '{text}')"
    else:
        raise NotImplementedError(f"--sql is not written for {dialect.name}")
    op.execute(sa.text(sql.replace(":", "\\:")))
% if a.inserted:


def insert_unless_there() -> None:
    """Insert the row, dark, unless there is one of its slug."""
    values = {
% for name, expression in a.inserts:
        ${q(name)}: ${expression},
% endfor
        **BEFORE,
    }
    given = [sa.type_coerce(values[name], ${a.row}.c[name].type) for name in values]
    absent = ~sa.exists().where(${a.slug_is})
% if a.models_slug:
    absent &= ~sa.exists().where(${a.models_slug})
% endif
    new = sa.select(*given).where(absent)
    op.execute(${a.row}.insert().from_select(list(values), new))
% endif
% if a.inserted and a.referrers:


def delete_unless_referred_to() -> None:
    """Delete the row that the upgrade inserted. If others refer to it, it stays."""
    referred = sa.or_(
% for referrer in a.referrers:
        sa.exists().where(${referrer}),
% endfor
    )
    stays = sa.select(${a.slug_column}).where(${a.slug_is}, referred)
    if op.get_context().as_sql or op.get_bind().execute(stays).first() is None:
        op.execute(${a.row}.delete().where(*is_row(BEFORE), ~referred))
% endif
% if a.audit:


def append_to_audit(action: str, old: Values, new: Values) -> None:
    """Continue the hash chain by one entry."""
    what = {
        "revision": revision,
        "path": ${q(a.path)},
        "venue": VENUE,
        "before": old,
        "after": new,
    }
    texts = (
        datetime.now(timezone.utc).isoformat(timespec="microseconds"),
        "alembic",
        action,
        SLUG,
        json.dumps(what, separators=(",", ":"), default=str),
    )
    if op.get_context().as_sql and op.get_context().dialect.name != "sqlite":
        append_in_sql(texts)
    else:
        op.execute(audit.insert().values(continued(*end_of_audit(), texts)))


def append_in_sql(texts: tuple[str, ...]) -> None:
    """Print SQL for `--sql` that finds the end of the chain when it is run."""
    newest = audit.alias("newest")
    last = sa.select(newest.c[HASH]).order_by(newest.c[SEQ].desc()).limit(1)
    end = sa.select(
        (sa.func.coalesce(sa.func.max(audit.c[SEQ]), 0) + 1).label("seq"),
        sa.func.coalesce(last.scalar_subquery(), "0" * 64).label("previous"),
    ).subquery("chain_end")
    digits = sa.func.char_length(sa.cast(end.c.seq, sa.String(20)))
    text = sa.func.concat(end.c.previous, digits, ":", end.c.seq, measured(*texts))
    if op.get_context().dialect.name == "postgresql":
        digest = sa.func.sha256(sa.func.convert_to(text, "UTF8"))
        last_hash = sa.func.encode(digest, "hex")
    else:
        last_hash = sa.func.sha2(text, 256)
    entry = sa.select(*map(sa.literal, texts), end.c.seq, end.c.previous, last_hash)
    columns = [*AUDITED, SEQ, PREVIOUS_HASH, HASH]
    op.execute(audit.insert().from_select(columns, entry))


def end_of_audit() -> tuple[int, str]:
    """Return number and hash of the last entry; on SQLite with `--sql`, as `-x` says."""
    if not op.get_context().as_sql:
        last = sa.select(audit.c[SEQ], audit.c[HASH]).order_by(audit.c[SEQ].desc())
        row = op.get_bind().execute(last.limit(1)).first()
        return (row[0], row[1]) if row else (0, "0" * 64)
    named = context.get_x_argument(as_dictionary=True).get("audit", "")
    seq, _, last_hash = str(named).partition(":")
    if not seq.isdigit() or len(last_hash) != 64:
        raise NotImplementedError(
            "SQLite computes no SHA-256, so --sql needs the last entry of the audit "
            "chain: alembic -x audit=SEQ:HASH upgrade --sql"
        )
    return int(seq), last_hash


def continued(seq: int, previous: str, texts: tuple[str, ...]) -> Values:
    """Return the entry that follows another, with its place and hash in the chain."""
    text = previous + measured(str(seq + 1), *texts)
    chain = (seq + 1, previous, hashlib.sha256(text.encode()).hexdigest())
    return dict(zip((*AUDITED, SEQ, PREVIOUS_HASH, HASH), (*texts, *chain)))


def measured(*texts: str) -> str:
    """Return texts behind their lengths, so that no two entries read the same."""
    return "".join(f"{len(text)}:{text}" for text in texts)
% endif
