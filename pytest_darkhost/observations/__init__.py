"""
What one probe saw. Frozen values only; nothing here holds a key.

`Exchange` is what the transport saw on the wire, `Observation` is that and what a dialect read in it.
"""

from pytest_darkhost.observations.answers import Answer, Delta, StreamEnd, ToolCall, Usage
from pytest_darkhost.observations.errors import RETRYABLE, ErrorKind, Phase, ProbeError
from pytest_darkhost.observations.exchanges import Chunk, Clock, Connection, Exchange, Marks, Mode
from pytest_darkhost.observations.observed import CassetteLabel, Observation, Observations, Timeline

__all__ = [
    "RETRYABLE",
    "Answer",
    "CassetteLabel",
    "Chunk",
    "Clock",
    "Connection",
    "Delta",
    "ErrorKind",
    "Exchange",
    "Marks",
    "Mode",
    "Observation",
    "Observations",
    "Phase",
    "ProbeError",
    "StreamEnd",
    "Timeline",
    "ToolCall",
    "Usage",
]
