"""A production adapter on plain httpx, and the hook that offers it to pytest-darkhost."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

from pytest_darkhost import ChatRequest, VenueSpec


def body(request: ChatRequest) -> dict[str, Any]:
    """Return the JSON body of Chat Completions."""
    messages = [{"role": "user", "content": request.prompt}]
    found: dict[str, Any] = {"model": request.model, "messages": messages, "max_tokens": request.max_tokens}
    if request.stream:
        found |= {"stream": True, "stream_options": {"include_usage": True}}
    if request.tool:
        tool = {"name": request.tool.name, "parameters": dict(request.tool.parameters)}
        found |= {"tools": [{"type": "function", "function": tool}], "tool_choice": "required"}
    if request.json_schema is not None:
        schema = {"name": "answer", "strict": True, "schema": dict(request.json_schema)}
        found["response_format"] = {"type": "json_schema", "json_schema": schema}
    return found | dict(request.extra_body)


def pytest_darkhost_adapter(
    venue: VenueSpec, http_client: httpx.AsyncClient
) -> Callable[[ChatRequest], Awaitable[Any]] | None:
    """Return the adapter for venues of this dialect; others are asked by the plugin itself."""
    if venue.dialect != "openai" or venue.managed:
        return None
    url = f"{venue.base_url}/v1/chat/completions"
    key = os.environ.get(venue.credential_env[0], "none-while-replaying")
    headers = {"authorization": f"Bearer {key}"}

    async def lines(request: ChatRequest) -> AsyncIterator[str]:
        async with http_client.stream("POST", url, headers=headers, json=body(request)) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                yield line

    async def adapter(request: ChatRequest) -> Any:
        if request.stream:
            return lines(request)
        response = await http_client.post(url, headers=headers, json=body(request))
        return response.raise_for_status().json()

    return adapter
