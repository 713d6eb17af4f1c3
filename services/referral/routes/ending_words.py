"""The words for how a case ends, what somebody says of themselves, and what is destroyed when."""

from services.referral.domain.monitoring import AgeBand, Ethnicity, Gender
from shared.contracts.lifecycle import ClosureCode
from shared.contracts.retention import RULES

ENDED = {
    ClosureCode.COMPLETED_DIRECT: "They met",
    ClosureCode.COMPLETED_INDIRECT: "Done without a meeting of both",
    ClosureCode.RESOLVED_BY_THEMSELVES: "They resolved it by themselves",
    ClosureCode.DECLINED: "Somebody did not want to take part",
    ClosureCode.WITHDRAWN: "Somebody no longer wanted to take part",
    ClosureCode.NO_CONTACT: "Somebody could not be reached",
    ClosureCode.UNSUITABLE: "It was not safe or not suitable",
    ClosureCode.LEGAL_TIMING: "A court or the police had to come first",
    ClosureCode.MOVED_OR_DIED: "Somebody moved away or died",
    ClosureCode.ADMINISTRATIVE_ERROR: "It was opened in error",
}
NOT_SAID = {"not_asked": "Not asked", "prefer_not_to_say": "Prefers not to say"}
AGE_BAND = {
    AgeBand.NOT_ASKED: NOT_SAID["not_asked"],
    AgeBand.PREFER_NOT_TO_SAY: NOT_SAID["prefer_not_to_say"],
    AgeBand.UNDER_18: "Under 18",
    AgeBand.FROM_18_TO_24: "18 to 24",
    AgeBand.FROM_25_TO_44: "25 to 44",
    AgeBand.FROM_45_TO_64: "45 to 64",
    AgeBand.FROM_65: "65 or over",
}
GENDER = {
    Gender.NOT_ASKED: NOT_SAID["not_asked"],
    Gender.PREFER_NOT_TO_SAY: NOT_SAID["prefer_not_to_say"],
    Gender.FEMALE: "Female",
    Gender.MALE: "Male",
    Gender.ANOTHER: "Another",
}
ETHNICITY = {
    Ethnicity.NOT_ASKED: NOT_SAID["not_asked"],
    Ethnicity.PREFER_NOT_TO_SAY: NOT_SAID["prefer_not_to_say"],
    Ethnicity.ASIAN: "Asian or Asian British",
    Ethnicity.BLACK: "Black, Black British, Caribbean or African",
    Ethnicity.MIXED: "Mixed or multiple ethnic groups",
    Ethnicity.WHITE: "White",
    Ethnicity.OTHER: "Another ethnic group",
}
RECORD_CLASS = {one.value: rule.called for one, rule in RULES.items()}
