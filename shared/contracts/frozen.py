"""What every shape in the contracts is made of."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A shape that is never changed once made, and that skips what it does not know.

    Skipping lets a teller add an optional field before its readers know it. A refused value is
    never repeated in the error: errors are logged, people are not. The text under a field is its
    meaning; schemas and pages take it from there.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )
