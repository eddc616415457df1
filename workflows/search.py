"""Better parameters for a family, now and then: a suggestion that a person reviews.

    setlist run search --family ad_targeting --trials 24 --workers 2

What shapes a model is reviewed code, so nothing changes by itself: the suggestion is text to paste
into the family's file in ``ml/families``. A search that was stopped goes on where it ended, and
one of more trials begins with those that are there.
"""

import luigi

from ml.families import FAMILIES
from tasks.search import SearchParameters


class ParameterSearch(luigi.WrapperTask):
    """Parameters of ``family`` were tried ``trials`` times on what was known on ``day``."""

    family = luigi.ChoiceParameter(choices=sorted(FAMILIES))
    day = luigi.DateParameter()
    trials = luigi.IntParameter(default=24)

    def requires(self) -> luigi.Task:
        return SearchParameters(family=self.family, day=self.day, trials=self.trials)
