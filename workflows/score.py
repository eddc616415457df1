"""Scores for every impression of a day that arrived alone, without labels.

    setlist run score --family ad_targeting --day 2020-01-07
"""

from collections.abc import Iterator

import luigi

from ml.families import FAMILIES
from tasks.deployment import deployment
from tasks.impressions import ScoreImpressions


class ScoreDay(luigi.WrapperTask):
    """Each impression of ``day`` has the probability that the model live before it gives."""

    family = luigi.ChoiceParameter(choices=sorted(FAMILIES))
    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        for shard in range(deployment().shards):
            yield ScoreImpressions(family=self.family, day=self.day, shard=shard)
