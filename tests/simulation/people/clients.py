"""Whoever refers somebody: they send the same request again until they are answered."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.referral.actions.seeds import DEMO_AREAS, demo_id
from shared.contracts.words import Happened, HeardAbout, Matter, ReportedToPolice, Side, Source
from tests.simulation.house import Cut

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

PATH = "/referral/api/referrals"
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@dataclass
class Clients:
    """What was sent, and what came back."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each request, by its Idempotency-Key."""
    answered: dict[str, bytes] = field(default_factory=dict)
    """What each was answered first."""
    oddly_answered: list[str] = field(default_factory=list)
    """Answers that should not have been given."""

    @property
    def unanswered(self) -> list[str]:
        return [key for key in self.sent if key not in self.answered]


async def refer_somebody(sim: "Simulation") -> None:
    """A new referral."""
    clients = sim.clients
    if len(clients.sent) >= sim.referrals:
        return
    key = f"referral-{len(clients.sent) + 1}"
    clients.sent[key] = _request(sim, key)
    if len(clients.sent) > 2 and sim.chance.random() < 0.15:  # two matters that read alike
        clients.sent[key] = clients.sent[sim.chance.choice(list(clients.sent))]
    await send(sim, key)


async def try_again(sim: "Simulation") -> None:
    """Somebody who got no answer sends the same once more."""
    if sim.clients.unanswered:
        await send(sim, sim.chance.choice(sim.clients.unanswered))


async def send_twice(sim: "Simulation") -> None:
    """Somebody sends again what was answered already."""
    if sim.clients.answered:
        await send(sim, sim.chance.choice(list(sim.clients.answered)))


async def use_a_key_twice(sim: "Simulation") -> None:
    """Somebody uses a key again for another person: that is refused."""
    clients = sim.clients
    if not clients.answered:
        return
    key = sim.chance.choice(list(clients.answered))
    other = {**clients.sent[key], "person": {**clients.sent[key]["person"], "name": "Other Person"}}
    status, _ = await _post(sim, key, other) or (422, b"")
    sim.note(f"{key} used for another person: {status}")
    if status != 422 and not _in_trouble(sim, status):
        clients.oddly_answered.append(f"{key} with another body was answered {status}")


async def send(sim: "Simulation", key: str) -> None:
    clients = sim.clients
    came = await _post(sim, key, clients.sent[key])
    if came is None:
        sim.note(f"{key} is sent: no answer")
        return
    status, body = came
    if _in_trouble(sim, status):
        sim.note(f"{key} is sent: {status}")
        return
    if status != 201:
        clients.oddly_answered.append(f"{key} was answered {status}")
        return
    before = clients.answered.setdefault(key, body)
    if before != body:
        clients.oddly_answered.append(f"{key} was answered differently the second time")
    sim.note(f"{key} is sent: {status} {json.loads(body).get('referral_id', '')[-6:]}")


def _in_trouble(sim: "Simulation", status: int) -> bool:
    """Whether that is what a request meets while a store is out of reach."""
    return status in (500, 503) and "store out of reach" in sim.faults.kinds


async def _post(sim: "Simulation", key: str, body: dict[str, Any]) -> tuple[int, bytes] | None:
    headers = {"Idempotency-Key": key}
    try:
        came = await sim.house.visit("POST", PATH, json=body, headers=headers)
    except Cut:
        return None
    return None if sim.faults.strikes("answer to a client lost", key) else came


def _request(sim: "Simulation", key: str) -> dict[str, Any]:
    chance = sim.chance
    return {
        "source": chance.choice(list(Source)).value,
        "permission_attested": True,
        "matter": chance.choice(list(Matter)).value,
        "happened": chance.choice(list(Happened)).value,
        "side": chance.choice(list(Side)).value,
        "reported_to_police": chance.choice(list(ReportedToPolice)).value,
        "area_id": str(demo_id(chance.choice(DEMO_AREAS)[0])),
        "heard_about": chance.choice(list(HeardAbout)).value,
        "person": {"name": f"Person of {key}", "safe_contact": safe_contact(sim)},
    }


def safe_contact(sim: "Simulation") -> dict[str, Any]:
    """How somebody may be reached, in the words of the API; mostly by email."""
    chance = sim.chance
    sim.addresses += 1
    email = {"channel": "email", "address": f"person{sim.addresses}@example.org"}
    phone = {"channel": "phone", "address": f"07700 900{sim.addresses % 1000:03}"}
    routes = chance.choice([[email], [email], [email, phone], [phone, email], [phone]])
    contact: dict[str, Any] = {
        "routes": routes,
        "who_else": chance.choice(["nobody", "somebody", "not_sure"]),
        "avoid": chance.choice([[], [], ["court"], ["meeting"]]),
    }
    if chance.random() < 0.4:
        days = sorted(chance.sample(DAYS, chance.randint(1, 7)), key=DAYS.index)
        begin = chance.randint(0, 20)
        end = chance.randint(begin + 1, 24)
        contact["hours"] = {"days": days, "from": f"{begin:02}:00", "until": f"{end:02}:00"}
    return contact
