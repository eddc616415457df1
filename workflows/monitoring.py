"""Monitoring, every day: is what is live still what it was, and did the data come as usual?

    45 4 * * *  luigi --module workflows.monitoring RangeDailyBase --of MonitoringDaily \
                      --start 2026-01-29 --days-back 3 --days-forward -1 --reverse

It belongs to the night (workflows.nightly) and can be run alone; nothing is learnt from it.
"""

from collections.abc import Iterator

import luigi

from tasks.monitoring_tables import WriteMonitoring


class MonitoringDaily(luigi.WrapperTask):
    """Drift, calibration, performance, volume and freshness of ``day`` were measured and told."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        yield WriteMonitoring(day=self.day)
