"""The hidden field by which a form of ours is told from one that somebody else made.

Every form that members of staff send carries `csrf`: a digest, with a key of this installation,
of the session's own token. Another site can make a browser send a form, and the browser adds the
cookie; but what belongs into the field only a page of ours knows. While nobody is signed in, the
field is bound to a random cookie that is set with the page and lasts as long as the form may.

A template writes `{{ csrf_field() }}` inside `<form method="post">`; `staff.py` makes every route
of the staff check it. A route before sign-in says `dependencies=[OUR_OWN_FORM]`.

What programs send with JSON needs no such field: no cookie is read there that a browser could add.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request

from shared.plumbing.session_cookie import session_token
from shared.ui.forms import CSRF_FIELD, MOST_FIELDS

FORM_COOKIE, SECURE_FORM_COOKIE = "parley-form", "__Host-parley-form"
FORM_LASTS = timedelta(hours=2)

OPEN_AGAIN = (
    "This page has been open for too long, or you have signed in or out since. Nothing was "
    "changed. Open the page again and send the form from there."
)
SALT_BYTES = 16


class FormToken:
    """What the forms of one answer carry, and whether what a form brought back is right."""

    def __init__(self, request: Request, key: bytes, *, https_only: bool) -> None:
        self._request, self._key, self._https_only = request, key, https_only
        self._new: str | None = None

    def __str__(self) -> str:
        """A token for one form: a different one each time, all of them good."""
        salt = secrets.token_bytes(SALT_BYTES)
        return urlsafe_b64encode(
            salt + self._digest(salt, self._bound_to() or self._bind())
        ).decode()

    def fits(self, given: str) -> bool:
        """Whether this is a token we gave to this very browser, and this session."""
        bound_to = self._bound_to()
        try:
            decoded = urlsafe_b64decode(given.encode("ascii"))
        except ValueError:
            return False
        salt, digest = decoded[:SALT_BYTES], decoded[SALT_BYTES:]
        return bound_to is not None and hmac.compare_digest(digest, self._digest(salt, bound_to))

    @property
    def new_cookie(self) -> str | None:
        """The header that sets the form's cookie, when a page needs one it did not have."""
        if self._new is None:
            return None
        seconds = int(FORM_LASTS.total_seconds())
        secure = "; Secure" if self._https_only else ""
        return (
            f"{self._cookie}={self._new}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
        )

    @property
    def _cookie(self) -> str:
        return SECURE_FORM_COOKIE if self._https_only else FORM_COOKIE

    def _bound_to(self) -> str | None:
        session = session_token(self._request)
        if session is not None:
            return f"session {session}"
        form = self._new or self._request.cookies.get(self._cookie)
        return f"form {form}" if form else None

    def _bind(self) -> str:
        self._new = secrets.token_urlsafe(32)
        return f"form {self._new}"

    def _digest(self, salt: bytes, bound_to: str) -> bytes:
        return hmac.new(self._key, salt + bound_to.encode(), hashlib.sha256).digest()


async def refuse_forged(request: Request) -> None:
    """Refuse what would change something and does not come from a page of ours."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    token: FormToken = request.state.form_token
    if not token.fits(_field(getattr(request.state, "body", b""))):
        raise HTTPException(403, OPEN_AGAIN)


OUR_OWN_FORM = Depends(refuse_forged)


def _field(body: bytes) -> str:
    """The field of a form; empty when it is not there exactly once."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return ""
    given = [value for name, value in pairs if name == CSRF_FIELD]
    return given[0] if len(given) == 1 else ""
