"""How the rules of the practice say no."""

from typing import ClassVar


class Refusal(Exception):
    """Something a rule does not allow, in words fit to show to the person who asked.

    Subclasses are named for what happened. Nothing has been stored when one is raised: whoever
    opened the transaction rolls it back. `status` is the HTTP status a page or an answer carries.
    """

    status: ClassVar[int] = 422
