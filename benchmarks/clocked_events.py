"""
What the clocked server answers with: the events of a composed stream of Chat Completions, and their framing.
"""

import json
from typing import Any

MODEL = b'"the model that was asked for"'
"""Stands in an event for the JSON of the model's name."""


def events(tokens: int) -> list[bytes]:
    """
    Return the events of a stream but for its model and terminator.

    They are made once: what a venue does to answer must not be done on the machine of the client that is measured.
    """
    common = base({"model": MODEL.decode().strip('"')}, "chat.completion.chunk")
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant"}, None)]
    deltas += [({"content": f"{index} "}, None) for index in range(tokens)] + [({}, "stop")]
    choices = [[{"index": 0, "delta": delta, "finish_reason": finish}] for delta, finish in deltas]
    values: list[Any] = [{**common, "choices": each} for each in choices]
    values.append({**common, "choices": [], "usage": usage(tokens)})
    return [b"data: " + json.dumps(value).encode() + b"\n\n" for value in values]


def base(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return what every chunk, or a whole answer, begins with."""
    return {"id": "composed-1", "object": kind, "created": 1, "model": asked.get("model", "none")}


def usage(tokens: int) -> dict[str, int]:
    """Return the usage of an answer."""
    return {"prompt_tokens": 40, "completion_tokens": tokens, "total_tokens": 40 + tokens}


def chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked body (RFC 9112, 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)
