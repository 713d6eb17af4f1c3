"""`parley staff`: who may sign in.

The commands write into referral's store; a running Parley acts on it at once, and a session that
was ended is refused everywhere within five seconds.
"""

import asyncio
from typing import Annotated

import typer

from deploy.cli.reading import in_one_sentence, where
from shared.contracts.access import AccessRole

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="Their work email address.")]

KEEP_SAFE = (
    "Give this to them and nobody else. It works once, for 72 hours, and is not shown again:"
)


@app.command()
@in_one_sentence
def add(
    email: Email,
    name: Annotated[str, typer.Option(prompt="Their name", help="Their name.")],
    role: Annotated[
        list[AccessRole], typer.Option(help="What they may be; give it again for more.")
    ],
    area: Annotated[
        list[str] | None, typer.Option(help="An area they work in; give it again for more.")
    ] = None,
) -> None:
    """Let somebody in; prints the link with which they set up their account."""
    from deploy.upkeep import people

    link = asyncio.run(people.add(where(), email, name, frozenset(role), area or []))
    typer.echo(KEEP_SAFE)
    typer.echo(link)


@app.command(name="list")
@in_one_sentence
def list_staff() -> None:
    """List who may sign in."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from deploy.upkeep import people

    found = asyncio.run(people.everybody(where()))
    if not found:
        typer.echo("Nobody may sign in yet: use `parley staff add`.")
        return
    table = Table("name", "email", "roles", "state")
    for one in found:
        cells = (one.name, one.email, ", ".join(sorted(one.roles)), one.state)
        table.add_row(*map(escape, cells))
    Console().print(table)


@app.command()
@in_one_sentence
def disable(email: Email) -> None:
    """Shut somebody out at once: every sign-in ends, and what they worked on is told."""
    from deploy.upkeep import people

    asyncio.run(people.disable(where(), email))
    typer.echo("They are signed out everywhere within five seconds, and cannot come in again.")


@app.command()
@in_one_sentence
def reset(email: Email) -> None:
    """Void somebody's password and codes, end every sign-in, and print a new link."""
    from deploy.upkeep import people

    link = asyncio.run(people.reset(where(), email))
    typer.echo(KEEP_SAFE)
    typer.echo(link)


@app.command()
@in_one_sentence
def demo() -> None:
    """New one-time links for the people of the demonstration, on this machine."""
    from deploy.upkeep import people

    for name, link in asyncio.run(people.demonstration_links(where())):
        typer.echo(f"{name:<22} {link}")
