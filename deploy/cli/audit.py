"""`parley audit`: is what was recorded of every look and change still as it was written?"""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.reading import in_one_sentence, where
from shared.plumbing.settings import CannotStart

if TYPE_CHECKING:
    from shared.plumbing.audit.report import Report

FINE, TAMPERED, NOT_FOUND_OUT = 0, 1, 2

app = typer.Typer(help="The record of who saw or changed what.", no_args_is_help=True)

Services = Annotated[
    list[str] | None, typer.Argument(help="Which services; all, if none is named.")
]


@app.command(name="verify")
def verify_audit(services: Services = None) -> None:
    """Look at every entry, every signature and, where the NATS server is there, every anchor.

    Ends with 0 when all is as it was written, 1 when something was edited, deleted, cut off or
    rewritten, and 2 when it could not be found out. Changes nothing; Parley may run meanwhile.
    """
    status = FINE
    reports: list[Report] = []
    try:
        asyncio.run(_verify(services or [], reports))
    except CannotStart as why:
        typer.echo(str(why), err=True)
        status = NOT_FOUND_OUT
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("Stopped.", err=True)
        status = NOT_FOUND_OUT
    for report in reports:
        for line in _lines(report):
            typer.echo(line)
    if any(report.is_unproven for report in reports):
        status = NOT_FOUND_OUT
    if any(report.tampered for report in reports):
        status = TAMPERED
    raise typer.Exit(status)


@app.command(name="make-keys")
@in_one_sentence
def make_keys(services: Services = None) -> None:
    """Make the keys services sign with, where there is none; those that are there stay."""
    from deploy.upkeep import auditing

    made = auditing.make_keys(where(), services or [])
    typer.echo(f"Made for {', '.join(made)}." if made else "Every key is there already.")


async def _verify(services: list[str], reports: "list[Report]") -> None:
    from deploy.upkeep import auditing

    async for report in auditing.verify_all(where(), services):
        reports.append(report)


def _lines(report: "Report") -> list[str]:
    counted = f"{report.entries:,} entries, {report.heads:,} signatures"
    compared = (
        "the anchors were not compared: no NATS server could be reached"
        if report.anchors is None
        else f"{report.anchors:,} anchors"
    )
    verdict = "as it was written"
    if report.tampered:
        verdict = "TAMPERED WITH"
    elif report.is_unproven:
        verdict = "not found out"
    lines = [f"{report.service}: {verdict} ({counted}; {compared})."]
    lines += [f"  {finding.sentence}" for finding in report.findings]
    more = sum(report.faults.values()) - len(report.findings)
    return [*lines, f"  And {more:,} more."] if more else lines
