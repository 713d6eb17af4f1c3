"""Links to the next and previous page of a list; its other choices stay in the address."""

from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True)
class Paged:
    """What the `paged` macro shows: addresses, or None where there is no such page."""

    previous: str | None = None
    next: str | None = None
    label: str = "Pages"


def link_with(request: Request, **changes: str | int | None) -> str:
    """This page's own address with these query parameters changed; None takes one away."""
    kept = {name: value for name, value in changes.items() if value is not None}
    gone = [name for name, value in changes.items() if value is None]
    url = request.url.remove_query_params(gone).include_query_params(**kept)
    return url.path + (f"?{url.query}" if url.query else "")


def paged(request: Request, number: int, *, more: bool, label: str = "Pages") -> Paged:
    """For pages numbered from 1 in `?page=`; `more` says whether one follows."""
    return Paged(
        previous=link_with(request, page=number - 1, done=None) if number > 1 else None,
        next=link_with(request, page=number + 1, done=None) if more else None,
        label=label,
    )
