"""
The order of the events of Messages: one start, and deltas only within a block that is open (Streaming Messages).

Judges order and nothing else; what the events say is read by `anthropic` and `anthropic_blocks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.plain_text import shown

_BLOCK_OF: Mapping[str, str] = MappingProxyType(
    {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "tool_use"}
)
_KNOWN = frozenset(_BLOCK_OF.values())
"""Blocks of other types are newer than this, or the venue's own tools: any delta may fill them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream has come."""

    started: bool = False
    blocks: dict[int, Any] = field(default_factory=dict)
    """The type of each open block by its index. Filled in place, so that many blocks cost no copies."""


def judge_order(root: Node, progress: Progress) -> Progress:
    """Return the progress after an event; what was out of order is noted in the faults of `root`."""
    index = root.member("index")
    match root.member("type").value:
        case "message_start":
            if progress.started:
                note(root.faults, f"{root.path}: a second message_start, expected one")
            return replace(progress, started=True)
        case "content_block_start" if _is_index(index.value):
            progress.blocks[index.value] = root.member("content_block").member("type").value
        case "content_block_delta" if _is_index(index.value):
            _judge_delta(index, root.member("delta").member("type"), progress)
        case "content_block_stop" if _is_index(index.value):
            _judge_open(index, progress)
            progress.blocks.pop(index.value, None)
        case "message_stop" if progress.blocks:
            note(root.faults, f"{root.path}: message_stop within a block, expected content_block_stop before it")
    return progress


def _judge_delta(index: Node, kind: Node, progress: Progress) -> None:
    _judge_open(index, progress)
    block, wanted = progress.blocks.get(index.value), _BLOCK_OF.get(kind.value) if isinstance(kind.value, str) else None
    if isinstance(block, str) and block in _KNOWN and wanted and block != wanted:
        kind.fault(f"a delta of the open block, {shown(block)}")


def _judge_open(index: Node, progress: Progress) -> None:
    if index.value not in progress.blocks:
        index.fault("a block that content_block_start opened")


def _is_index(value: Any) -> bool:
    """Return whether a value is an index; other values are faults of their own."""
    return isinstance(value, int) and not isinstance(value, bool)
