"""A date of birth, asked of staff alone and never needed."""

from datetime import date

from shared.ui.forms import FormErrors, Values
from shared.ui.when import read_day

PARTS = ("day", "month", "year")


def read_born(values: Values, errors: FormErrors, today: date) -> date | None:
    """The date; None when none was given, or with what is wrong added to `errors`."""
    if not any(str(values.get(f"born_{part}", "")).strip() for part in PARTS):
        return None
    born = read_day(values, "born", errors)
    if born is None:
        return None
    if born > today:
        errors.add("born", "The date of birth must be in the past")
        return None
    return born


def born_values(born: date | None) -> Values:
    """The answers that give this date."""
    if born is None:
        return {}
    return {f"born_{part}": str(getattr(born, part)) for part in PARTS}
