"""
The ways in which `env.py` may be given a database, for those who offer it and for those who tell of it.
"""

from enum import StrEnum

DOCUMENTED = (
    "expected the database that darkhost offers. Let env.py take the connection of "
    "config.attributes.get('connection'), or say darkhost_alembic_env or darkhost_alembic_x (docs/migrations.md)"
)
"""What to do where `env.py` takes none of them."""
SEVERAL = (
    "several databases, expected one. Write an ini and an env.py for each (docs/migrations.md, 'Several databases')"
)
"""The same where it runs the migrations more than once."""
APPLICATION = (
    "expected it to run as it does under alembic. Does an application run it? "
    "docs/migrations.md, 'An application that runs Alembic itself'"
)
"""The same where it wants what no `alembic.ini` gives."""
EVENT_LOOP = (
    "expected it to run as it does under alembic, in no event loop. Does an application run it in one? "
    "docs/migrations.md, 'An application that runs Alembic itself'"
)
"""The same where it wants an event loop that runs already."""
ONCE = (
    "expected modules that can be imported anew for each database, as darkhost_alembic_env has it. Do without it: let "
    "env.py take the connection of config.attributes.get('connection') (docs/migrations.md, 'env.py')"
)
"""The same where a module refuses to be imported a second time."""


class Offer(StrEnum):
    """What `config.attributes["connection"]` is; the URL is offered besides in any case."""

    CONNECTION = "connection"
    """Alembic's recipe for sharing a connection."""
    ENGINE = "engine"
    """As pytest-alembic has it."""
    URL = "url"
    """Nothing."""
