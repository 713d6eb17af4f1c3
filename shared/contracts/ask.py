"""Questions one service puts to another, answered while the asker waits."""

import re
from typing import ClassVar

from shared.contracts.frozen import Frozen

ASK_SUBJECT = re.compile(r"^ask\.(?P<owner>[a-z]+)\.[a-z]+(?:_[a-z]+)*\.v[1-9]\d*$")
"""`ask.<owner>.<what>.v<version>`: outside every stream, so that nothing asked is ever stored."""


class Answer(Frozen):
    """What comes back. It may hold personal data: use it, never store or log it."""


class Ask(Frozen):
    """A question to the one service that owns the answer.

    Never asked inside a handler's transaction. No answer within the asker's patience counts as
    a refusal: whoever asks must fail closed.
    """

    subject: ClassVar[str]
    """Where it is asked: `ask.<owner>.<what>.v<version>`."""

    answered_by: ClassVar[type[Answer]]
    """The shape of the answer."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Refuse a question whose subject is not well formed, when the class is made."""
        super().__pydantic_init_subclass__(**kwargs)
        if not ASK_SUBJECT.match(cls.subject):
            raise TypeError(f"{cls.__name__}.subject is not ask.<owner>.<what>.v<version>")

    @classmethod
    def owner(cls) -> str:
        """The service that answers."""
        return cls.subject.split(".")[1]
