"""`parley reconcile`: does each stream hold what its service has told, and nothing else?"""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.reading import where
from shared.plumbing.settings import CannotStart

if TYPE_CHECKING:
    from shared.plumbing.outbox import Report

EQUAL, DIFFERENT, NOT_COMPARED = 0, 1, 2

MOST_NAMED = 20

Services = Annotated[
    list[str] | None, typer.Argument(help="Which services; all, if none is named.")
]
Check = Annotated[bool, typer.Option("--check", help="Only look, and change nothing.")]


def reconcile(services: Services = None, check: Check = False) -> None:
    """Tell again what streams have lost, and name what no store knows.

    Ends with 0 when there is no difference, 1 when there is one (even if it is mended by it), and
    2 when it could not be found out. Parley may run meanwhile; what waits is told as soon as it
    does.
    """
    reports: list[Report] = []
    status = EQUAL
    try:
        asyncio.run(_compare(services or [], reports, mend=not check))
    except CannotStart as why:
        typer.echo(str(why), err=True)
        status = NOT_COMPARED
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("Stopped. What was not compared yet is as it was.", err=True)
        status = NOT_COMPARED
    for report in reports:
        for line in _lines(report, check=check):
            typer.echo(line)
    if status == EQUAL and not all(report.is_equal for report in reports):
        status = DIFFERENT
    raise typer.Exit(status)


async def _compare(services: list[str], reports: "list[Report]", *, mend: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.upkeep import reconciling

    # On the other channel: what is printed may be read by a program.
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None)

        def tell(name: str, read: int, total: int) -> None:
            bar.update(task, description=f"Reading {name}", completed=read, total=total)

        async for report in reconciling.reconcile(where(), services, mend=mend, progress=tell):
            reports.append(report)


def _lines(report: "Report", *, check: bool) -> list[str]:
    from deploy.upkeep.kinds import known

    if report.is_equal:
        more = f"; {report.waiting:,} more wait to be told" if report.waiting else ""
        return [f"{report.service}: all {report.told:,} events told are in the stream{more}."]
    lines = [f"{report.service}: the store and the stream differ ({report.told:,} events told)."]
    for day in sorted(report.days, key=lambda one: one.day):
        what = [
            f"{count:,} {word}"
            for count, word in ((day.missing, "missing"), (day.unknown, "unknown"))
            if count
        ]
        lines.append(f"  {day.day}: {day.told:,} told, {day.held:,} held, {', '.join(what)}")
    if report.missing:
        done = "would be told again" if check else "wait to be told again, in their order"
        lines.append(f"  The stream lacks {report.missing:,}: they {done}.")
    if report.unknown:
        lines.append(
            f"  The store does not know {report.unknown:,}: was it put back from an older copy? "
            "The runbook says what to do."
        )
        lines += [
            f"    {known(one.subject)} about {one.about or 'nobody knows what'}, place {one.seq:,}"
            for one in report.strangers[:MOST_NAMED]
        ]
        if report.unknown > MOST_NAMED:
            lines.append(f"    and {report.unknown - MOST_NAMED:,} more: `parley parked list`.")
    return lines
