"""What every command does alike: reads the settings, and fails in one sentence."""

import asyncio
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import typer
from pydantic import ValidationError

from shared.plumbing.settings import CannotStart, Settings

if TYPE_CHECKING:
    from deploy.upkeep.where import Where

P = ParamSpec("P")
R = TypeVar("R")


def read_settings() -> Settings:
    """The settings of this environment. Raises CannotStart for one that is not right."""
    try:
        return Settings()
    except ValidationError as wrong:
        said = [str(one["ctx"]["error"]) for one in wrong.errors() if one["loc"] == ("retention",)]
        if said:
            raise CannotStart(f"PARLEY_RETENTION: {said[0]}") from None
        names = sorted({f"PARLEY_{str(error['loc'][0]).upper()}" for error in wrong.errors()})
        raise CannotStart(f"Not a value Parley can use: look at {', '.join(names)}.") from None


def where() -> "Where":
    """The deployment a command is about."""
    from deploy.upkeep.where import Where
    from shared.plumbing import logs

    settings = read_settings()
    logs.configure(settings.model_copy(update={"log_level": "error"}))
    return Where(settings)


def in_one_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with what went wrong in one sentence, instead of a traceback."""

    @functools.wraps(command)
    def told(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return command(*arguments, **options)
        except CannotStart as why:
            typer.echo(str(why), err=True)
            raise typer.Exit(1) from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            typer.echo("Stopped.", err=True)
            raise typer.Exit(130) from None

    return told
