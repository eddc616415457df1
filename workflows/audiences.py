"""Requested audiences, every day: what each would reach, and the members of those published.

    45 4 * * *  luigi --module workflows.audiences RangeDailyBase --of RequestedAudiencesDaily \
                      --start 2026-01-29 --days-back 3 --days-forward -1 --reverse

A request is a JSON file in the folder [setlist] requests (docs/audiences.md). One of them alone:

    setlist run audience --request evening_listeners
"""

from collections.abc import Iterator

import luigi

from tasks.requests import BuildRequestedAudience, PreviewReach, requested


class RequestedAudiencesDaily(luigi.WrapperTask):
    """Every request in the folder was previewed and followed with what is known on ``day``."""

    day = luigi.DateParameter()

    def requires(self) -> Iterator[luigi.Task]:
        yield PreviewReach(day=self.day)
        for request in requested():
            yield BuildRequestedAudience(request=request, day=self.day)
