"""Fragments of tool calls are put together whatever a venue leaves out."""

import pytest

from pytest_darkhost.dialects.pieces import ToolFragment as F
from pytest_darkhost.dialects.tool_calls import assembled
from pytest_darkhost.observations import ToolCall

ONE = (ToolCall("tide", '{"a":1}', "c1"),)
TWO = (ToolCall("tide", "{}", "c1"), ToolCall("wind", "[]", "c2"))


@pytest.mark.parametrize(
    ("fragments", "calls"),
    [
        ([], ()),
        ([F(0, "c1", "tide", '{"a":1}')], ONE),
        ([F(0, "c1", "tide"), F(0, None, "", '{"a"'), F(0, None, "", ":1}")], ONE),
        ([F(1, "c1", "tide"), F(1, arguments='{"a":1}')], ONE),
        ([F(None, "c1", "tide", '{"a":'), F(None, None, "", "1}")], ONE),
        ([F(0, "c1", "tide", '{"a":'), F(0, "c1", "tide", "1}")], ONE),
        ([F(0, None, "tide", '{"a":'), F(0, "c1", "", "1}")], ONE),
        ([F(0, "c1", "", '{"a":'), F(0, None, "tide", "1}")], ONE),
        ([F(None, "c1", "tide", '{"a":'), F(None, "c1", "tide", "1}")], ONE),
        ([F(0, "c1", "tide", "{}"), F(1, "c2", "wind", "[]")], TWO),
        ([F(0, "c1", "tide", "{"), F(1, "c2", "wind", "["), F(0, arguments="}"), F(1, arguments="]")], TWO),
        ([F(0, "c1", "tide", "{}"), F(0, "c2", "wind", "[]")], TWO),
        ([F(None, "c1", "tide", "{}"), F(None, "c2", "wind", "["), F(None, arguments="]")], TWO),
        ([F(0, "c1", "tide", "{}"), F(1, "c2", "wind", "["), F(None, arguments="]")], TWO),
        ([F(0, "", "tide", "{}"), F(0, "", "wind", "[]")], (ToolCall("tide", "{}", ""), ToolCall("wind", "[]", ""))),
        ([F(None, "", "a", "1"), F(None, "", "a", "2")], (ToolCall("a", "1", ""), ToolCall("a", "2", ""))),
        ([F(0, "c1", "a", "1"), F(0, "c2", "a", "2")], (ToolCall("a", "1", "c1"), ToolCall("a", "2", "c2"))),
        ([F(0, None, "", '{"a":1}')], (ToolCall("", '{"a":1}'),)),
    ],
)
def test_fragments_become_calls(fragments: list[F], calls: tuple[ToolCall, ...]) -> None:
    """By index, or by order without one; another id, or another name, starts another call."""
    assert assembled(fragments) == calls


def test_a_call_of_many_fragments() -> None:
    """Ten thousand fragments are one call."""
    calls = assembled([F(0, "c", "tide"), *(F(0, arguments="x") for _ in range(10_000))])
    assert [len(call.arguments) for call in calls] == [10_000]
