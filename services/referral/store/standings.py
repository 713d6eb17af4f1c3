"""Who stands how to each referral and the case it became."""

from services.referral.store.base import SCHEMA
from services.referral.store.cases import CASE
from services.referral.store.intake import REFERRAL
from shared.plumbing.standing import Matters, Standings, standing_table

STANDINGS = Standings(
    standing_table(SCHEMA.metadata),
    Matters(
        REFERRAL,
        REFERRAL.c.id,
        REFERRAL.c.area_id,
        REFERRAL.c.person_id,
        REFERRAL.c.referred_by,
        cases=(CASE.c.id, CASE.c.referral_id),
    ),
)
