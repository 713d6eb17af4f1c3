"""Who did what with whose data: recorded with the deed, chained, signed and anchored.

    await audit.record(session, audit.Entry(verb=audit.Verb.ALTERATION, purpose="accept_referral",
                                            referral_id=referral.id))
    await audit.looked(request, audit.Entry(verb=audit.Verb.CONSULTATION, purpose="case_page",
                                            fields=("name", "contact"), person_id=person_id))

`record` stores it in the transaction of the change; `looked` stores it durably before a page
leaves, and refuses the page when it cannot.
"""

from shared.plumbing.asker import Asker, roles_in_order
from shared.plumbing.audit.entry import Entry, Outcome, Verb, about_each, purpose_of_glass
from shared.plumbing.audit.recording import NotRecorded, looked, record

__all__ = [
    "Asker",
    "Entry",
    "NotRecorded",
    "Outcome",
    "Verb",
    "about_each",
    "looked",
    "purpose_of_glass",
    "record",
    "roles_in_order",
]
