"""
The ways in which `env.py` may be given a database, for those who offer it and for those who tell of it.
"""

from enum import StrEnum

DOCUMENTED = (
    "expected the database that darkhost offers. Let env.py take the connection of "
    "config.attributes.get('connection'), or say darkhost_alembic_env or darkhost_alembic_x (docs/migrations.md)"
)
"""What to do where `env.py` takes none of them."""


class Offer(StrEnum):
    """What `config.attributes["connection"]` is; the URL is offered besides in any case."""

    CONNECTION = "connection"
    """Alembic's recipe for sharing a connection."""
    ENGINE = "engine"
    """As pytest-alembic has it."""
    URL = "url"
    """Nothing."""
