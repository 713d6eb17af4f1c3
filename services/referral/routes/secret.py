"""The keys referral makes from the secret of the installation."""

from shared.plumbing import secret
from shared.plumbing.settings import Settings


def form_key(settings: Settings) -> bytes:
    """Seals forms that are being filled in."""
    return secret.derived(settings, "referral form")


def reference_key(settings: Settings) -> bytes:
    """Makes references that cannot be guessed."""
    return secret.derived(settings, "reference")


def sign_in_key(settings: Settings) -> bytes:
    """Keys the digests by which names and places are known at sign-in."""
    return secret.derived(settings, "sign-in")


def ticket_key(settings: Settings) -> bytes:
    """Seals what one page of the sign-in hands on to the next."""
    return secret.derived(settings, "ticket")
