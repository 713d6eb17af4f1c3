"""`parley reporting`: works the figures out again."""

import asyncio

import typer

from deploy.cli.reading import in_one_sentence, where

app = typer.Typer(help="The figures for funders and partners.", no_args_is_help=True)


@app.callback()
def reporting() -> None:
    """The figures for funders and partners."""


@app.command(name="rebuild")
@in_one_sentence
def rebuild() -> None:
    """Count everything again from the streams. No message is sent."""
    from rich.progress import Progress

    from deploy.upkeep.figures import rebuild_figures

    with Progress() as bar:
        task = bar.add_task("Reading", total=None)
        counted = asyncio.run(
            rebuild_figures(
                where(), lambda read, total: bar.update(task, completed=read, total=total)
            )
        )
    typer.echo(f"Counted again from {counted:,} events. No message was sent.")
