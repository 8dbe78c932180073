"""
Our own requests, where no adapter sends them: the library's client that takes them to the wire.
"""

from functools import cache
from importlib.metadata import version
from typing import Any

from pytest_darkhost.dialects.http_request import HttpRequest
from pytest_darkhost.probes import Key
from pytest_darkhost.secrets import Credential
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.transport.auth import auth_for
from pytest_darkhost.transport.library import Library


@cache
def _user_agent() -> str:
    return f"pytest-darkhost/{version('pytest-darkhost')}"


class OwnClient:
    """One per venue. It puts the key on a request, keeps no cookie and follows no redirect."""

    def __init__(self, library: Library, transport: Any, spec: VenueSpec, credential: Credential | None) -> None:
        self._library = library
        self._spec = spec
        self._credential = credential
        self._client = library.httpx.AsyncClient(
            transport=transport, headers={"user-agent": _user_agent()}, timeout=None, trust_env=False
        )

    async def transmit(self, request: HttpRequest, key: Key) -> BaseException | None:
        """Send a request and read its body to the end. What fails is in the recording; it is returned as well."""
        # A cookie of one answer must not change the next request.
        self._client.cookies.clear()
        try:
            outgoing = self._client.build_request(
                request.method, request.url, headers=list(request.headers), content=request.body or None
            )
            auth = auth_for(self._library, self._spec, self._credential, key)
            response = await self._client.send(outgoing, auth=auth, stream=True, follow_redirects=False)
            # A body that is closed is read to its end first, past the library's own layers.
            await response.aclose()
        except Exception as error:
            return error
        return None

    async def aclose(self) -> None:
        """Close the client. Idempotent."""
        await self._client.aclose()
