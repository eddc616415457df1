"""A day's plays described, in polars."""

import polars as pl

from benchmarks.events.layout import Job
from benchmarks.events.pandas_way import DAY_MS, MOODS

UNKNOWN = pl.lit("unknown")


def described(job: Job, number: int) -> pl.LazyFrame:
    """The plays of a day in order, each with what its track, its end and its session say."""
    hour, weekday = pl.col("at").dt.hour(), pl.col("at").dt.weekday()
    start = pl.col("at").dt.epoch("ms")
    genre = pl.col("genre").str.to_lowercase()
    tracks = pl.scan_parquet(job.tracks).with_columns(
        found=True,
        known=pl.all_horizontal(pl.col(*MOODS).is_not_null()),
        noise=genre.str.contains("noise|rain|nature sounds|asmr|fan sounds"),
        children=genre.str.contains("children|kids|nursery|lullab"),
        calm=(pl.col("energy") <= 0.3) & (pl.col("acousticness") >= 0.6),
        lively=(pl.col("energy") >= 0.6) & (pl.col("danceability") >= 0.6),
    )
    plays = pl.scan_parquet(job.folder("listens", number) / "shard-*.parquet")
    plays = plays.join(tracks, on="track", how="left", suffix="_known").sort(
        "listener", "at", "track", "ms_played", "device", "context"
    )
    plays = plays.with_columns(
        pl.col("artist", "genre").fill_null(UNKNOWN),
        pl.col("found", "known", "noise", "children", "calm", "lively").fill_null(False),
        start=start,
        left=DAY_MS - start % DAY_MS,
        length=pl.when(pl.col("track_ms") > 0).then("track_ms").otherwise(
            pl.col("track_ms_known").fill_null(-1)
        ),
    )
    plays = plays.with_columns(ms=pl.min_horizontal("ms_played", "left"),
                               ended=pl.col("ms_played") < pl.col("left"))  # fmt: skip
    plays = plays.with_columns(finished=(pl.col("length") > 0)
                               & (10 * pl.col("ms") >= 9 * pl.col("length")))  # fmt: skip
    silent = pl.col("start") - (pl.col("start") + pl.col("ms_played")).shift()
    same = pl.col("listener") == pl.col("listener").shift()
    plays = plays.with_columns(
        skipped=(pl.col("ms") < 30_000) & pl.col("ended") & ~pl.col("finished"),
        starts=(~same | (silent >= 1_800_000)).fill_null(True),
        repeats=~pl.struct("listener", "track").is_first_distinct(),
        finishable=(pl.col("length") > 0) & (pl.col("ended") | pl.col("finished")),
    )
    late = ((hour >= 19) & weekday.is_in([5, 6])) | ((hour < 4) & weekday.is_in([6, 7]))
    purpose = (
        pl.when("noise").then(pl.lit("noise"))
        .when("children").then(pl.lit("children"))
        .when(pl.col("calm") & ((hour >= 22) | (hour < 6)) & ~pl.col("skipped"))
        .then(pl.lit("sleep"))
        .when(pl.col("lively") & late & (pl.col("device") == "speaker")).then(pl.lit("party"))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    goes_on = ~pl.col("starts").shift(-1, fill_value=True)
    follows = pl.col("start").shift(-1) - pl.col("start")
    return plays.with_columns(
        purpose=purpose, hour=hour, session=pl.col("starts").cum_sum(),
        session_ms=pl.when(goes_on).then(follows).otherwise("ms"),
    ).with_columns(toned=pl.col("known") & (pl.col("purpose") == ""))  # fmt: skip
