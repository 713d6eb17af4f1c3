"""`python -m deploy.cli`: the same as `parley`, where that is not installed."""

from deploy.cli import app

app(prog_name="parley")
