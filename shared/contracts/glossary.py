"""What a field means wherever it stands; a field that says more has a text of its own."""

MEANINGS: dict[str, str] = {
    "address": "Where the person may be reached; personal, never stored by whoever asked.",
    "area_id": "One area the service works in; its public label is told by `AreaNamed`.",
    "asked_by": "The member of staff who will see the answer; the read is audited under this id.",
    "attended": "One entry for each person who was invited.",
    "cards": "In no particular order.",
    "case_id": "One case: the work that an accepted referral began.",
    "ends_at": "When the meeting is due to end.",
    "facilitator_ids": "The members of staff who lead the meeting.",
    "grant_id": "One leave to hold one meeting, recorded by referral.",
    "intent_id": "One message to one person, whatever number of attempts it takes.",
    "message_id": "One message to one person, whatever number of attempts it took.",
    "name": "What the person is called; personal, never stored by whoever asked.",
    "participant_ids": "The people the meeting is for, by the ids that referral gave them.",
    "person_id": "One natural person; only referral knows who that is.",
    "person_ids": "The people whose names are wanted.",
    "referral_id": "One request for help, from the moment it was taken in.",
    "refusals": "Every reason why not; empty when leave is given.",
    "session_id": "One meeting; a meeting that moves becomes another one.",
    "started_at": "When the meeting began.",
    "starts_at": "When the meeting is due to begin.",
    "successor_id": "The meeting that takes this one's place.",
    "venue_id": "A place where meetings are held, by scheduling's opaque id.",
    "version": "Counted from 1 for each person's agreement in one case.",
    "agreements": "What the leave rests on: one entry for each participant.",
}
"""By field name. A field that is an enum needs no entry: the enum says what it means."""
