"""User segmentation, every day: definitions on a slow clock, listeners assigned every night.

    15 4 * * *  luigi --module workflows.user_segmentation RangeDailyBase \
                      --of UserSegmentationDaily --start 2026-01-29 --days-back 3 \
                      --days-forward -1 --reverse
"""

from collections.abc import Iterator

import luigi

from tasks.reporting import night_of


class UserSegmentationDaily(luigi.WrapperTask):
    """Segments are defined, listeners assigned, audiences built and reported for ``day``."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        yield from night_of("user_segmentation", self.day)
