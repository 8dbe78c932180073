"""What a request asks of the stand-in venue, in no dialect."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from support.keys import KeyKind, key_kind
from support.request import Request


class Kind(StrEnum):
    """The kinds of request that a fault can be planted on."""

    CHAT = "chat"
    STREAM = "stream"
    TOOL = "tool"
    TOOL_STREAM = "tool_stream"
    JSON_SCHEMA = "json_schema"
    MODELS = "models"
    REFUSED_KEY = "refused_key"
    """Any request without the good key."""
    UNKNOWN_MODEL = "unknown_model"
    NO_ROUTE = "no_route"
    """A path that the venue does not serve."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was understood."""

    kind: Kind
    model: str = ""
    prompt: str = ""
    max_tokens: int = 16
    stream: bool = False
    wants_usage: bool = False
    """Whether usage of a stream was asked for."""
    tool_name: str = ""
    tool_parameters: Mapping[str, Any] | None = None
    json_schema: Mapping[str, Any] | None = None
    lists_models: bool = False
    """Whether the path is that of the model list, whatever the key."""


def _tool(body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """Return name and parameters of the first tool, in either dialect."""
    tools = body.get("tools") or []
    if not tools:
        return "", None
    tool = tools[0].get("function", tools[0])
    return tool["name"], tool.get("parameters") or tool.get("input_schema") or {}


def _schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the schema that the answer must follow, in either dialect."""
    wrapped = (body.get("response_format") or {}).get("json_schema") or {}
    config = body.get("output_config") or {}
    plain = body.get("output_format") or config.get("format") or {}
    return wrapped.get("schema") or plain.get("schema")


def _chat_kind(asked: Asked) -> Kind:
    if asked.tool_name:
        return Kind.TOOL_STREAM if asked.stream else Kind.TOOL
    if asked.json_schema is not None:
        return Kind.JSON_SCHEMA
    return Kind.STREAM if asked.stream else Kind.CHAT


def _read_chat(body: Mapping[str, Any]) -> Asked:
    """Return what a chat body asks for, its kind as if the key were good and the model known."""
    name, parameters = _tool(body)
    asked = Asked(
        Kind.CHAT,
        model=str(body.get("model", "")),
        prompt=str((body.get("messages") or [{}])[-1].get("content", "")),
        max_tokens=int(body.get("max_tokens") or body.get("max_completion_tokens") or 16),
        stream=bool(body.get("stream")),
        wants_usage=bool((body.get("stream_options") or {}).get("include_usage")),
        tool_name=name,
        tool_parameters=parameters,
        json_schema=_schema(body),
    )
    return replace(asked, kind=_chat_kind(asked))


def read_asked(request: Request, *, chat_path: str, models_path: str, models: tuple[str, ...]) -> Asked:
    """Return what a request asks for, as a venue with these paths and models understands it."""
    path = request.path.partition("?")[0]
    good = key_kind(request.key) is KeyKind.GOOD
    if (request.method, path) == ("GET", models_path):
        return Asked(Kind.MODELS if good else Kind.REFUSED_KEY, lists_models=True)
    if (request.method, path) != ("POST", chat_path) or not isinstance(request.json, dict):
        return Asked(Kind.NO_ROUTE)
    asked = _read_chat(request.json)
    if not good:
        return replace(asked, kind=Kind.REFUSED_KEY)
    return asked if asked.model in models else replace(asked, kind=Kind.UNKNOWN_MODEL)
