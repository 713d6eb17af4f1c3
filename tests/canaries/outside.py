"""Signing in with an account from outside: every word the provider says of somebody is planted."""

from tests.canaries import birds, people
from tests.canaries.house import House
from tests.fixtures.visitor import Visitor

OUTSIDE = "/referral/sign-in/outside"
GROUPS = ["Coordinators", birds.text("group")]


def come_in_from_outside(house: House) -> None:
    """In, sure once more, out by the provider's word; and everybody who is not let in."""
    email = birds.email(people.OUTSIDER)
    name = ("--name", birds.text(people.OUTSIDER), "--role", "coordinator")
    link = house.command("staff", "add", email, *name, kept=False).split()[-1]
    house.aviary.also(link.rpartition("/")[2])
    known = house.provider.knows(birds.text(people.OUTSIDER), email=email, groups=GROUPS)
    visitor = house.visitor(None)
    page = visitor.open(link.partition(house.system.address)[2])
    page.follow("organisation").expect(200)
    house.aviary.also(*visitor.client.cookies.values())
    visitor.open("/referral/account").press("Sign out")
    assert visitor.open(f"{OUTSIDE}?next=/referral/cases").path == "/referral/cases"
    house.aviary.also(*visitor.client.cookies.values())
    visitor.open(f"{OUTSIDE}?confirm=1")
    house.aviary.also(*visitor.client.cookies.values())
    left = house.provider.logout_token(sub=known.sub)
    _leave(visitor, left, 200)
    assert visitor.open("/referral/cases").path.startswith("/referral/sign-in")
    _leave(house.visitor(None), birds.text("token"), 400)
    _not_let_in(house)
    house.aviary.also(*house.provider.given)


def _leave(visitor: Visitor, token: str, status: int) -> None:
    """What the provider's own server sends."""
    answer = visitor.client.post(f"{OUTSIDE}/ended", data={"logout_token": token})
    assert answer.status_code == status, answer.text


def _not_let_in(house: House) -> None:
    """Somebody nobody added, somebody in no group of ours, and what nobody asked for."""
    email = birds.email("stranger")
    for groups in (GROUPS, [birds.text("group")]):
        house.provider.knows(birds.text("stranger"), email=email, groups=groups)
        house.visitor(None).open(OUTSIDE, status=403)
    said = {name: birds.text(name) for name in ("code", "state", "iss")}
    back, wrong = f"{OUTSIDE}/back", {"error": birds.text("error")}
    for params in (said, said | wrong | {"error_description": birds.text("description")}):
        assert house.visitor(None).client.get(back, params=params).status_code == 409
