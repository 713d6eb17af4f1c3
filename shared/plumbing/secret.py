"""The keys a service makes from the one secret of its installation."""

import hashlib
import secrets
from functools import cache
from pathlib import Path

from shared.plumbing.settings import CannotStart, Settings

SHORTEST_SECRET_BYTES = 32

_ONLY_THIS_RUN = secrets.token_bytes(SHORTEST_SECRET_BYTES)
"""For development without a secret file: forms that are open do not outlive the run."""


def derived(settings: Settings, purpose: str) -> bytes:
    """A key of 32 bytes for this purpose alone. Raises CannotStart without a usable secret."""
    secret = _secret(settings.secret_file)
    return hashlib.blake2b(purpose.encode(), key=secret[:64], digest_size=32).digest()


def refuse_without_secret(settings: Settings, service: str) -> None:
    """Raise CannotStart where replicas could not read each other's forms."""
    if settings.secret_file is None and not settings.is_development:
        raise CannotStart(f"Give {service} its secret: set PARLEY_SECRET_FILE.")
    _secret(settings.secret_file)


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
