"""
The chunk that most of a stream consists of: one choice with a little text. It is read without a `Node` for each value.

Whatever is in any way unusual is left to `openai`, which reads this one alike and knows what to say of all others.
"""

from typing import Any

from pytest_darkhost.dialects.nodes import LONGEST_NAME
from pytest_darkhost.dialects.pieces import Piece, PieceKind


def plain(value: Any, at_ns: int) -> Piece | None:
    """Return the piece of a chunk with text or reasoning in ASCII and no more than that; `None` of anything else."""
    delta = _delta(value)
    if delta is None:
        return None
    text = _text(delta, "content")
    # Of the two names of reasoning the first that says something counts.
    reasoning, other = _text(delta, "reasoning_content"), _text(delta, "reasoning")
    if text is None or reasoning is None or other is None:
        return None
    return Piece(PieceKind.ANSWER, at_ns, text, reasoning or other, model=value["model"], id=value["id"])


def _delta(value: Any) -> dict[str, Any] | None:
    """Return the delta of a chunk whose every other part is as usual."""
    if type(value) is not dict or value.get("object") != "chat.completion.chunk" or not _has_no_more(value):
        return None
    choices = value.get("choices")
    if type(choices) is not list or len(choices) != 1 or not _is_ours(choices[0]):
        return None
    delta = choices[0].get("delta")
    return delta if type(delta) is dict and _is_said(delta) else None


def _has_no_more(value: dict[str, Any]) -> bool:
    if value.get("usage") is not None or value.get("error") is not None or value.get("x_groq") is not None:
        return False
    return _is_name(value.get("model")) and _is_name(value.get("id"))


def _is_name(name: Any) -> bool:
    return type(name) is str and 0 < len(name) <= LONGEST_NAME and name.isascii()


def _is_ours(choice: Any) -> bool:
    if type(choice) is not dict or type(index := choice.get("index")) is not int or index != 0:
        return False
    return choice.get("finish_reason") is None and choice.get("usage") is None and choice.get("error") is None


def _is_said(delta: dict[str, Any]) -> bool:
    return delta.get("tool_calls") is None and delta.get("role") in (None, "", "assistant")


def _text(delta: dict[str, Any], name: str) -> str | None:
    """Return a text, empty where there is none; `None` for what is no text, or has to be looked at."""
    text = delta.get(name)
    if text is None:
        return ""
    return text if type(text) is str and text.isascii() else None
