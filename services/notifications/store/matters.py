"""Which matter a message is about, who works on it, and who may know nothing of it."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from services.notifications.store.tables import MATTER, MESSAGE, STANDING
from shared.contracts.access import WALLS
from shared.plumbing.database import ConflictInsert, Session, conflict_insert, insert_first
from shared.plumbing.standing import Matters, Standings

STANDINGS = Standings(
    STANDING,
    Matters(
        MATTER,
        MATTER.c.referral_id,
        MATTER.c.area_id,
        person=MATTER.c.person_id,
        told_as=MATTER.c.told_as,
    ),
)

_OF_MESSAGE = (
    select(MATTER.c.referral_id, MESSAGE.c.part_of_id)
    .join(MESSAGE, MESSAGE.c.about_id == MATTER.c.told_as)
    .where(MESSAGE.c.id == bindparam("wanted"))
)
_TOLD_AS = select(MATTER.c.told_as).where(
    MATTER.c.referral_id.in_(
        select(MATTER.c.referral_id).where(MATTER.c.told_as == bindparam("wanted"))
    )
)
_REFERRAL = select(MATTER.c.referral_id).where(MATTER.c.told_as == bindparam("wanted"))
_TOO_NEAR = select(STANDING.c.person_id).where(
    STANDING.c.relation.in_(sorted(one.value for one in WALLS)),
    STANDING.c.holds,
    (STANDING.c.matter_id == bindparam("wanted")) | STANDING.c.matter_id.in_(_TOLD_AS),
)


@dataclass(frozen=True)
class About:
    """What a message is about."""

    matter_id: UUID
    person_id: UUID | None
    """Whose part in it; nobody's when it is to somebody who works here."""


async def note_received(
    session: Session, referral_id: UUID, area_id: UUID, person_id: UUID
) -> None:
    """Remember where a referral belongs, unless something later is known of it."""
    statement = insert_first(MATTER, session.database.dialect)
    await session.change(statement, _row(referral_id, referral_id, area_id, person_id))


async def note_accepted(
    session: Session, referral_id: UUID, case_id: UUID, area_id: UUID, person_id: UUID
) -> None:
    """Remember the case it became as well: meetings are told of by that alone."""
    statement = _keep_both(session.database.dialect)
    both = {
        f"{name}_{number}": value
        for number, told_as in enumerate((referral_id, case_id))
        for name, value in _row(told_as, referral_id, area_id, person_id).items()
    }
    await session.change(statement, both)


async def of_message(session: Session, message_id: UUID) -> About | None:
    """None for a message that is not there, and for one whose matter nobody has told of yet."""
    row = (await session.execute(_OF_MESSAGE, {"wanted": message_id})).first()
    return None if row is None else About(row.referral_id, row.part_of_id)


async def known_as(session: Session, referral_id: UUID) -> list[UUID]:
    """Every id under which a referral is told of."""
    rows = await session.execute(_TOLD_AS, {"wanted": referral_id})
    return [referral_id, *(told_as for (told_as,) in rows)]


async def too_near(session: Session, told_as: UUID) -> frozenset[UUID]:
    """Everybody who may know nothing of the matter with this referral or this case."""
    rows = await session.execute(_TOO_NEAR, {"wanted": told_as})
    return frozenset(person_id for (person_id,) in rows)


async def released(session: Session, case_id: UUID) -> frozenset[UUID]:
    """Everybody who worked on the matter of this case and does so no more."""
    found = await session.scalar(_REFERRAL, {"wanted": case_id})
    return await STANDINGS.released(session, found) if found else frozenset()


def with_matter(statement: Select[tuple[object]]) -> Select[tuple[object]]:
    """A message whose matter nobody has told of yet is on no list: nobody knows its walls."""
    return statement.join(MATTER, MATTER.c.told_as == MESSAGE.c.about_id)


def _row(told_as: UUID, referral_id: UUID, area_id: UUID, person_id: UUID) -> dict[str, UUID]:
    return {
        "told_as": told_as,
        "referral_id": referral_id,
        "area_id": area_id,
        "person_id": person_id,
    }


@cache
def _keep_both(dialect: str) -> ConflictInsert:
    names = [column.name for column in MATTER.c]
    statement = conflict_insert(MATTER, dialect).values(
        [
            {name: bindparam(f"{name}_{number}", type_=MATTER.c[name].type) for name in names}
            for number in range(2)
        ]
    )
    changed = {name: statement.excluded[name] for name in names if name != "told_as"}
    return statement.on_conflict_do_update(index_elements=["told_as"], set_=changed)
