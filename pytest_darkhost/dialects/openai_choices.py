"""
What stands about a choice of Chat Completions: how many there are, why each ended, and whether it is an error.

Its message and delta are read by `openai`.
"""

from typing import Any

from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.nodes import Node

_NO_ANSWER = frozenset({"content_filter", "error", "abort", "insufficient_system_resource"})
"""Documented, and yet the model did not answer. `error` is Mistral's and OpenRouter's, `abort` that of vLLM and SGLang,
the last DeepSeek's."""
FINISH_REASONS = _NO_ANSWER | {
    "stop",
    "length",
    "tool_calls",
    "function_call",
    "eos",
    "model_length",
    "eos_token",
    "stop_sequence",
}
"""OpenAI's own; `eos` is Together's, `model_length` Mistral's, the last two are Text Generation Inference's."""


def judge_choices(node: Node, choices: tuple[Node, ...]) -> None:
    """Note more than the one choice that was asked for, or one whose index is not 0; it may have none."""
    if len(choices) > 1:
        note(node.faults, f"{node.path}: {len(choices)} entries, expected one")
        return
    for choice in choices:
        index = choice.get("index")
        if index is not None and (isinstance(index, bool) or index != 0):
            choice.member("index").fault("0")


def judge_reason(reason: Node) -> None:
    """Note a finish reason that no venue documents, and one that says that there is no answer."""
    if not isinstance(reason.value, str) or reason.value not in FINISH_REASONS:
        reason.fault("a documented one, such as 'stop', 'length' or 'tool_calls'")
    elif reason.value in _NO_ANSWER:
        reason.fault("an answer")


def judge_error(error: Node) -> None:
    """Note an error that stands in a choice, by its code where it has one."""
    if error.value:
        code = error.member("code")
        (error if code.absent else code).fault("an answer")


def choice_failure(choice: Node) -> Any:
    """Return the error that a streamed choice reports, in the form of an error event; `None` without one."""
    error = choice.get("error")
    if error:
        return {"error": error}
    return {"finish_reason": "error"} if choice.get("finish_reason") == "error" else None
