"""The whole night: every family whose tables the source has.

    15 4 * * *  luigi --module workflows.nightly RangeDailyBase --of Nightly \
                      --start 2026-01-29 --days-back 3 --days-forward -1 --reverse
"""

from collections.abc import Iterator

import luigi

from ml.families import FAMILIES
from tasks.deployment import deployment
from tasks.family_task import missing_tables
from tasks.publishing import PublishModel
from tasks.reporting import WriteReport
from tasks.scoring import BuildAudience


class Nightly(luigi.WrapperTask):
    """Every family the source can feed is decided, published, scored and reported for ``day``."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        for name in families_possible():
            yield PublishModel(family=name, day=self.day)
            yield BuildAudience(family=name, day=self.day)
            yield WriteReport(family=name, day=self.day)


def families_possible() -> list[str]:
    """The families whose required tables the source has."""
    return [name for name in FAMILIES if name not in families_left_out()]


def families_left_out() -> dict[str, str]:
    """The families that cannot run on this source, and why."""
    here = deployment()
    lacking = {name: missing_tables(spec, here) for name, spec in FAMILIES.items()}
    return {
        name: f"source {here.source.name} has no {' and no '.join(tables)}"
        for name, tables in lacking.items()
        if tables
    }
