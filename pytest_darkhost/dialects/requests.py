"""
A probe becomes an HTTP request in the venue's dialect. Puts no key on it, and sends nothing (`transport`).
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pytest_darkhost.dialects.http_request import HttpRequest
from pytest_darkhost.probes import ChatRequest, Probe, Tool
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath
from pytest_darkhost.specs.target_settings import Quirks

_ANTHROPIC_VERSION = "2023-06-01"
"""The default where the spec's headers name none; every current model answers it."""
_LIST_QUERY = MappingProxyType({Dialect.OPENAI: "", Dialect.ANTHROPIC: "?limit=1000"})
"""Anthropic lists 20 models a page unless it is asked for more, 1000 at most (List Models, `limit`)."""
_STREAM_ACCEPT = "text/event-stream, application/json"
_SCHEMA_NAME = "answer"


def build(spec: VenueSpec, probe: Probe, path: AdapterPath, *, port: int | None = None) -> HttpRequest:
    """
    Return the request of a probe: a POST of its chat, or a GET of the list of models where it has none.

    The URL is the spec's base, with `port` for `{port}`, and what the adapter appends. The body is compact JSON
    in a fixed order of keys. `spec` must be the effective one. Raises `ValueError` for a `{port}` without a port.
    """
    base = _base(spec, port)
    if probe.request is None:
        url = base + path.models_path + _LIST_QUERY[spec.dialect]
        return HttpRequest("GET", url, _headers(spec, {"accept": "application/json"}))
    accept = _STREAM_ACCEPT if probe.request.stream else "application/json"
    headers = _headers(spec, {"content-type": "application/json", "accept": accept})
    fields = _anthropic_body if spec.dialect is Dialect.ANTHROPIC else _openai_body
    body = fields(probe.request, _quirks(spec, probe)) | dict(probe.request.extra_body)
    return HttpRequest("POST", base + path.path, headers, _encoded(body))


def _base(spec: VenueSpec, port: int | None) -> str:
    if "{port}" not in spec.base_url:
        return spec.base_url
    if port is None:
        msg = f"{spec.venue}: base_url {spec.base_url!r} without a port, expected the port of the started venue"
        raise ValueError(msg)
    return spec.base_url.replace("{port}", str(port))


def _headers(spec: VenueSpec, ours: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return our headers with the spec's laid over them."""
    version = {"anthropic-version": _ANTHROPIC_VERSION} if spec.dialect is Dialect.ANTHROPIC else {}
    return tuple({**ours, **version, **spec.headers}.items())


def _quirks(spec: VenueSpec, probe: Probe) -> Quirks:
    """Return the quirks of the probe's model; of a model that the spec does not know, the dialect's own manners."""
    model = next((model for model in spec.models if model.slug == probe.model), None)
    return (model.quirks if model else None) or Quirks()


def _openai_body(request: ChatRequest, quirks: Quirks) -> dict[str, Any]:
    """Return the body of Chat Completions."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": _messages(request),
        quirks.max_tokens_field: request.max_tokens,
    }
    if quirks.temperature:
        body["temperature"] = 0
    if request.stream:
        body["stream"] = True
    if request.stream and quirks.stream_usage_option:
        body["stream_options"] = {"include_usage": True}
    if request.tool:
        body["tools"] = [{"type": "function", "function": _function(request.tool, "parameters")}]
        body["tool_choice"] = "required" if quirks.forced_tool_choice else "auto"
    if request.json_schema is not None:
        schema = {"name": _SCHEMA_NAME, "strict": True, "schema": dict(request.json_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _anthropic_body(request: ChatRequest, quirks: Quirks) -> dict[str, Any]:
    """Return the body of Messages. Structured output as in the types of Anthropic's SDK 2.12 (`OutputConfigParam`)."""
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": _messages(request),
    }
    if quirks.temperature:
        body["temperature"] = 0
    if request.stream:
        body["stream"] = True
    if request.tool:
        body["tools"] = [_function(request.tool, "input_schema")]
        body["tool_choice"] = {"type": "any" if quirks.forced_tool_choice else "auto"}
    if request.json_schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": dict(request.json_schema)}}
    return body


def _messages(request: ChatRequest) -> list[dict[str, str]]:
    return [{"role": "user", "content": request.prompt}]


def _function(tool: Tool, schema_key: str) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, schema_key: dict(tool.parameters)}


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
