"""User segmentation, every day: definitions on a slow clock, listeners assigned every night.

    15 4 * * *  luigi --module workflows.user_segmentation RangeDailyBase \
                      --of UserSegmentationDaily --start 2026-01-29 --days-back 3 \
                      --days-forward -1 --reverse
"""

from collections.abc import Iterator

import luigi

from tasks.publishing import PublishModel
from tasks.reporting import WriteReport
from tasks.scoring import BuildAudience


class UserSegmentationDaily(luigi.WrapperTask):
    """Segments are defined, listeners assigned, audiences built and reported for ``day``."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        yield PublishModel(family="user_segmentation", day=self.day)
        yield BuildAudience(family="user_segmentation", day=self.day)
        yield WriteReport(family="user_segmentation", day=self.day)
