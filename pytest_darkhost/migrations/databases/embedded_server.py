"""
The server that is started where no URL is given, as one that makes databases.
"""

from pytest_darkhost.migrations.databases.embedded import Embedded
from pytest_darkhost.migrations.databases.postgresql import PostgresqlCommands
from pytest_darkhost.migrations.databases.remote import RemoteServer


class EmbeddedServer(RemoteServer):
    """The embedded server of a run, with databases of this process."""

    def __init__(self, embedded: Embedded, driver: str = "") -> None:
        """Connect by a driver of its own, if one is named. Raises `DatabaseError`."""
        self._embedded = embedded
        url = embedded.url.set(drivername=f"postgresql+{driver}") if driver else embedded.url
        try:
            super().__init__(url, PostgresqlCommands())
        except BaseException:
            embedded.close()
            raise

    def close(self) -> None:
        """Drop the databases of this process, and let go of the server."""
        try:
            super().close()
        finally:
            self._embedded.close()
