"""Signing in and everything about accounts; and what goes wrong in the machine."""

import re

import pyotp

from shared.contracts.notifications import MessageSent
from shared.contracts.referral import PartyAdded, ReferralReceived
from tests.canaries import birds, people
from tests.canaries.filling import fill_with_nonsense
from tests.canaries.house import FUNDER, MANAGER, OPS, House
from tests.fixtures.patience import eventually
from tests.fixtures.visitor import Page, Visitor
from tests.journeys import steps

PASSWORD = f"{birds.STEM} heron lantern orchard"
SERVICES = ("referral", "scheduling", "notifications", "reporting")
SIGN_IN = "/referral/sign-in"

BY_READERS = 2 * (2 + 1 + 1) + 1
"""Two of each of three kinds, by each who hears it, and what could not be counted."""


def colleagues(house: House) -> None:
    """Somebody joins on the page, somebody by a command; both leave again."""
    manager = house.visitor(MANAGER)
    page = manager.open("/referral/staff")
    fill_with_nonsense(page, "Add the colleague")
    page = manager.open("/referral/staff")
    name, email = birds.text(people.COLLEAGUE), birds.email(people.COLLEAGUE)
    page = page.press("Add the colleague", name=name, email=email, roles=("facilitator",))
    _keep_link(house, page)
    page = manager.open("/referral/staff").follow(name)
    here = page.path
    page = page.press("Save the areas", areas=(steps.choice(page, "Riverside"),))
    assert page.done, page.main
    _keep_link(house, manager.open(here).press("Make a new invitation"))
    fill_with_nonsense(manager.open("/referral/areas"), "Add the area")
    fill_with_nonsense(manager.open("/referral/areas").follow("Rename"), "Rename the area")
    _leave(manager, name)


def _keep_link(house: House, page: Page) -> None:
    """What a new colleague is given, and shown to nobody again."""
    [token] = re.findall(r"/referral/account/set-up/([\w-]{43})", page.main)
    house.aviary.also(token)


def _leave(manager: Visitor, name: str) -> None:
    page = manager.open("/referral/staff")
    page.press(f"Has left ({name})").expect(200)


def come_in(house: House) -> None:
    """An invitation, an authenticator, every way in, every wrong answer, and out again."""
    email = birds.email(people.NEWCOMER)
    words = ("staff", "add", email, "--name", birds.text(people.NEWCOMER), "--role", "coordinator")
    link = house.command(*words, kept=False).split()[-1]
    house.aviary.also(link.rpartition("/")[2])
    door = house.visitor(None)
    secret, recovery = _set_up(house, door, link)
    door.open("/referral/account").press("Sign out everywhere")
    page = door.open(SIGN_IN)
    assert page.press("Continue", email=email, password=birds.text("wrong")).errors
    fields = [one for one in page.form("Continue").fields if one[0] != "next"]
    assert door.send(SIGN_IN, [*fields, ("next", birds.text("next"))]).errors
    assert page.press("Continue", email=birds.email("nobody"), password=PASSWORD).errors
    page = page.press("Continue", email=email, password=PASSWORD)
    assert page.press("Sign in", code=birds.text("code")).errors
    later = pyotp.TOTP(secret).at(house.system.now(), counter_offset=1)
    page.press("Sign in", code=later).expect(200)
    house.aviary.also(*door.client.cookies.values())
    _sure(door)
    page = door.open(SIGN_IN).press("Continue", email=email, password=PASSWORD)
    page = page.press("Use a recovery code")
    assert page.press("Sign in", code=birds.text("recovery")).errors
    page.press("Sign in", code=recovery).expect(200)
    leaver = birds.email("jay")
    role = ("--name", birds.text("jay"), "--role", "facilitator")
    words = (("add", leaver, *role), ("list",), ("reset", leaver), ("disable", leaver), ("demo",))
    *_, demo = house.commands(*(("staff", *more) for more in words), kept=False)
    _demonstration(house, demo)


def _demonstration(house: House, printed: str) -> None:
    """A link of `make run`; one of two sessions is then ended from the other."""
    for line in printed.splitlines():
        if "Demo Funder" in line:
            link = line.split()[-1].partition(house.system.address)[2]
            house.aviary.also(link.rpartition("/")[2])
            funder = house.visitor(None)
            funder.open(link).press("Sign in").expect(200)
            other = house.visitor(FUNDER)
            other.open("/referral/sessions").press("Sign out there").expect(200)


def _set_up(house: House, door: Visitor, link: str) -> tuple[str, str]:
    page = door.open(link.partition(house.system.address)[2])
    assert page.press("Continue", password=birds.text("one"), again=birds.text("other")).errors
    page = page.press("Continue", password=PASSWORD, again=PASSWORD)
    grouped = _code_on(page)
    secret = grouped.replace(" ", "")
    assert page.press("Continue", code=birds.text("code")).errors
    page = page.press("Continue", code=pyotp.TOTP(secret).at(house.system.now()))
    codes = [one.text for one in page.document.iter("code")]
    assert len(codes) == 10, page.main
    house.aviary.also(secret, grouped, *codes, *door.client.cookies.values())
    return secret, codes[0]


def _code_on(page: Page) -> str:
    return str(next(iter(page.document.iter("code"))).text)


def _sure(door: Visitor) -> None:
    door.open("/referral/account")
    page = door.open(f"{SIGN_IN}/confirm")
    assert page.press("Confirm", code=birds.text("code")).errors
    door.open("/referral/account").press("Sign out")


def trouble(house: House) -> None:
    """What nobody told and nobody can act on, with somebody in every part of it."""
    said = birds.text("parked")
    headers = {"ce-source": said, "ce-type": said, "ce-id": said, "ce-subject": said}
    for subject in (ReferralReceived.subject, PartyAdded.subject, MessageSent.subject):
        house.tap.publish(subject, f'{{"{said}": "{said}"}}'.encode(), **{said: said})
        house.tap.publish(subject, said.encode(), **headers)
    ops = house.visitor(OPS)
    eventually(lambda: len(_parked(ops)) >= BY_READERS)
    for page in _parked(ops):
        assert "tried again" in ops.open(page).press("Try again").done
    eventually(lambda: _waiting(ops) >= BY_READERS)


def upkeep(house: House) -> None:
    """Everything an operator may ask of a running system; then what was parked is given up."""
    ops = house.visitor(OPS)
    shown = [("parked", "show", one.rpartition("/")[2]) for one in _parked(ops)]
    house.commands(
        ("doctor",),
        ("topology",),
        ("reconcile", "--check"),
        ("reconcile",),
        ("reporting", "rebuild"),
        ("audit", "verify"),
        ("keys", "rewrap"),
        ("parked", "list"),
        *shown,
        *((*words, "--body") for words in shown),
        ("staff", "disable", birds.email("nobody")),
        ("parked", "show", birds.text("id")),
    )
    for page in _parked(ops):
        if "Try it again" in ops.open(page).main:
            ops.open(page).press("Try again").expect(200)
    eventually(lambda: _waiting(ops) == len(_parked(ops)))
    for page in _parked(ops):
        said = f"{birds.text('reason')} rang and said so"
        assert "given up" in ops.open(page).press("Give up this event", reason=said).done


def _parked(ops: Visitor) -> list[str]:
    found = []
    for service in SERVICES:
        links = ops.open(f"/{service}/parked").links()
        found += [one for one in links if one.startswith(f"/{service}/parked/")]
    return sorted(set(found))


def _waiting(ops: Visitor) -> int:
    pages = (ops.open(f"/{service}/parked") for service in SERVICES)
    rows = (row for page in pages for row in page.table("Waiting"))
    return sum(row["State"] == "Parked" for row in rows)
