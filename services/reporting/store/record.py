"""How somebody's own referrals are counted: reporting knows no person, only what it counts."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Row, bindparam, select

from services.reporting.store.tables import CaseRow, ReferralRow, table_of
from shared.plumbing.database import Session

_REFERRAL, _CASE = table_of(ReferralRow), table_of(CaseRow)
_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
_REFERRALS = (
    select(_REFERRAL, _CASE.c.first_met_at)
    .outerjoin(_CASE, _CASE.c.case_id == _REFERRAL.c.case_id)
    .where(_REFERRAL.c.referral_id.in_(_WANTED))
    .order_by(_REFERRAL.c.received_at, _REFERRAL.c.referral_id)
)


async def counted(session: Session, referral_ids: Iterable[UUID]) -> Iterable[Row[Any]]:
    """What is counted of each of these referrals."""
    return await session.execute(_REFERRALS, {"wanted": list(set(referral_ids))})
