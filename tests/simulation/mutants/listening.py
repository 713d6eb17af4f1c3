"""Mistakes in how events are heard, remembered and given up."""

from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from nats.aio.msg import Msg

from services.notifications.store import staff as notified_staff
from services.referral.actions import timeline
from services.reporting import actions as counting_actions
from services.reporting import domain as counted
from services.reporting import store as counting_store
from services.reporting.domain import counting
from services.scheduling.store import people as planned_people
from shared.plumbing import inbox, parked
from shared.plumbing.arrival import Arrival
from shared.plumbing.database import Session
from shared.plumbing.delivery import RETRY_DELAYS, Act, Deliverer
from tests.simulation.mutants.planting import always, mutant, nothing

_deliver = Deliverer.deliver
_is_new = inbox.is_new


async def _acknowledge_first(self: Deliverer, message: Msg, act: Act) -> None:
    with suppress(Exception):
        await message.ack_sync()
    message._ackd = False
    await _deliver(self, message, act)


async def _forgetful(*_: object) -> bool:
    return True


async def _by_place(session: Session, envelope: Any, consumer: str, place: int | None) -> bool:
    known_as = envelope.model_copy(update={"id": uuid5(NAMESPACE_OID, str(place))})
    return await _is_new(session, known_as, consumer, place)


async def _in_a_transaction_of_its_own(
    session: Session, envelope: Any, consumer: str, place: int | None
) -> bool:
    async with session.database.transaction() as another:
        return await _is_new(another, envelope, consumer, place)


async def _give_up_at_once(self: Deliverer, _: Arrival, message: Msg, error: Exception) -> str:
    await self._terminate(message, type(error).__name__)
    return "failed"


async def _by_deliveries(self: Deliverer, arrival: Arrival, error: Exception, code: str) -> Any:
    if arrival.deliveries <= len(RETRY_DELAYS):
        return arrival.deliveries
    async with self._database.transaction() as session:
        await parked.park(
            session,
            arrival.consumer,
            arrival.headers,
            arrival.body,
            arrival.subject,
            arrival.stream_seq,
            code,
        )
    return None


async def _no_patience(self: Deliverer, message: Msg, _: timedelta) -> None:
    with suppress(Exception):
        await message.ack()


async def _latest_heard(
    session: Session, person_id: UUID, *rest: Any, works_here: bool, version: int
) -> None:
    """As if what is heard last had happened last."""
    table = notified_staff.StaffRow if rest else planned_people.FacilitatorRow
    key = (person_id, *rest) if rest else person_id
    row = await session.get(table, key)
    if row is None:
        more = {"role": rest[0]} if rest else {}
        session.add(table(person_id=person_id, works_here=works_here, version=version, **more))
    else:
        row.works_here, row.version = works_here, version
    await session.flush()


async def _repeats_are_new_to_reporting(
    session: Session, envelope: Any, consumer: str, place: int | None = None
) -> bool:
    new = await _is_new(session, envelope, consumer, place)
    session.info["repeated"] = not new
    return new or consumer.startswith("reporting")


async def _count_once_more(session: Session, fact: Any, envelope: Any) -> None:
    """As a plain counter would: what comes twice is two."""
    for change in counted.changes(fact, envelope.time, envelope.sequence):
        known = await counting_store.find(session, change.kind, change.key)
        one = change.become(known)
        if session.info.get("repeated"):
            key = fields(one)[0].name
            known, one = None, replace(one, **{key: uuid5(envelope.id, "once more")})
        await counting_store.save(session, (known, one))


MUTANTS = (
    mutant("acknowledge before the commit", (Deliverer, "deliver", _acknowledge_first)),
    mutant("no inbox", (inbox, "is_new", _forgetful)),
    mutant("inbox by place in the stream", (inbox, "is_new", _by_place)),
    mutant("inbox in its own transaction", (inbox, "is_new", _in_a_transaction_of_its_own)),
    mutant("a retry forgets the inbox", (inbox, "remember", nothing)),
    mutant("give up at the first error", (Deliverer, "_put_off_or_park", _give_up_at_once)),
    mutant("give up without keeping", (parked, "park", nothing)),
    mutant("attempts counted by deliveries", (Deliverer, "_count_or_park", _by_deliveries)),
    mutant("acknowledge what was put off", (Deliverer, "_put_off", _no_patience)),
    mutant(
        "the last heard counts, not the last told",
        (planned_people, "note", _latest_heard),
        (notified_staff, "note", _latest_heard),
        (timeline, "corrects", always),
        (
            counting,
            "area_named",
            lambda _, fact, version: counting.AreaLabel(fact.area_id, fact.label, version),
        ),
    ),
    mutant(
        "the report counts repeats",
        (inbox, "is_new", _repeats_are_new_to_reporting),
        (counting_actions, "count", _count_once_more),
    ),
)
