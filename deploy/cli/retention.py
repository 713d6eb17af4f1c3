"""`parley retention`: what is destroyed when. Running services do it by themselves each night."""

import asyncio

import typer

from deploy.cli.reading import in_one_sentence, where

app = typer.Typer(
    help="What has been kept long enough: planned, marked, destroyed.", no_args_is_help=True
)


@app.command()
@in_one_sentence
def plan() -> None:
    """List what would be marked or destroyed, and what a hold keeps; changes nothing."""
    from deploy.upkeep import destroying

    for service, classes in asyncio.run(destroying.plan(where())).items():
        for one in classes:
            typer.echo(
                f"{service}: {one.record_class}: {one.to_mark:,} to mark, {one.waiting:,} waiting, "
                f"{one.to_destroy:,} to destroy, {one.held:,} held"
            )
            for subject_id in one.next_ids:
                typer.echo(f"  {subject_id}")


@app.command()
@in_one_sentence
def mark() -> None:
    """Mark what has been kept long enough; it goes 30 days later, unless somebody keeps it."""
    from deploy.upkeep import destroying

    _tell(asyncio.run(destroying.mark(where())), "marked")


@app.command()
@in_one_sentence
def destroy() -> None:
    """Destroy what was marked 30 days ago or more. Killed in the middle, run it again."""
    from deploy.upkeep import destroying

    _tell(asyncio.run(destroying.destroy(where())), "destroyed")


@app.command(name="confirm-clock")
@in_one_sentence
def confirm_clock() -> None:
    """Say that the date is right, after it jumped or nothing ran for days."""
    from deploy.upkeep import destroying

    doubted = asyncio.run(destroying.confirm_clock(where()))
    typer.echo(f"Confirmed for {', '.join(doubted)}." if doubted else "No clock was doubted.")


def _tell(counted: dict[str, int], what: str) -> None:
    for service, number in counted.items():
        typer.echo(f"{service}: {number:,} {what}")
