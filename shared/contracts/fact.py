"""What every fact has in common, and the envelope it travels in."""

import re
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.frozen import Frozen

SUBJECT = re.compile(r"^(?P<service>[a-z]+)\.(?P<fact>[a-z]+(?:_[a-z]+)*)\.v(?P<version>[1-9]\d*)$")
"""`<service>.<fact>.v<version>`: the first word is the telling service and its stream."""


class Fact(Frozen):
    """Something that happened, told by the one service that owns it.

    A fact is never edited once released, and holds nobody: only enums, whole numbers, yes or no,
    dates, times and opaque ids. A reader who needs a name or an address asks the owner, who
    checks who is asking. Unknown fields are ignored, so a teller may add an optional field before
    its readers know it.
    """

    subject: ClassVar[str]
    """Where it is told: `<service>.<fact>.v<version>`."""

    about: ClassVar[str]
    """The field that names the one thing this fact is about; its id travels as `ce-subject`."""

    reserved: ClassVar[bool] = False
    """Agreed, but told by nobody yet: readers may prepare for it."""

    destroys: ClassVar[bool] = False
    """It says only that what was kept of what it is about was destroyed for good."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Refuse a fact whose subject or aggregate is not well formed, when the class is made."""
        super().__pydantic_init_subclass__(**kwargs)
        if not SUBJECT.match(cls.subject):
            raise TypeError(f"{cls.__name__}.subject is not <service>.<fact>.v<version>")
        if cls.about not in cls.model_fields:
            raise TypeError(f"{cls.__name__}.about names no field of it")

    @classmethod
    def teller(cls) -> str:
        """The service that tells this fact; also the name of the stream it is told on."""
        return cls.subject.partition(".")[0]

    @property
    def aggregate_id(self) -> UUID:
        """The id of the one thing this fact is about."""
        aggregate_id = getattr(self, self.about)
        assert isinstance(aggregate_id, UUID)  # noqa: S101 - the schema lint keeps this true
        return aggregate_id


class Envelope(Frozen):
    """What travels around a fact, as CloudEvents 1.0 headers; the body is the fact alone."""

    id: UUID
    """UUIDv7; the inbox remembers it, so the same id is never acted on twice."""

    source: str
    """The telling service; must equal the first word of the subject."""

    type: str
    """The subject the fact was told on."""

    subject: UUID
    """The aggregate the fact is about."""

    sequence: int
    """The aggregate's version when this was told, from 1; never the stream's sequence."""

    time: AwareDatetime
    """When it happened, by the teller's clock, in UTC."""

    correlation: UUID
    """The same for everything that follows from one first cause."""

    causation: UUID | None = None
    """The event that was being handled when this one was told; none at the edge."""

    traceparent: str | None = None
    """W3C trace context as it stood when the fact was recorded; none while tracing is off."""
