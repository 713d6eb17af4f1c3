"""The support bundle: what somebody who helps needs to know of a deployment, and nobody in it.

Every part is made of what has a known form: versions, names of settings, numbers, ids, coded
words. What is not of such a form is left out, however useful it looks.
"""

from deploy.upkeep.support.archive import write
from deploy.upkeep.support.collecting import Bundle, collect

__all__ = ["Bundle", "collect", "write"]
