"""Ad targeting, every day: learn from mature outcomes, promote only what is better, score.

    15 4 * * *  luigi --module workflows.ad_targeting RangeDailyBase --of AdTargetingDaily \
                      --start 2026-01-29 --days-back 3 --days-forward -1 --reverse
"""

from collections.abc import Iterator

import luigi

from tasks.publishing import PublishModel
from tasks.reporting import WriteReport
from tasks.scoring import BuildAudience


class AdTargetingDaily(luigi.WrapperTask):
    """Ad targeting is decided, published, scored and reported for ``day``."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        yield PublishModel(family="ad_targeting", day=self.day)
        yield BuildAudience(family="ad_targeting", day=self.day)
        yield WriteReport(family="ad_targeting", day=self.day)
