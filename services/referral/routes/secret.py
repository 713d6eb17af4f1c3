"""The keys made from the service's own secret."""

import hashlib
import secrets
from functools import cache
from pathlib import Path

from shared.plumbing.settings import CannotStart, Settings

SHORTEST_SECRET_BYTES = 32

_ONLY_THIS_RUN = secrets.token_bytes(SHORTEST_SECRET_BYTES)
"""For development without a secret file: forms that are half filled in do not outlive the run."""


def form_key(settings: Settings) -> bytes:
    """Seals forms that are being filled in."""
    return _derived(settings, b"referral form")


def reference_key(settings: Settings) -> bytes:
    """Makes references that cannot be guessed."""
    return _derived(settings, b"reference")


def sign_in_key(settings: Settings) -> bytes:
    """Keys the digests by which names and places are known at sign-in."""
    return _derived(settings, b"sign-in")


def ticket_key(settings: Settings) -> bytes:
    """Seals what one page of the sign-in hands on to the next."""
    return _derived(settings, b"ticket")


def refuse_without_secret(settings: Settings) -> None:
    """Raise CannotStart where replicas could not read each other's forms."""
    if settings.secret_file is None and not settings.is_development:
        raise CannotStart("Give the referral service its secret: set PARLEY_SECRET_FILE.")
    _secret(settings.secret_file)


def _derived(settings: Settings, purpose: bytes) -> bytes:
    secret = _secret(settings.secret_file)
    return hashlib.blake2b(purpose, key=secret[:64], digest_size=32).digest()


@cache
def _secret(file: Path | None) -> bytes:
    if file is None:
        return _ONLY_THIS_RUN
    try:
        secret = file.read_bytes().strip()
    except OSError:
        raise CannotStart(f"Cannot read the secret in {file}: make it readable.") from None
    if len(secret) < SHORTEST_SECRET_BYTES:
        raise CannotStart(f"The secret in {file} is too short: it needs 32 random bytes.")
    return secret
