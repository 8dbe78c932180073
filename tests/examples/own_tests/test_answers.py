"""A team's own tests. Each runs once for each target, on calls that the plan shows beforehand."""

import pytest

from pytest_darkhost import Observations, Target


@pytest.mark.darkhost_needs("cold")
def test_the_answer_is_short(darkhost_target: Target, darkhost_observations: Observations) -> None:
    """A one-word question gets a short answer."""
    (chat,) = darkhost_observations["cold"]
    assert chat.answer is not None, chat.error
    assert len(chat.answer.text) < 200


@pytest.mark.asyncio
@pytest.mark.darkhost_needs("cold", "warm")
async def test_each_answer_has_an_id_of_its_own(darkhost_observations: Observations) -> None:
    """No proxy answers from a cache."""
    chats = (*darkhost_observations["cold"], *darkhost_observations["warm"])
    ids = [chat.answer.id for chat in chats if chat.answer]
    assert len(set(ids)) == len(chats)


@pytest.mark.parametrize("word", ["sorry", "cannot"])
@pytest.mark.darkhost_needs("stream")
def test_nothing_is_declined(darkhost_observations: Observations, word: str) -> None:
    """Counting to thirty is not refused."""
    streams = darkhost_observations["stream"]
    assert streams
    assert all(stream.answer and word not in stream.answer.text for stream in streams)
