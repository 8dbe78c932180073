"""Faults in what the model says: each turns a healthy answer into a faulty one, before the venue gives it its shape."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from support.faults import Fault
from support.said import Said, SaidTool

_MANY = 500


def _as_text(said: Said, text: str) -> Said:
    return replace(said, tool=None, pieces=(text[: len(text) // 2], text[len(text) // 2 :]), finish="stop")


def _tool_as_text(said: Said) -> Said:
    if said.tool is None:
        return said
    call = {"name": said.tool.name, "arguments": json.loads(said.tool.arguments)}
    return _as_text(said, json.dumps([call]))


def _broken_arguments(said: Said) -> Said:
    if said.tool is None:
        return said
    return replace(said, tool=SaidTool(said.tool.name, said.tool.arguments[: len(said.tool.arguments) // 2]))


def _wrong_tool(said: Said) -> Said:
    return replace(said, tool=said.tool and SaidTool("a_tool_never_offered", said.tool.arguments))


def _other_arguments(said: Said) -> Said:
    return replace(said, tool=said.tool and SaidTool(said.tool.name, '{"another_name": 1}'))


def _ceiling_ignored(said: Said) -> Said:
    pieces = tuple(" light" for _ in range(_MANY - len(said.thoughts) - 1))
    return replace(said, pieces=pieces, finish="stop", output_tokens=_MANY)


SAID_FAULTS: Mapping[Fault, Callable[[Said], Said]] = MappingProxyType(
    {
        Fault.TOOL_AS_TEXT: _tool_as_text,
        Fault.BROKEN_ARGUMENTS: _broken_arguments,
        Fault.WRONG_TOOL: _wrong_tool,
        Fault.TOOL_IGNORED: lambda said: _as_text(said, "I would rather not."),
        Fault.STREAM_TOOL_DIFFERS: _other_arguments,
        Fault.SCHEMA_IGNORED: lambda said: _as_text(said, "The harbour is Bodo, and the hour is six."),
        Fault.CEILING_IGNORED: _ceiling_ignored,
        Fault.OTHER_MODEL: lambda said: replace(said, model="another/model-8b"),
    },
)
