"""The people of the journeys, all invented, and what each says of being reached safely."""

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(frozen=True)
class Someone:
    """Somebody who asks for help, or is asked."""

    name: str
    email: str = ""
    phone: str = ""
    text: str = ""
    letter: str = ""
    who_else: str = "nobody"
    avoid: str = ""
    voicemail: str = ""
    times: dict[str, str | tuple[str, ...]] = field(default_factory=lambda: {"safe_when": "any"})

    @property
    def contact(self) -> dict[str, str | tuple[str, ...]]:
        """The answers to what they are called and which ways are safe."""
        given = {way: getattr(self, way) for way in ("email", "phone", "text", "letter")}
        safe = {way: address for way, address in given.items() if address}
        first = {"first": next(iter(safe))} if len(safe) > 1 else {}
        return {"name": self.name, "ways": tuple(safe), **safe, **first}

    @property
    def privacy(self) -> dict[str, str]:
        """The answers to who else might see it."""
        asked_about_calls = {"voicemail": self.voicemail or "false"} if self.phone else {}
        return {"who_else": self.who_else, "avoid": self.avoid, **asked_about_calls}


def somebody(name: str, **known: str) -> Someone:
    """Somebody with a name and an address nobody else has."""
    own = uuid4().hex[:6]
    address = f"{name.split()[0].lower()}-{own}@example.org"
    return Someone(f"{name}-{own}", **{"email": address, **known})
