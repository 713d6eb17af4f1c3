"""`parley parked`: events a service could not act on, and what shall become of them.

The commands only write into the service's own store; the running service does the rest.
"""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from deploy.cli.reading import in_one_sentence, where
from shared.plumbing.settings import CannotStart

MOST_SHOWN_CHARACTERS = 4000

app = typer.Typer(help="Events that could not be acted on.", no_args_is_help=True)

ParkedId = Annotated[UUID, typer.Argument(help="The id that `parley parked list` shows.")]
Reason = Annotated[str, typer.Option(prompt="Why can it be given up?", help="Why it can.")]


@app.command(name="list")
@in_one_sentence
def list_parked() -> None:
    """List what is parked, oldest first."""
    from rich.console import Console
    from rich.table import Table

    from deploy.upkeep import parked_events

    found = asyncio.run(parked_events.waiting(where()))
    if not found:
        typer.echo("Nothing is parked.")
        return
    table = Table("id", "service", "what happened", "parked", "why", "state")
    for service, event in found:
        when = event.parked_at.isoformat(timespec="seconds")
        cells = (str(event.id), service, event.subject, when, event.error_code, event.state.value)
        table.add_row(*map(_printable, cells))
    Console().print(table)


@app.command()
@in_one_sentence
def show(parked_id: ParkedId) -> None:
    """Show one parked event: its envelope and what it says."""
    from deploy.upkeep import parked_events

    service, event = asyncio.run(parked_events.find(where(), parked_id))
    facts = {
        "service": service,
        "reader": event.consumer,
        "what happened": event.subject,
        "place in the stream": str(event.stream_seq),
        "parked": event.parked_at.isoformat(timespec="seconds"),
        "why": event.error_code,
        "state": event.state.value,
        **dict(sorted(event.headers.items())),
        "body": event.body[:MOST_SHOWN_CHARACTERS].decode("utf-8", errors="replace"),
    }
    for name, value in facts.items():
        typer.echo(_printable(f"{name}: {value}"))


@app.command()
@in_one_sentence
def retry(parked_id: ParkedId) -> None:
    """Have the running service act on an event once more."""
    from deploy.upkeep import parked_events

    asyncio.run(parked_events.ask_retry(where(), parked_id))
    typer.echo("The running service will try it again in a moment.")


@app.command()
@in_one_sentence
def discard(parked_id: ParkedId, reason: Reason) -> None:
    """Give an event up for good; it stays on record."""
    from deploy.upkeep import parked_events

    if not reason.strip():
        raise CannotStart("Say why this event can be given up: use --reason.")
    asyncio.run(parked_events.ask_discard(where(), parked_id, reason.strip()))
    typer.echo("The event was given up. It stays on record.")


def _printable(text: str) -> str:
    """Without what could make a terminal do something: it came from outside."""
    return "".join(
        one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text
    )
