"""Tokens that a provider never signed, as somebody would make them who wants to come in."""

import base64
import hashlib
import hmac
import json

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fixtures.provider import SECRET, first_key

STRANGER = RSAKey.generate_key(2048, auto_kid=True)


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def other_key(claims):
    return jwt.encode({"alg": "RS256", "kid": first_key().kid}, claims, STRANGER)


def unknown_key(claims):
    return jwt.encode({"alg": "RS256", "kid": STRANGER.kid}, claims, STRANGER)


def own_key_in_header(claims):
    header = {"alg": "RS256", "kid": STRANGER.kid, "jwk": STRANGER.as_dict(private=False)}
    return jwt.encode(header, claims, STRANGER)


def unsigned(claims):
    return f"{encoded({'alg': 'none'})}.{encoded(claims)}."


def unsigned_with_kid(claims):
    return f"{encoded({'alg': 'none', 'kid': first_key().kid})}.{encoded(claims)}."


def with_a_password(secret: bytes, claims, **header):
    """Put together by hand: no library signs with a public key."""
    said = f"{encoded({'alg': 'HS256', **header})}.{encoded(claims)}"
    mark = hmac.digest(secret, said.encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def with_the_public_key_as_password(claims):
    """HS256 with what everybody knows: whoever takes the header's word for it is deceived."""
    key = first_key()
    return with_a_password(key.as_pem(private=False), claims, kid=key.kid)


def with_the_client_secret(claims):
    return with_a_password(SECRET.encode(), claims, kid=first_key().kid)


def with_one_bit_changed(claims):
    key = first_key()
    whole = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
    head, _, mark = whole.split(".")
    return f"{head}.{encoded({**claims, 'sub': 'the manager'})}.{mark}"


def that_must_be_understood(claims):
    key = first_key()
    header = {"alg": "RS256", "kid": key.kid, "crit": ["odd"], "odd": True}
    try:
        return jwt.encode(header, claims, key)
    except Exception:  # the library signs no such thing: then with the header put in by hand
        whole = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
        return ".".join([encoded(header), *whole.split(".")[1:]])


def in_five_parts(_claims):
    return "a.b.c.d.e"


def of_nonsense(_claims):
    return "ÿ" * 40


def far_too_long(_claims):
    return "a" * 60_000


FORGED = (
    other_key,
    unknown_key,
    own_key_in_header,
    unsigned,
    unsigned_with_kid,
    with_the_public_key_as_password,
    with_the_client_secret,
    with_one_bit_changed,
    that_must_be_understood,
    in_five_parts,
    of_nonsense,
    far_too_long,
)
