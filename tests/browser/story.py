"""Half a year in the life of a service, all of it invented, told to a system through its pages.

Every picture and every look at a page is of this: enough for lists to be lists and for the report
to have something to say. It begins on 13 April 2026 and ends on the morning of 14 October.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from uuid import uuid4

from services.referral.actions.seeds import demo_id
from shared.ui.london import LONDON
from tests.browser.cast import (
    ASHA,
    EARLIER,
    FACILITATORS,
    GARETH,
    GRAHAM,
    HALIMA,
    IRIS,
    LIAM,
    NORA,
    OMAR,
    SUNITA,
    WAITING,
    Referred,
    somebody_called,
)
from tests.fixtures.patience import eventually
from tests.fixtures.system import System
from tests.journeys import steps
from tests.journeys.people import Someone
from tests.journeys.steps import Case

BEGIN = datetime(2026, 4, 13, 9, 0, tzinfo=LONDON)
TODAY = datetime(2026, 10, 14, 10, 20, tzinfo=LONDON)
WEEK_BEFORE = datetime(2026, 10, 7, 15, 0, tzinfo=LONDON)


@dataclass(frozen=True)
class Places:
    """Where the pages worth looking at are."""

    case: Case
    waiting: Case
    declined: Case
    joint: str
    """A joint meeting that is booked."""
    held: str
    overdue: str
    """A meeting that is over, and nobody has said yet what became of it."""
    moved: str


class Story:
    """What happens when; an event may bring later ones with it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.staff = system.visitor()
        self._number = count()
        self._ahead: list[tuple[datetime, int, Callable[[], None]]] = []
        self._areas = {
            area["label"]: area["id"]
            for area in self.staff.client.get("/referral/api/areas").json()
        }
        self._meetings: dict[str, str] = {}
        self._cases: dict[str, Case] = {}
        self._references: dict[str, str] = {}

    def tell(self) -> Places:
        """Let all of it happen, in order."""
        self._colleagues()
        self._venues()
        for one in EARLIER:
            self._at(one.at, lambda one=one: self._earlier(one))
        self._this_autumn()
        while self._ahead and self._ahead[0][0] <= TODAY:
            at, _, happen = heappop(self._ahead)
            self.system.until(at)
            happen()
        self.system.until(TODAY)
        return Places(
            case=self._cases[ASHA.name],
            waiting=steps.find_case(self.staff, self._references[OMAR.name]),
            declined=self._cases["Joan Fisher"],
            joint=self._meetings[f"{ASHA.name} and {GRAHAM.name}"],
            held=self._meetings[ASHA.name],
            overdue=self._meetings[LIAM.name],
            moved=self._meetings[SUNITA.name],
        )

    def _at(self, moment: datetime, happen: Callable[[], None]) -> None:
        heappush(self._ahead, (moment, next(self._number), happen))

    def _colleagues(self) -> None:
        manager = self.system.visitor(demo_id(4))
        for name, email in FACILITATORS.items():
            page = manager.open("/referral/staff")
            page.press("Add the colleague", name=name, email=email, roles=("facilitator",))
        eventually(lambda: HALIMA in self.staff.open("/scheduling/facilitators").main)

    def _venues(self) -> None:
        note = "Level access from the car park. The front desk calls each person by first name."
        page = self.staff.open("/scheduling/venues/add")
        page.press(
            "Add the venue",
            label="Eastgate library, small hall",
            kind="neutral",
            step_free="true",
            safety_note=note,
        )
        retire = self.staff.open("/scheduling/venues").follow("Retire Our office, first floor")
        retire.press("Retire the venue")

    def _earlier(self, one: Referred) -> None:
        """Taken in, and then declined, or accepted and met for the first time."""
        who, reference = somebody_called(one.who), self._refer(one)
        if one.declined:
            self._cases[one.who] = steps.decline(self.staff, reference, one.declined)
            return
        case = self._cases[one.who] = steps.accept(self.staff, reference)
        met = one.at.replace(hour=14) + timedelta(days=one.days_to_meeting)
        self._prepare(case, who, met, missed=one.missed)
        if one.next_meeting:
            again = TODAY.replace(hour=13, minute=0) + timedelta(days=one.next_meeting)
            self._at(WEEK_BEFORE, lambda: self._prepare(case, who, again, HALIMA))
        if one.then_with:
            other = somebody_called(one.then_with)
            self._at(met + timedelta(days=3), lambda: self._approach(case, other, "harmed"))
            together = met + timedelta(weeks=4)
            self._at(
                together - timedelta(days=9),
                lambda: self._bring_together(case, who, other, together),
            )

    def _refer(self, one: Referred) -> str:
        """As an agency's program does it; gives the reference."""
        who = somebody_called(one.who)
        person = {
            "name": who.name,
            "safe_contact": {
                "routes": [{"channel": "email", "address": who.email}],
                "who_else": "nobody",
            },
        }
        answer = self.staff.client.post(
            "/referral/api/referrals",
            headers={"Idempotency-Key": str(uuid4())},
            json={
                "source": one.source,
                "permission_attested": True,
                "matter": one.matter,
                "happened": one.happened,
                "side": one.side,
                "reported_to_police": "yes" if one.matter == "crime" else "no",
                "area_id": self._areas[one.area],
                "heard_about": "prefer_not_to_say",
                "person": person,
            },
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["reference"])

    def _prepare(
        self, case: Case, who: Someone, at: datetime, leader: str = GARETH, *, missed: bool = False
    ) -> None:
        """Book a preparation meeting; once it is over somebody says how it went."""
        meeting = steps.must_book(self.staff, case, at, who, facilitators=(leader,))
        self._meetings[who.name] = meeting
        self._at(at + timedelta(hours=2), lambda: self._record(who.name, missed))

    def _record(self, whose: str, missed: bool = False) -> None:
        """Somebody says how it went, unless it was moved or nobody got round to it."""
        if whose in (LIAM.name, SUNITA.name):
            return
        meeting = self._meetings[whose]
        if missed:
            page = self.staff.open(meeting).follow("Record what happened")
            page.press("Record", held="no", reason="participant_did_not_come").expect(200)
        else:
            steps.record_held(self.staff, meeting).expect(200)

    def _approach(self, case: Case, other: Someone, side: str) -> None:
        steps.add_other_party(self.staff, case, other, side)

    def _bring_together(self, case: Case, one: Someone, other: Someone, at: datetime) -> None:
        """Both agree, and are invited to a joint meeting."""
        for who in (one, other):
            steps.record_agreement(self.staff, case, who)
        both = (GARETH, HALIMA)
        meeting = steps.must_book(self.staff, case, at, one, other, facilitators=both)
        together = f"{one.name} and {other.name}"
        self._meetings[together] = meeting
        self._at(at + timedelta(hours=2), lambda: self._record(together))

    def _this_autumn(self) -> None:
        for month, day, hour, happen in self._autumn():
            self._at(datetime(2026, month, day, hour, 0, tzinfo=LONDON), happen)

    def _autumn(self) -> Iterator[tuple[int, int, int, Callable[[], None]]]:
        """The cases that are open today, and those that came in this week."""
        refer, take_on = self._refers_themselves, self._take_on
        yield 9, 22, 16, lambda: refer(SUNITA, "Riverside")
        yield 9, 23, 10, lambda: take_on(SUNITA)
        yield 9, 24, 15, lambda: refer(LIAM, "City centre")
        yield 9, 25, 10, lambda: take_on(LIAM)
        yield 9, 28, 20, lambda: refer(ASHA, "Northfields and Eastgate")
        yield 9, 29, 10, lambda: take_on(ASHA)
        yield 10, 1, 11, self._approach_graham
        yield 10, 5, 10, self._move_sunita
        yield 10, 9, 9, self._invite_liam
        yield 10, 12, 11, self._invite_both
        yield 10, 12, 18, lambda: refer(NORA, "Riverside")
        yield 10, 13, 9, lambda: refer(IRIS, "City centre")
        yield 10, 13, 10, lambda: [self._refer(one) for one in WAITING]
        yield 10, 14, 8, lambda: refer(OMAR, "Market towns and villages")

    def _refers_themselves(self, who: Someone, area: str) -> None:
        self._references[who.name] = steps.refer_oneself(self.staff, who, area)

    def _take_on(self, who: Someone) -> None:
        self._cases[who.name] = steps.accept(self.staff, self._references[who.name])

    def _approach_graham(self) -> None:
        """The other party is brought in, and each is prepared apart."""
        case = self._cases[ASHA.name]
        self._approach(case, GRAHAM, "responsible")
        self._prepare(case, ASHA, datetime(2026, 10, 6, 10, tzinfo=LONDON), HALIMA)
        self._prepare(case, GRAHAM, datetime(2026, 10, 8, 17, 30, tzinfo=LONDON), HALIMA)

    def _move_sunita(self) -> None:
        at = datetime(2026, 10, 7, 10, tzinfo=LONDON)
        self._prepare(self._cases[SUNITA.name], SUNITA, at)
        page = self.staff.open(self._meetings[SUNITA.name]).follow("Move the meeting")
        later = steps.moment("starts", at + timedelta(days=9))
        page.press("Move the meeting", **later, reason="participant_asked").expect(200)

    def _invite_liam(self) -> None:
        at = datetime(2026, 10, 13, 15, tzinfo=LONDON)
        self._prepare(self._cases[LIAM.name], LIAM, at)

    def _invite_both(self) -> None:
        at = datetime(2026, 10, 21, 14, tzinfo=LONDON)
        self._bring_together(self._cases[ASHA.name], ASHA, GRAHAM, at)
