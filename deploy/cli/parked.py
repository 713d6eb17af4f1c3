"""`parley parked`: events a service could not act on, and what shall become of them.

The commands only write into the service's own store; the running service does the rest.
"""

import asyncio
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import typer

from deploy.cli.reading import in_one_sentence, where
from shared.plumbing.settings import CannotStart

app = typer.Typer(help="Events that could not be acted on.", no_args_is_help=True)

ParkedId = Annotated[UUID, typer.Argument(help="The id that `parley parked list` shows.")]
Body = Annotated[bool, typer.Option("--body", help="Show what it says, if it is a whole fact.")]
Reason = Annotated[str, typer.Option(prompt="Why can it be given up?", help="Why it can.")]


@app.command(name="list")
@in_one_sentence
def list_parked() -> None:
    """List what is parked, oldest first."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from deploy.upkeep import kinds, parked_events

    found = asyncio.run(parked_events.waiting(where()))
    if not found:
        typer.echo("Nothing is parked.")
        return
    table = Table("id", "service", "what happened", "parked", "why", "state")
    for service, event in found:
        when = event.parked_at.isoformat(timespec="seconds")
        what = kinds.known(event.subject)
        cells = (str(event.id), service, what, when, event.error_code, event.state.value)
        table.add_row(*(escape(_printable(cell)) for cell in cells))  # [so] would be a style
    Console().print(table)


@app.command()
@in_one_sentence
def show(parked_id: ParkedId, body: Body = False) -> None:
    """Show one parked event: what it is, where it is, and why it was parked.

    What it says is shown with --body, and only of a fact that is as it must be: such a one holds
    nobody. What is malformed may hold anything, so it is never shown.
    """
    from deploy.upkeep import kinds, parked_events

    service, event = asyncio.run(parked_events.find(where(), parked_id))
    fact = kinds.understood(event)
    facts = {
        "service": service,
        "reader": event.consumer,
        "what happened": kinds.known(event.subject),
        "about": str(event.about_id or "not known"),
        "place in the stream": str(event.stream_seq),
        "parked": event.parked_at.isoformat(timespec="seconds"),
        "why": event.error_code,
        "state": event.state.value,
        "headers": f"{len(event.headers)}",
        "body": f"{len(event.body):,} bytes, SHA-256 {sha256(event.body).hexdigest()}",
        "as it must be": "yes" if fact else "no",
    }
    for name, value in facts.items():
        typer.echo(_printable(f"{name}: {value}"))
    if body and fact is None:
        raise CannotStart(
            "What this event says is not shown: it is not as it must be, so it may hold anything, "
            "somebody's name too. Compare its digest with what the teller has in its outbox."
        )
    if body and fact is not None:
        # Not the body as it came: what the fact does not know of may be anything.
        typer.echo(_printable(fact.model_dump_json()))


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
