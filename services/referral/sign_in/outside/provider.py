"""The organisation's sign-in as we know it: its addresses and keys, fetched when they are needed.

Both are remembered for an hour. A key nobody knows yet is looked for once a minute at most, and a
provider that did not answer is left alone for some seconds, however many people knock.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import ECKey, KeySet, RSAKey
from pydantic import BaseModel, ConfigDict, ValidationError

from services.referral.sign_in.outside.fetching import Fetch, ProviderRefused, ProviderUnavailable
from services.referral.sign_in.outside.settings import Outside

KNOWN_FOR = timedelta(hours=1)
"""How long addresses and keys are good for: a key that was withdrawn counts no longer."""

KEYS_AGAIN = timedelta(minutes=1)
"""How soon keys are fetched again for a token whose key is not among them."""

LEFT_ALONE = timedelta(seconds=5)
"""How long a provider that failed is not asked again."""

ALGORITHMS = frozenset(
    {f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in ("256", "384", "512")}
)
"""Signatures with a key pair alone: with `HS…` whoever can check could also sign, and `none` is
no signature."""

WELL_KNOWN = "/.well-known/openid-configuration"
SMALLEST_RSA_BITS = 2048

log = structlog.get_logger()


class Discovered(BaseModel):
    """What we need of what a provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> list[str]:
        return sorted(ALGORITHMS & set(self.id_token_signing_alg_values_supported))


@dataclass(frozen=True)
class _Known:
    """What was fetched, and when."""

    at: datetime
    discovered: Discovered
    keys: KeySet


class Provider:
    """One provider; one of these for each app."""

    def __init__(self, outside: Outside, fetch: Fetch | None = None) -> None:
        self.outside = outside
        self.fetch = fetch or Fetch(outside.origins)
        self._one_at_a_time = asyncio.Lock()
        self._known: _Known | None = None
        self._failed: tuple[datetime, str] | None = None

    async def discovered(self, now: datetime) -> Discovered:
        """Its addresses. Raises ProviderUnavailable."""
        return (await self._current(now, KNOWN_FOR)).discovered

    async def keys(self, now: datetime, *, newer: bool = False) -> tuple[KeySet, list[str]]:
        """Its keys, and the algorithms it may sign with. Raises ProviderUnavailable.

        With `newer` they are at most a minute old.
        """
        known = await self._current(now, KEYS_AGAIN if newer else KNOWN_FOR)
        return known.keys, known.discovered.algorithms

    async def sign_in_address(self, now: datetime, verifier: str, **asked: str) -> str:
        """Where to send somebody who wants to sign in. Raises ProviderUnavailable."""
        found = await self.discovered(now)
        return str(
            prepare_grant_uri(
                found.authorization_endpoint,
                client_id=self.outside.client_id,
                response_type="code",
                redirect_uri=self.outside.redirect_uri,
                scope=self.outside.scopes,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
                **asked,
            )
        )

    async def id_token(self, now: datetime, code: str, verifier: str) -> str:
        """What is given for a code. Raises ProviderUnavailable or ProviderRefused.

        The access token beside it is thrown away: we want nothing more.
        """
        found = await self.discovered(now)
        methods = found.token_endpoint_auth_methods_supported
        usual = "client_secret_basic"
        method = usual if usual in methods else "client_secret_post"
        auth = ClientAuth(self.outside.client_id, self.outside.client_secret, method)
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=self.outside.redirect_uri,
            code=code,
            code_verifier=verifier,
        )
        headers = {"content-type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", found.token_endpoint, headers, body)
        answer = await self.fetch.post(url, body, headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused
        return token

    def sign_out_address(self) -> str | None:
        """Where somebody can sign out there too; None where that is not known or not offered."""
        end = self._known.discovered.end_session_endpoint if self._known else None
        if end is None:
            return None
        ours = {
            "client_id": self.outside.client_id,
            "post_logout_redirect_uri": self.outside.signed_out_uri,
        }
        query = "&" if "?" in end else "?"
        return end + query + urlencode(ours)

    async def _current(self, now: datetime, good_for: timedelta) -> _Known:
        async with self._one_at_a_time:
            if self._known and timedelta() <= now - self._known.at < good_for:
                return self._known
            if self._failed and timedelta() <= now - self._failed[0] < LEFT_ALONE:
                raise ProviderUnavailable(self._failed[1])
            try:
                self._known = _Known(now, *await self._look())
            except ProviderUnavailable as why:
                self._failed = now, why.reason
                log.warning("outside_unavailable", reason=why.reason)
                raise
            self._failed = None
            return self._known

    async def _look(self) -> tuple[Discovered, KeySet]:
        issuer = self.outside.issuer
        found = _read(await self.fetch.get(issuer.rstrip("/") + WELL_KNOWN))
        if found.issuer != issuer:
            raise ProviderUnavailable("other_issuer")
        if not found.algorithms:
            raise ProviderUnavailable("no_algorithm")
        addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        for address in (*addresses, *filter(None, [found.end_session_endpoint])):
            if not self.fetch.allows(address):
                raise ProviderUnavailable("foreign_address")
        return found, _key_set(await self.fetch.get(found.jwks_uri))


def _read(given: Mapping[str, Any]) -> Discovered:
    try:
        return Discovered.model_validate(given)
    except ValidationError:
        raise ProviderUnavailable("not_discovery") from None


def _key_set(given: Mapping[str, Any]) -> KeySet:
    """The keys that can check a signature; others, and broken ones, are left out."""
    listed = given.get("keys")
    keys = [_key(one) for one in listed] if isinstance(listed, list) else []
    good = [key for key in keys if key is not None]
    if not good:
        raise ProviderUnavailable("no_keys")
    return KeySet(list(good))


def _key(given: object) -> RSAKey | ECKey | None:
    kinds: dict[object, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    if not isinstance(given, dict) or given.get("use", "sig") != "sig":
        return None
    kind = kinds.get(given.get("kty"))
    if kind is None:
        return None
    try:
        key = kind.import_key(given)
        bits = key.raw_value.key_size
    except Exception:  # whatever a library says of nonsense from elsewhere, it is no key
        return None
    return key if kind is ECKey or bits >= SMALLEST_RSA_BITS else None
