"""`parley erased`: ids and days, never anybody's name."""

import asyncio

import typer

from deploy.cli.reading import in_one_sentence, where

app = typer.Typer(help="Who was erased, and that they stay so.", no_args_is_help=True)


@app.command(name="list")
@in_one_sentence
def list_erased() -> None:
    """List everybody who was erased: an id, a day and why."""
    from deploy.upkeep import erasures

    found = asyncio.run(erasures.everybody(where()))
    for one in found:
        typer.echo(f"{one.person_id}  {one.on.isoformat()}  {one.basis.value}")
    if not found:
        typer.echo("Nobody was erased.")


@app.command()
@in_one_sentence
def apply() -> None:
    """Erase again whoever came back with an older copy, and tell all services of everybody.

    To be run after any store was put back; done again, nothing changes.
    """
    from deploy.upkeep import erasures

    done = asyncio.run(erasures.apply(where()))
    typer.echo(f"{done.again} had come back and were erased again.")
    if done.written:
        typer.echo(f"{done.written} were missing in the ledger, and are in it now.")
    typer.echo(f"The other services are told of {done.told}: what they kept of them goes.")
