"""
The checks that the package brings, in the order in which they run. The list of names is a contract.
"""

from pytest_darkhost.checks.case import Check, Scope, Source
from pytest_darkhost.checks.catalog import catalog_parity, venue_catalog_parity
from pytest_darkhost.checks.cost import NEEDS as COST_NEEDS
from pytest_darkhost.checks.cost import cost
from pytest_darkhost.checks.identity import model_identity, model_listed
from pytest_darkhost.checks.latency import cold_to_warm, latency_cold, latency_warm
from pytest_darkhost.checks.pace import inter_token_latency, throughput, ttft
from pytest_darkhost.checks.parity import base_url_parity
from pytest_darkhost.checks.refusals import refused_key, unknown_model
from pytest_darkhost.checks.shape import chat_shape
from pytest_darkhost.checks.streams import stream_shape, stream_terminates
from pytest_darkhost.checks.structured import json_schema
from pytest_darkhost.checks.tools import tool_call, tool_call_stream
from pytest_darkhost.checks.usage import usage
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.models import Capability

_CHATS = (P.COLD, P.WARM)
_ALL = (P.COLD, P.WARM, P.STREAM)
_TOOLS = (P.COLD, P.TOOL_CALL)
_BOTH = (Source.LIVE, Source.CATALOG)
_CATALOG = (Source.CATALOG,)

STANDARD: tuple[Check, ...] = (
    Check("chat_shape", chat_shape, _CHATS, quick=True),
    Check("stream_shape", stream_shape, (P.STREAM,), capability=Capability.STREAM),
    Check("stream_terminates", stream_terminates, (P.STREAM,), capability=Capability.STREAM),
    Check("tool_call", tool_call, _TOOLS, capability=Capability.TOOLS),
    Check("tool_call_stream", tool_call_stream, (*_TOOLS, P.TOOL_CALL_STREAM), capability=Capability.TOOLS),
    Check("json_schema", json_schema, (P.JSON_SCHEMA,), capability=Capability.JSON_SCHEMA),
    Check("usage", usage, _ALL, quick=True),
    Check("model_listed", model_listed, (P.MODEL_LIST,), Scope.VENUE),
    Check("model_identity", model_identity, _ALL, quick=True),
    Check("refused_key", refused_key, (P.REFUSED_KEY,), Scope.VENUE),
    Check("unknown_model", unknown_model, (P.COLD, P.UNKNOWN_MODEL)),
    Check("latency_cold", latency_cold, (P.COLD,), quick=True, timed=True),
    # Warm chats need the cold one: it opens the connection that they go over.
    Check("latency_warm", latency_warm, _CHATS, quick=True, timed=True),
    Check("ttft", ttft, (P.STREAM,), capability=Capability.STREAM, timed=True),
    Check("inter_token_latency", inter_token_latency, (P.STREAM,), capability=Capability.STREAM, timed=True),
    Check("throughput", throughput, (P.STREAM,), capability=Capability.STREAM, timed=True),
    Check("cold_to_warm", cold_to_warm, _CHATS, quick=True, timed=True),
    Check("cost", cost, COST_NEEDS, quick=True),
    Check("base_url_parity", base_url_parity, (P.COLD,), sources=_BOTH, quick=True, reads_catalog=True),
    Check("catalog_parity", catalog_parity, sources=_CATALOG),
    Check("catalog_parity", venue_catalog_parity, scope=Scope.VENUE, sources=_CATALOG),
)
"""Checks that need a stream besides chats and are quick are judged from the chats alone where none was planned."""
