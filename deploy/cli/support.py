"""`parley support-bundle`: a file for whoever helps."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.reading import in_one_sentence, where
from shared.plumbing.settings import CannotStart
from shared.plumbing.world import REAL

ENDING = ".tar.gz"
USUAL_LINES = 2000

To = Annotated[Path, typer.Option(metavar="FILE.tar.gz", help="A file that is not there yet.")]
Log = Annotated[
    list[Path] | None,
    typer.Option(help="A log of Parley's; give it again for more. Only lines of ours are kept."),
]
Lines = Annotated[int, typer.Option(min=1, max=100_000, help="How many lines of each log.")]


@in_one_sentence
def support_bundle(to: To, log: Log = None, lines: Lines = USUAL_LINES) -> None:
    """Write down what somebody who helps needs to know; nobody is in it.

    Works while services are down: what could not be read is named in it.
    """
    from deploy.upkeep import support

    if not to.name.endswith(ENDING):
        raise CannotStart(f"The file is a packed archive: let its name end with {ENDING}.")
    if to.exists():
        raise CannotStart(f"{to} is there already: say another name.")
    now = REAL.now()
    bundle = asyncio.run(support.collect(where(), now, log or [], lines))
    size = support.write(to, bundle.files, now)
    typer.echo(
        f"{to}: {len(bundle.files)} files, {size / 1024:,.0f} kB. Look at it before you send it."
    )
    for said in bundle.left_out:
        typer.echo(f"Left out: {said}")
