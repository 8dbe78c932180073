"""A production adapter on the `anthropic` SDK, and the hook that offers it to pytest-darkhost."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from anthropic import AsyncAnthropic

from pytest_darkhost import ChatRequest, VenueSpec


def options(request: ChatRequest) -> dict[str, Any]:
    """Return the arguments of the SDK that only some requests have."""
    found: dict[str, Any] = {"stream": True} if request.stream else {}
    if request.tool:
        tool = {"name": request.tool.name, "description": request.tool.description}
        found["tools"] = [{**tool, "input_schema": dict(request.tool.parameters)}]
        found["tool_choice"] = {"type": "any"}
    if request.json_schema is not None:
        found["output_config"] = {"format": {"type": "json_schema", "schema": dict(request.json_schema)}}
    return found


def pytest_darkhost_adapter(venue: VenueSpec, http_client: Any) -> Callable[[ChatRequest], Awaitable[Any]] | None:
    """Return the adapter for venues of this dialect; others are asked by the plugin itself."""
    if venue.dialect != "anthropic" or venue.managed:
        return None
    sdk = AsyncAnthropic(
        api_key=os.environ.get(venue.credential_env[0], "none-while-replaying"),
        base_url=venue.base_url,
        http_client=http_client.httpx2(),
        max_retries=0,
    )

    async def adapter(request: ChatRequest) -> Any:
        return await sdk.messages.create(
            model=request.model,
            messages=[{"role": "user", "content": request.prompt}],
            max_tokens=request.max_tokens,
            extra_body=dict(request.extra_body),
            **options(request),
        )

    return adapter
