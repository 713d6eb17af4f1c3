"""What reporting keeps: one row for each thing counted, the tallies of them, and the only SQL.

Nobody is in it: ids, codes, months and times. It can be thrown away and rebuilt from the streams.
"""

from services.reporting.store.counts import Step, begin, find, miscounted, replace_everything, save
from services.reporting.store.record import counted
from services.reporting.store.tables import SCHEMA
from services.reporting.store.tallies import measures

__all__ = [
    "SCHEMA",
    "Step",
    "begin",
    "counted",
    "find",
    "measures",
    "miscounted",
    "replace_everything",
    "save",
]
