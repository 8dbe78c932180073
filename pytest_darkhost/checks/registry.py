"""
The checks that the package brings, in the order in which they run. The list of names is a contract.
"""

from pytest_darkhost.checks.case import Check, Scope, Source
from pytest_darkhost.checks.later import Later
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.target_settings import Capability

catalog_parity = Later("catalog", "catalog_parity")
venue_catalog_parity = Later("catalog", "venue_catalog_parity")
cost = Later("cost", "cost")
model_identity = Later("identity", "model_identity")
model_listed = Later("identity", "model_listed")
cold_to_warm = Later("latency", "cold_to_warm")
latency_cold = Later("latency", "latency_cold")
latency_warm = Later("latency", "latency_warm")
inter_token_latency = Later("pace", "inter_token_latency")
throughput = Later("pace", "throughput")
ttft = Later("pace", "ttft")
base_url_parity = Later("parity", "base_url_parity")
refused_key = Later("refusals", "refused_key")
unknown_model = Later("refusals", "unknown_model")
chat_shape = Later("shape", "chat_shape")
stream_shape = Later("streams", "stream_shape")
stream_terminates = Later("streams", "stream_terminates")
json_schema = Later("structured", "json_schema")
tool_call = Later("tools", "tool_call")
tool_call_stream = Later("tools", "tool_call_stream")
usage = Later("usage", "usage")

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
    Check("latency_warm", latency_warm, _ALL, quick=True, timed=True, of_warm=True),
    Check("ttft", ttft, (P.STREAM,), capability=Capability.STREAM, timed=True),
    Check("inter_token_latency", inter_token_latency, (P.STREAM,), capability=Capability.STREAM, timed=True),
    Check("throughput", throughput, (P.STREAM,), capability=Capability.STREAM, timed=True),
    Check("cold_to_warm", cold_to_warm, _ALL, quick=True, timed=True, of_warm=True),
    Check("cost", cost, _ALL, quick=True),
    Check("base_url_parity", base_url_parity, (P.COLD,), sources=_BOTH, quick=True, reads_catalog=True),
    Check("catalog_parity", catalog_parity, sources=_CATALOG),
    Check("catalog_parity", venue_catalog_parity, scope=Scope.VENUE, sources=_CATALOG),
)
"""Checks that need a stream besides chats and are quick are judged from the chats alone where none was planned."""


def import_standard() -> None:
    """Import what the standard checks judge with, so that it is not done while calls are timed."""
    for check in STANDARD:
        if isinstance(check.judge, Later):
            check.judge.load()
