"""The whole night: every family that the source can feed.

    15 4 * * *  luigi --module workflows.nightly RangeDailyBase --of Nightly \
                      --start 2026-01-29 --days-back 3 --days-forward -1 --reverse
"""

from collections.abc import Iterator

import luigi

from tasks.feasible import families_possible
from tasks.monitoring_tables import WriteMonitoring
from tasks.reporting import night_of


class Nightly(luigi.WrapperTask):
    """Every family the source can feed is decided, published, scored and reported for ``day``.

    What was live on the day is monitored.
    """

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        families = families_possible(self.day)
        for name in families:
            yield from night_of(name, self.day)
        if families:
            yield WriteMonitoring(day=self.day)

