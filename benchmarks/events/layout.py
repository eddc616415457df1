"""Where the log lies and what the four ways make of it: the same files, the same columns."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

FIRST_DAY = dt.date(2026, 1, 5)
KEY = b"the benchmark's own key"
WINDOW = 28
COUNTED = ("rows_in", "rows_kept", "rows_quarantined", "exact_duplicates")
TASTE = (
    "plays_28d", "active_days_28d", "days_since_last_play", "minutes_per_active_day_28d",
    "skip_rate_28d", "listen_through_rate_28d", "repeat_share_28d", "night_share_28d",
    "evening_share_28d", "weekend_share_28d", "energy_mean_28d", "valence_mean_28d",
)  # fmt: skip
TODAY = ("plays_today", "skips_today", "minutes_since_last_play")


@dataclass(frozen=True)
class Job:
    """A log of ``days`` days in ``log``, of which a way joins the last; it writes into ``out``."""

    log: Path
    out: Path
    days: int
    joined: int
    shards: int

    def day(self, number: int) -> dt.date:
        return FIRST_DAY + dt.timedelta(number)

    def raw(self, table: str, number: int) -> Path:
        """The file of a day as the service wrote it."""
        return self.log / table / f"day={self.day(number)}" / "part-0.parquet"

    def folder(self, table: str, number: int) -> Path:
        """Where a day of a table is written: shards, report, quarantine; partials."""
        made = self.out / table / str(self.day(number))
        made.mkdir(parents=True, exist_ok=True)
        return made

    def joined_file(self, number: int, shard: int) -> Path:
        """Impressions of a day and shard with what was known at their moment."""
        return self.folder("joined", number) / f"shard-{shard:03d}.parquet"

    @property
    def joined_days(self) -> range:
        return range(self.days - self.joined, self.days)

    @property
    def tracks(self) -> Path:
        return self.log / "tracks.parquet"
