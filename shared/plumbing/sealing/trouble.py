"""Why something sealed cannot be read, or something personal cannot be stored."""

from typing import Literal

Code = Literal["keys_missing", "keys_refused", "keys_wrong", "damaged", "erased"]


class Sealed(Exception):
    """A sealed value cannot be shown, or one cannot be sealed; the words are fit to show.

    `hint` is for operators: it may name files, and never says anything about a person.
    """

    def __init__(self, code: Code, why: str, hint: str = "") -> None:
        super().__init__(f"This cannot be shown: {why}")
        self.code: Code = code
        self.hint = hint or why


class KeysAway(Sealed):
    """The keys are missing, refused or others than those it was sealed with.

    It passes when the operator puts the right key file back: events wait for it, uncounted.
    """


class Damaged(Sealed):
    """This one value, or its key, is not what was stored in this place."""

    def __init__(self) -> None:
        super().__init__("damaged", "what is stored here was changed or moved.")


class WasErased(Sealed):
    """The key was destroyed for good: nothing can be stored under it any more."""

    STATUS = 409

    def __init__(self) -> None:
        super().__init__("erased", "this person's data was erased.")
