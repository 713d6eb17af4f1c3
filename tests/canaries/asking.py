"""Asking for help, and being asked: the public form, agencies, what staff write down of people."""

from uuid import uuid4

from tests.canaries import birds, people
from tests.canaries.filling import fill_with_nonsense
from tests.canaries.house import MANAGER, OFFICER, House
from tests.fixtures.patience import eventually
from tests.fixtures.visitor import Visitor
from tests.journeys import steps
from tests.journeys.people import Someone
from tests.journeys.steps import Case

BY_FORM = "/referral/refer"
BY_OFFICER = "/referral/partner/refer"
FACILITATORS = (steps.FIRST_FACILITATOR, steps.SECOND_FACILITATOR)


def ask_for_help(house: House) -> Case:
    """Everybody who is going to be looked after; Ada's case, accepted."""
    public, staff = house.visitor(None), house.visitor()
    for path in ("/", BY_FORM, f"{BY_FORM}/talk", "/referral/openapi.json"):
        public.client.get(path)
    cut = "take_and_cut_after_letter"
    house.post.sink.will("refuse_at_rcpt", cut, cut, "busy_at_rcpt")
    eli = steps.refer_oneself(public, people.ELI)
    _wrong_answers(public)
    ada = steps.refer_oneself(public, people.ADA)
    fay = steps.refer_oneself(public, people.FAY)
    _agencies(public)
    _an_officer(house)
    steps.decline(staff, fay, "out_of_scope")
    steps.accept(staff, eli)
    for who in (people.CAL, people.DOT):
        steps.accept(staff, steps.refer_oneself(public, who))
    return steps.accept(staff, ada)


def _wrong_answers(public: Visitor) -> None:
    """What nobody can use, in every field of the form; and what only a machine fills in."""
    page = steps.fill_in_form(public, people.ADA)
    page.press("Back")
    page.press("Agree and send", website=birds.text("website"))
    page = public.open("/").follow("Start now")
    for question in ("happened", "matter", "side", "reported_to_police"):
        page = page.press("Continue", **{question: steps.USUAL[question]})
    page = page.press("Continue", area_id=steps.choice(page, "Riverside"))
    fill_with_nonsense(page, "Continue")
    page = page.press("Continue", **people.ADA.contact)
    page = page.press("Continue", **people.ADA.times)
    fill_with_nonsense(page, "Continue")


def _agencies(public: Visitor) -> None:
    """A referral, the same again, another under the same key, and what cannot be read."""
    areas = {one["label"]: one["id"] for one in public.client.get("/referral/api/areas").json()}
    key, body = str(uuid4()), people.by_an_agency(people.GUS, areas["Riverside"])
    for _ in range(2):
        answer = public.client.post(
            "/referral/api/referrals", json=body, headers={"Idempotency-Key": key}
        )
        assert answer.status_code == 201, answer.text
    other = people.by_an_agency("other", areas["Riverside"])
    unknown = people.by_an_agency("unknown", birds.text("area"))
    named = {**people.by_an_agency("named", areas["Riverside"]), birds.text("field"): "x"}
    wrong = people.by_an_agency("wrong", areas["Riverside"])
    wrong["person"]["safe_contact"]["routes"][0]["address"] = f"{birds.text('at')} at home"
    wrong["person"]["safe_contact"]["hours"]["until"] = birds.text("until")
    wrong["person"]["safe_contact"]["hours"]["from"] = birds.text("from")
    wrong["source"] = birds.text("source")
    for json in (other, unknown, named, wrong):
        headers = {"Idempotency-Key": key if json is other else birds.text("key")}
        answer = public.client.post("/referral/api/referrals", json=json, headers=headers)
        assert answer.status_code in (409, 422), answer.text
    broken = b'{"person": {"name": "' + birds.text("broken").encode()
    public.client.post("/referral/api/referrals", content=broken, headers={"Idempotency-Key": "b"})


def _an_officer(house: House) -> None:
    """Somebody is referred by an officer, who then looks where it stands."""
    officer = house.visitor(OFFICER)
    fill_with_nonsense(officer.open(BY_OFFICER), "Refer them")
    page = officer.open(BY_OFFICER)
    choices = {name: steps.USUAL[name] for name in ("happened", "matter", "side")}
    page = page.press(
        "Refer them",
        **_whole(people.HAN),
        **choices,
        reported_to_police="no",
        area_id=steps.choice(page, "Riverside"),
        heard_about="housing_officer",
        source="housing",
        permission_attested=("true",),
    )
    assert page.done, page.main
    officer.open("/referral/partner").follow(page.heading.split()[-1]).expect(200)


def look_after(house: House, case: Case) -> None:
    """The other party, dates of birth, contact wishes, what they said, who works on it."""
    staff, manager = house.visitor(), house.visitor(MANAGER)
    page = staff.open(case.page).follow("Add the other party")
    answers = _whole(people.BEN, "side", "responsible")
    fill_with_nonsense(page, "Add the other party")
    page = staff.open(case.page).follow("Add the other party")
    page = page.press("Add the other party", **answers, **_born(birds.BORN), agrees=("true",))
    assert page.done == "You added the other party.", page.main
    eventually(lambda: people.BEN.name in staff.open(case.planning).main)
    _change_wishes(staff, case)
    _who_works_on_it(manager, case)
    _say_no_and_yes(staff, case, people.BEN)
    for who in (people.ADA, people.BEN):
        steps.record_agreement(staff, case, who)
    staff.open("/referral/cases?tab=open")
    staff.open("/referral/cases?tab=closed")


def _whole(who: Someone, *more: str) -> dict[str, object]:
    given = {**who.contact, **people.SOME_HOURS, "voicemail": "false", **who.privacy}
    return {**given, **dict(zip(more[::2], more[1::2], strict=True))}


def _born(born) -> dict[str, str]:
    return {
        "born_day": str(born.day),
        "born_month": str(born.month),
        "born_year": str(born.year),
    }


def _change_wishes(staff: Visitor, case: Case) -> None:
    """Ada's are replaced: what she said first is gone, what she says now is sealed."""
    page = staff.open(case.page).follow(f"Change how to reach them ({people.ADA.name})")
    fill_with_nonsense(page, "Save")
    form = page.form("Save")
    chosen = [(name, value) for name, value in form.fields if name not in ("opens", "closes")]
    never = [("opens", birds.text("opens")), ("closes", birds.text("closes"))]
    wrong = [one for one in chosen if one[0] != "safe_when"] + [("safe_when", "some"), *never]
    assert staff.send(page.path, wrong).errors
    page = staff.open(case.page).follow(f"Change how to reach them ({people.ADA.name})")
    page = page.press(
        "Save",
        avoid=birds.text("avoidmore"),
        because=f"{birds.text('because')} rang",
        **_born(birds.ALSO_BORN),
    )
    assert page.done, page.main


def _who_works_on_it(manager: Visitor, case: Case) -> None:
    page = manager.open(case.page).follow("Colleagues: who works on it")
    one, other = (steps.choice(page, name) for name in FACILITATORS)
    page = page.press("Put on the case", facilitator=one, party="all")
    page = manager.open(f"{case.page}/colleagues")
    page = page.press("Keep it from them", colleague=other)
    for button in ("Take off the case", "No longer keep it from them"):
        page = manager.open(f"{case.page}/colleagues").press(button)
    page = manager.open(f"{case.page}/colleagues")
    page.press("Put on the case", facilitator=steps.choice(page, FACILITATORS[0]), party="all")


def _say_no_and_yes(staff: Visitor, case: Case, who: Someone) -> None:
    steps.record_agreement(staff, case, who)
    steps.withdraw_agreement(staff, case, who)
    steps.record_said(staff, case, who, "They do not want to be contacted", "Stop all contact")
    steps.record_said(staff, case, who, "They want to be contacted again", "Allow contact again")
