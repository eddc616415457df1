"""Ad targeting, every day: learn from mature outcomes, promote only what is better, score.

    15 4 * * *  luigi --module workflows.ad_targeting RangeDailyBase --of AdTargetingDaily \
                      --start 2026-01-29 --days-back 3 --days-forward -1 --reverse
"""

from collections.abc import Iterator

import luigi

from ml.families import FAMILIES
from tasks.feasible import reason_against
from tasks.reporting import night_of


class AdTargetingDaily(luigi.WrapperTask):
    """Every outcome of an advert is decided, published, scored and reported for ``day``."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        for name, _ in FAMILIES["ad_targeting"].worth:
            if not reason_against(FAMILIES[name], self.day):
                yield from night_of(name, self.day)
