"""`parley`: starts the embedded run, and looks after any run."""

from deploy.cli.commands import app

__all__ = ["app"]
