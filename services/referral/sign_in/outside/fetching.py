"""The only way out to the provider: to addresses we know, for a bounded time and size.

Nothing here is ever told an address by a person. What discovery names is compared with the
origins the operator allowed, and a redirect is an error: it could lead anywhere.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpx

from services.referral.sign_in.outside.settings import origin_of
from shared.plumbing import strict_json

MOST_BYTES = strict_json.MOST_BYTES
"""Far more than discovery, keys or tokens ever take."""

PATIENCE = timedelta(seconds=8)
"""For one request with all its parts; somebody is waiting for the page."""


class ProviderUnavailable(Exception):
    """The provider did not answer, or not in a way we can use; `reason` is fit for a log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderRefused(Exception):
    """The provider does not take what it was sent: a code that was used, an expired one."""


@dataclass(frozen=True)
class Fetch:
    """Talks to some origins and no other."""

    origins: frozenset[str]
    patience: timedelta = PATIENCE

    def allows(self, url: str) -> bool:
        return origin_of(url) in self.origins

    async def get(self, url: str) -> dict[str, Any]:
        """The object at an address. Raises ProviderUnavailable."""
        status, found = await self._ask("GET", url)
        if status != httpx.codes.OK:
            raise ProviderUnavailable(f"status_{status}")
        return found

    async def post(self, url: str, form: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """What is answered to a form. Raises ProviderUnavailable or ProviderRefused."""
        status, found = await self._ask("POST", url, headers, form.encode())
        if status in (httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN):
            raise ProviderRefused
        if status != httpx.codes.OK:  # 401 too: that is about our own secret
            raise ProviderUnavailable(f"status_{status}")
        return found

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, Any]]:
        if not self.allows(url):
            raise ProviderUnavailable("foreign_address")
        plain = {"accept": "application/json", "accept-encoding": "identity"}
        try:
            async with (
                asyncio.timeout(self.patience.total_seconds()),
                httpx.AsyncClient(
                    verify=_trusted(), trust_env=False, follow_redirects=False
                ) as client,
                client.stream(
                    method, url, headers={**plain, **(headers or {})}, content=body
                ) as answer,
            ):
                return answer.status_code, _object(await _body(answer))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise ProviderUnavailable(type(error).__name__) from None


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities httpx brings along, or those that SSL_CERT_FILE names."""
    return httpx.create_ssl_context()


async def _body(answer: httpx.Response) -> bytes:
    if "content-encoding" in answer.headers:
        raise ProviderUnavailable("compressed")  # a few bytes could become very many
    read = bytearray()
    async for chunk in answer.aiter_raw():
        read += chunk
        if len(read) > MOST_BYTES:
            raise ProviderUnavailable("too_long")
    return bytes(read)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = strict_json.load(body)
    except strict_json.NotStrictJson:
        raise ProviderUnavailable("not_json") from None
    if not isinstance(found, dict):
        raise ProviderUnavailable("not_json")
    return found
