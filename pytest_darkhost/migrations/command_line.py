"""
What `alembic` has understood of its command line, which an `env.py` may read from `config.cmd_opts`. Runs nothing.
"""

from argparse import Namespace
from collections.abc import Iterable

from pytest_darkhost.migrations.steps import Direction


def command_options(x: Iterable[str], direction: Direction, revision: str, *, as_sql: bool = False) -> Namespace:
    """
    Return what `alembic -x … upgrade REVISION`, or `downgrade`, has understood, with `--sql` or without.

    :param x: what is said by `-x`, item by item.
    """
    from alembic import command

    return Namespace(
        config=None,
        name="alembic",
        x=list(x) or None,
        raiseerr=False,
        quiet=False,
        cmd=(getattr(command, direction), ["revision"], ["sql", "tag"]),
        revision=revision,
        sql=as_sql,
        tag=None,
    )
