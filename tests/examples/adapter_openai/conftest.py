"""A production adapter on the `openai` SDK, and the hook that offers it to pytest-darkhost."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from openai import AsyncOpenAI

from pytest_darkhost import ChatRequest, VenueSpec


def options(request: ChatRequest) -> dict[str, Any]:
    """Return the arguments of the SDK that only some requests have."""
    found: dict[str, Any] = {}
    if request.stream:
        found |= {"stream": True, "stream_options": {"include_usage": True}}
    if request.tool:
        tool = {"name": request.tool.name, "description": request.tool.description}
        function = {**tool, "parameters": dict(request.tool.parameters)}
        found |= {"tools": [{"type": "function", "function": function}], "tool_choice": "required"}
    if request.json_schema is not None:
        schema = {"name": "answer", "strict": True, "schema": dict(request.json_schema)}
        found["response_format"] = {"type": "json_schema", "json_schema": schema}
    return found


def pytest_darkhost_adapter(venue: VenueSpec, http_client: Any) -> Callable[[ChatRequest], Awaitable[Any]] | None:
    """Return the adapter for venues of this dialect; others are asked by the plugin itself."""
    if venue.dialect != "openai" or venue.managed:
        return None
    sdk = AsyncOpenAI(
        api_key=os.environ.get(venue.credential_env[0], "none-while-replaying"),
        base_url=venue.base_url + "/v1",
        http_client=http_client.httpx2(),
        max_retries=0,
    )

    async def adapter(request: ChatRequest) -> Any:
        return await sdk.chat.completions.create(
            model=request.model,
            messages=[{"role": "user", "content": request.prompt}],
            max_tokens=request.max_tokens,
            temperature=0,
            extra_body=dict(request.extra_body),
            **options(request),
        )

    return adapter
