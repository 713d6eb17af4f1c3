"""The commands there are. Each loads what it needs when it is called: `parley` answers at once."""

import asyncio
from typing import Annotated

import typer

from deploy.cli import audit, erased, keys, parked, person, reporting, retention, staff, support
from deploy.cli.reading import in_one_sentence, read_settings, where
from deploy.cli.reconcile import reconcile

app = typer.Typer(
    help="Parley: case work for community restorative justice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(audit.app, name="audit")
app.add_typer(erased.app, name="erased")
app.add_typer(parked.app, name="parked")
app.add_typer(keys.app, name="keys")
app.add_typer(person.app, name="person")
app.command()(keys.init)
app.add_typer(reporting.app, name="reporting")
app.add_typer(retention.app, name="retention")
app.add_typer(staff.app, name="staff")
app.command()(reconcile)
app.command()(support.support_bundle)


@app.command()
@in_one_sentence
def run() -> None:
    """Start everything on this machine, to try Parley out."""
    settings = read_settings()
    typer.echo("Parley is starting …")
    from deploy import local

    asyncio.run(local.run(settings, typer.echo))


@app.command()
@in_one_sentence
def doctor() -> None:
    """Look at everything Parley stands on; ends with 1 when there is something to do."""
    from deploy.upkeep.doctor import examine

    findings = asyncio.run(examine(where()))
    for finding in findings:
        word, colour = ("OK  ", "green") if finding.is_well else ("LOOK", "red")
        typer.echo(f"{typer.style(word, fg=colour)}  {finding.said}")
    ill = sum(not finding.is_well for finding in findings)
    if ill:
        typer.echo(f"\n{ill} {'thing' if ill == 1 else 'things'} to look at.")
        raise typer.Exit(1)


@app.command()
@in_one_sentence
def topology(
    replicas: Annotated[int, typer.Option(help="Copies of each stream in a cluster.")] = 1,
    hear_again: Annotated[
        str, typer.Option(metavar="SERVICE", help="Whose store was put back from an older copy.")
    ] = "",
) -> None:
    """Make streams and consumers as the code says; done again, nothing changes.

    With --hear-again a service hears the others from the first event: what it remembers changes
    nothing.
    """
    from deploy.upkeep import streams

    if hear_again:
        changes = asyncio.run(streams.hear_again(where(), hear_again, replicas))
    else:
        changes = asyncio.run(streams.ensure_streams(where(), replicas))
    for change in changes:
        typer.echo(f"{change.what}: {change.how}")
    if not changes:
        typer.echo("Everything is as the code says.")
