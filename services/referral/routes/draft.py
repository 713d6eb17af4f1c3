"""A form that is being filled in. It lives only in the pages of whoever fills it in.

Each page carries the answers so far in one hidden field, sealed: it can be neither changed nor
read, not even by somebody who finds the page in the browser's history or cache. Nothing is stored
before the form is sent.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from shared.ui.forms import Values

KEPT = timedelta(days=1)
"""How long somebody may take over the whole form."""

PAGE_KEPT = timedelta(hours=2)
"""How long one page of it may be left open: it may lie on a screen that others use."""


class StaleForm(Exception):
    """The form is too old, or was not sealed by us; what was in it is lost."""


@dataclass(frozen=True)
class Draft:
    """The answers so far, by step, as they were typed."""

    referral_id: UUID
    """Given when the form is opened, so that sending it twice is one referral."""
    began_at: datetime
    answers: Mapping[str, Values] = field(default_factory=dict)

    def with_answers(self, step: str, values: Values) -> "Draft":
        return replace(self, answers={**self.answers, step: values})


def seal(draft: Draft, key: bytes, now: datetime) -> str:
    """The draft as the hidden field of the page shown now carries it."""
    times = [draft.began_at.timestamp(), now.timestamp()]
    content = [str(draft.referral_id), times, dict(draft.answers)]
    return urlsafe_b64encode(SecretBox(key).encrypt(json.dumps(content).encode())).decode()


def unseal(sealed: object, key: bytes, now: datetime) -> Draft:
    """The draft that was sealed. Raises StaleForm."""
    try:
        content = SecretBox(key).decrypt(urlsafe_b64decode(str(sealed).encode("ascii")))
        referral_id, (began, shown), answers = json.loads(content)
    except (CryptoError, ValueError, TypeError) as error:  # also one sealed by an older version
        raise StaleForm from error
    began_at, shown_at = datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(shown, UTC)
    if not (timedelta(0) <= now - began_at < KEPT and timedelta(0) <= now - shown_at < PAGE_KEPT):
        raise StaleForm
    return Draft(UUID(referral_id), began_at, answers)
