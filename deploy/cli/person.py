"""`parley person`: what somebody may ask about their own data."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.reading import in_one_sentence, where

app = typer.Typer(help="What people ask about their own data.", no_args_is_help=True)


@app.callback()
def person() -> None:
    """What people ask about their own data."""


@app.command()
@in_one_sentence
def export(
    person_id: Annotated[str, typer.Argument(metavar="ID", help="The person's id.")],
    to: Annotated[Path, typer.Option(help="A new folder, which only you can read.")],
) -> None:
    """Write a copy of all that is kept about somebody, and nothing about anybody else.

    Parley may run meanwhile. That it was made is noted in every store. Text that is about several
    people is left out until somebody has decided about it on a page.
    """
    from deploy.upkeep import exporting

    made = asyncio.run(exporting.export(where(), person_id, to))
    for path in made.files:
        typer.echo(path)
    if made.waiting:
        said = "1 piece waits" if made.waiting == 1 else f"{made.waiting} pieces wait"
        typer.echo(f"{said} for somebody to decide about on a page: what is in them is left out.")
    typer.echo("Have a second person read it, give it safely, and delete the folder.")
