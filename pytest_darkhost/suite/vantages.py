"""
What this process, the main one or a worker of pytest-xdist, says of itself for the report.
"""

from typing import Any

from pytest_darkhost.provenance.vantage import vantage_of
from pytest_darkhost.suite.run import Run


def here(run: Run) -> dict[str, Any]:
    """Return the vantage point of this process, with the local address towards the venues that it reached."""
    worker = getattr(run.config, "workerinput", {}).get("workerid", "main")
    return vantage_of(worker, tuple(dict.fromkeys(_peers(run)))).record()


def _peers(run: Run) -> list[str]:
    seen = run.broker.answered().values() if run.broker else ()
    exchanges = (observation.exchange for observations in seen for observation in observations)
    connections = (exchange.connection for exchange in exchanges if exchange)
    return [connection.peer_address for connection in connections if connection and connection.peer_address]
