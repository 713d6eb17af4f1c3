"""Mistakes planted in the product, each of which the simulation has to find.

A simulation that never finds anything says little. These say what it would have found.
"""

from tests.simulation.mutants import consent, intake, listening, sending, telling
from tests.simulation.mutants.planting import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *listening.MUTANTS,
    *telling.MUTANTS,
    *intake.MUTANTS,
    *sending.MUTANTS,
    *consent.MUTANTS,
)
