"""What people may ask about their own data: put right, copied, complained of, erased."""

import re

from services.referral.domain.monitoring import AgeBand, Ethnicity, Gender
from tests.canaries import birds, people
from tests.canaries.filling import fill_with_nonsense
from tests.canaries.house import MANAGER, House
from tests.fixtures.patience import eventually
from tests.fixtures.visitor import Page, Visitor
from tests.journeys import steps
from tests.journeys.people import Someone
from tests.journeys.steps import Case

COMPLAINTS = "/referral/complaints"
ANSWERS = (AgeBand.UNDER_18, Gender.ANOTHER, Ethnicity.MIXED)
"""What Kit says of themselves; nobody else says anything."""

STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("acknowledged", {}),
    ("noted", {}),
    ("answered", {}),
    ("closed", {"outcome": "upheld"}),
)
"""What is done about a complaint, in order."""


def ask_for_rights(house: House) -> Case:
    """Kit's case, in which Leo is the other party: Kit stays, and Leo is erased in the end."""
    house.visitor(None).open("/referral/refer/your-data")
    staff = house.visitor()
    case = steps.accept(staff, steps.refer_oneself(house.visitor(None), people.KIT))
    steps.add_other_party(staff, case, people.LEO)
    steps.record_said(staff, case, people.KIT, "They do not want to take part", "Record that")
    steps.record_said(staff, case, people.KIT, "They want to take part after all", "Record that")
    _say_of_themselves(house, staff, case)
    _be_renamed(staff, case)
    _complain(house, staff, case)
    return case


def of(case: Case, page: Page, who: Someone, last: str) -> str:
    """The page about somebody in a case that ends so, whatever the link to it is called."""
    links = [one for one in page.links(f"({who.name})") if one.endswith(f"/{last}")]
    assert links, f"{case.reference}: no link for {last}: {page.main}"
    return links[0]


def today(house: House, name: str) -> dict[str, str]:
    now = house.system.now()
    return {
        f"{name}_day": str(now.day),
        f"{name}_month": str(now.month),
        f"{name}_year": f"{now:%Y}",
    }


def _say_of_themselves(house: House, staff: Visitor, case: Case) -> None:
    house.aviary.also(*birds.in_codes(*ANSWERS))
    age_band, gender, ethnicity = ANSWERS
    page = staff.open(case.page).follow(f"What they said of themselves ({people.KIT.name})")
    page = page.press("Save", age_band=age_band, gender=gender, ethnicity=ethnicity)
    assert page.done, page.main
    staff.open(of(case, page, people.KIT, "monitoring"))


def _be_renamed(staff: Visitor, case: Case) -> None:
    """What somebody was called before is kept, and sealed; so is how they could be reached."""
    page = staff.open(case.page).follow(f"Change how to reach them ({people.LEO.name})")
    because = f"{birds.text('misheard')} on the telephone"
    page = page.press("Save", name=birds.text("leonard"), because=because)
    assert page.done, page.main
    page = staff.open(case.page).follow(f"Change how to reach them ({birds.text('leonard')})")
    page = page.press("Save", name=people.LEO.name, because=because)
    assert page.done, page.main


def _complain(house: House, staff: Visitor, case: Case) -> None:
    """Somebody we know, and somebody we may not know."""
    said = f"{birds.text('complaint')} was left waiting"
    here = of(case, staff.open(case.page), people.KIT, "complaint")
    fill_with_nonsense(staff.open(here), "Record the complaint")
    told = {**today(house, "came"), "how": "by_phone", "about": "nobody", "said": said}
    page = staff.open(here).press("Record the complaint", **told)
    assert page.done == "You recorded the complaint.", page.main
    fill_with_nonsense(staff.open(f"{COMPLAINTS}/new"), "Record the complaint")
    who = f"{birds.text('neighbour')}, {birds.email('neighbour')}"
    page = staff.open(f"{COMPLAINTS}/new")
    page = page.press("Record the complaint", **told, who=who, reference=case.reference)
    assert page.done == "You recorded the complaint.", page.main
    for link in _complaints(staff):
        fill_with_nonsense(staff.open(link), "Save")
        words = f"{birds.text('answer')} was told"
        for step, more in STEPS:
            page = staff.open(link).press("Save", step=step, words_said=words, **more)
            assert page.done == "You noted it.", page.main
        staff.open(link)
    staff.open(f"{COMPLAINTS}?closed=true")


def _complaints(staff: Visitor) -> list[str]:
    links = staff.open(COMPLAINTS).links()
    found = [one for one in links if re.fullmatch(rf"{COMPLAINTS}/[0-9a-f-]{{36}}", one)]
    assert len(found) == 2, links
    return found


def give_copies(house: House, case: Case) -> None:
    """Everything there is about Kit, once somebody has looked at what is about others too."""
    manager = house.visitor(MANAGER)
    house.system.sure()
    page = manager.open(case.page)
    _ask_for_a_copy(house, manager, of(case, page, people.KIT, "requests"))
    here = of(case, page, people.KIT, "record")
    pieces = f"{here}/pieces"
    fill_with_nonsense(manager.open(pieces), "Save")
    reason = f"{birds.text('ruling')} is somebody else"
    given = f"{birds.text('given')} may be given"
    chosen = {"decision": "redacted", "ground": "somebody_else", "redacted": given}
    page = manager.open(pieces)
    while "No piece waits" not in page.main:
        page = page.press("Save", **chosen, reason=reason)
        assert page.done == "You decided about a piece.", page.main
    page = page.press("Decide again")
    page.press("Save", **chosen, reason=reason).expect(200)
    for kind in ("html", "json"):
        copy = manager.open(here).press("Make the copy", kind=kind).answer
        assert copy.is_success
        assert people.KIT.name in copy.text
        assert given in copy.text
    person_id = here.split("/")[-2]
    folder = house.folder / "copy"
    house.command("person", "export", person_id, "--to", str(folder))
    assert any(house.aviary.hits(one.read_bytes()) for one in folder.rglob("*") if one.is_file())


def _ask_for_a_copy(house: House, manager: Visitor, here: str) -> None:
    fill_with_nonsense(manager.open(here), "Record it")
    asked = {**today(house, "received"), "how": "by_phone", "kind": "access"}
    manager.open(here).press("Record it", **asked).expect(200)
    fill_with_nonsense(manager.open(here), "Save")
    note = f"{birds.text('longer')} was told that it takes longer"
    for doing, more in (
        ("stop", {}),
        ("start", {}),
        ("extend", {"why": "complex", "note": note}),
        ("answered", {}),
    ):
        page = manager.open(here).press("Save", doing=doing, **more)
        assert page.done == "You noted it.", page.main


def erase(house: House, case: Case) -> None:
    """Leo of a case, and a colleague who has left: each is refused once, then erased."""
    staff, manager = house.visitor(), house.visitor(MANAGER)
    house.system.sure()
    _erased(house, staff, manager, of(case, staff.open(case.page), people.LEO, "erasure"))
    row = f"({birds.text(people.COLLEAGUE)})"
    [here] = [one for one in staff.open("/referral/staff").links(row) if one.endswith("/erasure")]
    _erased(house, staff, manager, here)
    manager.open("/referral/requests")
    page = manager.open(f"{case.page}/redaction").press("I have looked through it")
    assert "You looked through the case" in page.done, page.main
    house.commands(("erased", "list"), ("erased", "apply"))
    eventually(lambda: people.LEO.name not in manager.open(case.planning).main)


def _erased(house: House, staff: Visitor, manager: Visitor, here: str) -> None:
    decision, note = f"{here}/decision", f"{birds.text('refusal')} needs it in court"
    asked = {**today(house, "received"), "how": "in_writing"}
    refusal = {"decision": "refuse", "reason": "legal_obligation", "note": note}
    fill_with_nonsense(staff.open(here), "Note the request")
    staff.open(here).press("Note the request", **asked).expect(200)
    staff.open("/referral/requests")
    page = staff.open(here).press("Take two months longer", why="complex")
    assert page.status == 200, page.main
    fill_with_nonsense(manager.open(decision), "Save the decision")
    manager.open(decision).press("Save the decision", **refusal).expect(200)
    manager.open(here)
    staff.open(here).press("Note the request", **asked).expect(200)
    page = manager.open(decision).press("Save the decision", decision="carry_out")
    assert "erased for good" in page.done, page.main
