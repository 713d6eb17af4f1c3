"""What the services tell each other: kept compatible, and written down for people and machines.

`python -m deploy.catalogue write` brings every file up to date; `check` says which ones are not.
"""
