"""`parley init` and `parley keys`: what the stores are sealed with."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.reading import in_one_sentence, where
from shared.plumbing.settings import CannotStart
from shared.plumbing.world import REAL

if TYPE_CHECKING:
    from deploy.upkeep.where import Where
    from shared.plumbing.sealing.keyfile import KeyFile
    from shared.plumbing.sealing.rewrap import Step

app = typer.Typer(help="The keys that personal data is sealed with.", no_args_is_help=True)

Mark = Annotated[str, typer.Argument(help="The key's mark, eight characters: `kid` in the file.")]

SHEET = """
RECOVERY SHEET. It is shown this once. Print it, close this window, and lock it away, never beside
a backup of the stores: whoever has both can read everything, and without it a lost key file means
that every name and address is lost for good. To recover, type the lines between the rules into
{path}
and make the file readable by its owner alone (chmod 0400). Spaces do not matter, letters do: a
mistyped key is refused.
"""
RULE = "-" * 78


@in_one_sentence
def init() -> None:
    """Make the key files and show what to keep of them, once."""
    from deploy.parts import blueprints
    from deploy.upkeep import keys
    from shared.plumbing.sealing.keyfile import path_of

    here = where()

    async def make_all() -> "dict[str, KeyFile]":
        made = {}
        for service in blueprints():
            one = await keys.make(here, service, REAL.now())
            if one is not None:
                made[service] = one
            elif not path_of(here.keys, service).exists():
                raise CannotStart(
                    f"The store of {service} was sealed with keys that are not in {here.keys}: "
                    "put back the file, or type in the recovery sheet. New keys could not open it."
                )
        return made

    made = asyncio.run(make_all())
    if not made:
        typer.echo(f"This was done before: the key files are in {here.keys}. Nothing was changed.")
        return
    for service, one in made.items():
        _sheet(here, service, one)
    typer.echo(f"Made the keys of {', '.join(made)}, in {here.keys}.")


@app.command()
@in_one_sentence
def rotate() -> None:
    """Put a new key into each key file, and wrap everything with it while Parley runs."""
    from deploy.parts import blueprints
    from deploy.upkeep import keys

    here = where()
    for service in blueprints():
        kid = asyncio.run(keys.rotate(here, service, REAL.now()))
        if kid is None:
            typer.echo(f"{service}: the last rotation is not finished; going on with it.")
        else:
            typer.echo(f"{service}: the new key is {kid.hex()}. Print a new recovery sheet:")
            _sheet(here, service, keys.read(here, service)[1])
    _rewrap(here)


@app.command()
@in_one_sentence
def rewrap() -> None:
    """Wrap everything with the newest key; done again, or killed and done again, all the same."""
    _rewrap(where())


@app.command()
@in_one_sentence
def retire(kid: Mark) -> None:
    """Take an old key out of its file, once nothing is wrapped with it any more."""
    from deploy.upkeep import keys

    try:
        mark = bytes.fromhex(kid)
    except ValueError:
        raise CannotStart("A mark is eight characters from 0 to 9 and a to f.") from None
    service = asyncio.run(keys.retire(where(), mark, REAL.now()))
    typer.echo(
        f"{service}: {kid} was taken out. Backups from before still need it: keep its recovery "
        "sheet for as long as you keep them."
    )


def _rewrap(here: "Where") -> None:
    from deploy.parts import blueprints
    from deploy.upkeep import keys

    unreadable = 0
    for service in blueprints():
        done = _with_bar(here, service)
        unreadable += done.unreadable
        typer.echo(f"{service}: {done.wrapped:,} keys were wrapped with the newest one.")
        for kid in asyncio.run(keys.unused(here, service)):
            typer.echo(
                f"{service}: nothing uses the key {kid.hex()} any more; in ten minutes "
                f"`parley keys retire {kid.hex()}` takes it out."
            )
    if unreadable:
        raise CannotStart(
            f"{unreadable:,} keys were wrapped with a key that is not in the file: put that back "
            "and run `parley keys rewrap` again."
        )


def _with_bar(here: "Where", service: str) -> "Step":
    from rich.console import Console
    from rich.progress import Progress

    from deploy.upkeep import keys

    # On the other channel: what is printed may be read by a program.
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Wrapping {service}", total=None)

        def tell(_service: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return asyncio.run(keys.rewrap(here, service, tell))


def _sheet(here: "Where", service: str, keys: "KeyFile") -> None:
    from shared.plumbing.sealing.keyfile import path_of, written

    typer.echo(SHEET.format(path=path_of(here.keys, service)))
    typer.echo(f"{RULE}\n{written(keys)}{RULE}")
