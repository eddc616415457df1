"""The same in polars (lazy frames, two threads), a day after the other."""

import hmac
import json
from functools import cache

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.events.layout import KEY, TASTE, TODAY, WINDOW, Job
from benchmarks.events.pandas_way import COUNTED, DAY_MS, MOODS, ORDER, PARTS
from benchmarks.events.polars_plays import UNKNOWN, described

ID = r"^[^\s\x00-\x1f\x7f]{1,128}$"
WORD = r"^[^\x00-\x1f\x7f]{1,128}$"


def ingest(job: Job, number: int) -> None:
    """Both tables of a day: judged, pseudonymised, without repeats, sorted, in shards."""
    for table, (ids, words) in COUNTED.items():
        rows = pl.read_parquet(job.raw(table, number)).with_columns(
            pl.col(*words).fill_null(UNKNOWN)
        )
        first = rows.unique(maintain_order=True)
        wrong = pl.any_horizontal(
            pl.all().is_null(),
            pl.col("at").dt.date() != job.day(number),
            *(~_fits(first, name, ID) for name in ids),
            *(~_fits(first, name, WORD) for name in words),
            *_out_of_range(table),
        ).fill_null(True)
        judged = first.with_columns(wrong=wrong)
        kept = judged.filter(~pl.col("wrong")).drop("wrong")
        tokens = kept.select(pl.col("listener").unique()).with_columns(
            token=pl.col("listener").map_elements(_token, return_dtype=pl.String)
        )
        shard = pl.col("token").str.slice(0, 8).str.to_integer(base=16, dtype=pl.Int64)
        tokens = tokens.with_columns(shard=shard * job.shards // 2**32)
        kept = kept.join(tokens, on="listener").with_columns(listener="token").drop("token")
        folder = job.folder(table, number)
        for one in range(job.shards):
            kept.filter(pl.col("shard") == one).drop("shard").sort(ORDER[table]).write_parquet(
                folder / f"shard-{one:03d}.parquet", compression="zstd"
            )
        judged.filter("wrong").write_parquet(folder / "quarantine.parquet")
        report = {"rows_in": len(rows), "rows_kept": len(kept),
                  "rows_quarantined": int(judged["wrong"].sum()),
                  "exact_duplicates": len(rows) - len(first)}  # fmt: skip
        (folder / "report.json").write_text(json.dumps(report))


def summarise(job: Job, number: int) -> None:
    """The partials of a day, all shards at once."""
    plays = described(job, number).collect()
    folder = job.folder("partials", number)
    day = pl.lit(job.day(number)).cast(pl.Datetime("ms")).alias("day")
    _listening(job, plays).select(day, pl.all()).write_parquet(
        folder / "listening.parquet", compression="zstd"
    )
    _choices(plays).select(day, pl.all()).write_parquet(
        folder / "choices.parquet", compression="zstd"
    )


def join(job: Job, number: int) -> None:
    """Impressions of a day with the window before it and the day before their moment."""
    shown, plays = (pl.scan_parquet(job.folder(table, number) / "shard-*.parquet")
                    for table in ("impressions", "listens"))  # fmt: skip
    rows = shown.select("impression", "listener", "at").sort("at", "listener", "impression")
    wanted = rows.select("listener").unique()
    ended = plays.join(wanted, on="listener", how="semi").select(
        "listener",
        at=(pl.col("at") + pl.duration(milliseconds="ms_played")).cast(pl.Datetime("ms")),
        skip=(pl.col("ms_played") < 30_000).cast(pl.Int64),
    )
    by = {"partition_by": "listener", "order_by": "at"}
    ended = ended.sort("at").select(
        "listener", "at", last="at",
        plays_today=pl.int_range(1, pl.len() + 1).over(**by),
        skips_today=pl.col("skip").cum_sum().over(**by),
    )  # fmt: skip
    found = rows.join_asof(ended, on="at", by="listener", strategy="backward",
                           allow_exact_matches=False, check_sortedness=False)  # fmt: skip
    minutes = (pl.col("at") - pl.col("last")).dt.total_milliseconds() / 60_000
    found = found.with_columns(
        pl.col("plays_today", "skips_today").fill_null(0), minutes_since_last_play=minutes
    ).join(_window(job, number, wanted), on="listener", how="left")
    found.select("impression", "listener", "at", *TASTE, *TODAY).sort(
        "at", "listener", "impression"
    ).collect().write_parquet(job.joined_file(number, 0), compression="zstd")


def _token(listener: str) -> str:
    return hmac.digest(KEY, listener.encode(), "sha256").hex()[:16]


def _fits(rows: pl.DataFrame, name: str, pattern: str) -> pl.Expr:
    """Judged once for each different value."""
    seen = rows.select(pl.col(name).unique().drop_nulls())
    unfit = seen.filter(~pl.col(name).str.contains(pattern))[name]
    return ~pl.col(name).is_in(unfit.to_list())


def _out_of_range(table: str) -> list[pl.Expr]:
    if table == "impressions":
        return [pl.col("impression").is_duplicated(), pl.col("break_position") < -1]
    return [~pl.col("ms_played").is_between(0, DAY_MS), ~pl.col("track_ms").is_between(-1, DAY_MS)]


@cache
def _bits(job: Job, name: str) -> pl.DataFrame:
    """The word and the bit that each track or artist sets in a sketch, by pandas' hash."""
    names = pl.read_parquet(job.tracks)[name].unique().to_numpy()
    hashed = pd.util.hash_array(names.astype(object), categorize=False) % 1024
    bit = (np.uint64(1) << (hashed % np.uint64(64))).view(np.int64)
    return pl.DataFrame({name: names.astype(str), "word": (hashed // 64).astype(np.int8),
                         "bit": bit})  # fmt: skip


def _listening(job: Job, plays: pl.DataFrame) -> pl.DataFrame:
    hour, toned = pl.col("hour"), pl.col("toned")
    lively, glad = pl.col("energy") >= 0.5, pl.col("valence") >= 0.5
    counts = {
        "skips": pl.col("skipped"),
        "finishable": pl.col("finishable"),
        "listen_throughs": pl.col("finished"),
        "repeats": pl.col("repeats"),
        "distinct_tracks": ~pl.col("repeats"),
        "sessions": pl.col("starts"),
        **{f"skips_{part}": pl.col("skipped") & hour.is_between(hours[0], hours[-1])
           for part, hours in PARTS.items()},
        "described": pl.col("found"),
        **{f"functional_{kind}": pl.col("purpose") == kind
           for kind in ("noise", "children", "sleep", "party")},
        "toned": toned,
        "mood_energetic_happy": toned & lively & glad,
        "mood_energetic_dark": toned & lively & ~glad,
        "mood_calm_happy": toned & ~lively & glad,
        "mood_calm_sad": toned & ~lively & ~glad,
        **{f"hour_{each:02d}": hour == each for each in range(24)},
    }  # fmt: skip
    micro = {f"{mood}_micro": (pl.col(mood) * 1e6).round().cast(pl.Int64).filter(toned).sum()
             for mood in MOODS}  # fmt: skip
    sums = plays.lazy().group_by("listener").agg(
        pl.len().alias("plays"), pl.len().alias("timed"), pl.col("ms", "session_ms").sum(),
        **{name: count.sum() for name, count in counts.items()}, **micro,
    )  # fmt: skip
    size = plays.lazy().group_by("listener", "session").len()
    size = size.group_by("listener").agg(single_play_sessions=(pl.col("len") == 1).sum(),
                                         long_sessions=(pl.col("len") >= 20).sum())  # fmt: skip
    tracks = _sketch(plays.lazy().filter(~pl.col("repeats")), _bits(job, "track"), "track", "heard")
    artists = plays.lazy().filter(pl.col("artist") != "unknown").select("listener", "artist")
    artists = _sketch(artists.unique(), _bits(job, "artist"), "artist", "artists")
    for one in (size, tracks, artists):
        sums = sums.join(one, on="listener", how="left")
    numbers = pl.all().exclude("listener").fill_null(0).cast(pl.Int64)
    return sums.select("listener", numbers).sort("listener").collect()


def _sketch(seen: pl.LazyFrame, bits: pl.DataFrame, thing: str, name: str) -> pl.LazyFrame:
    words = {f"{name}_{word}": pl.col("bit").filter(pl.col("word") == word).bitwise_or()
             for word in range(16)}  # fmt: skip
    return seen.join(bits.lazy(), on=thing).group_by("listener").agg(**words)


def _choices(plays: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for kind in ("device", "context", "genre", "artist"):
        known = plays.lazy().filter(pl.col(kind) != "unknown")
        known = known.filter(pl.col("genre") == "unknown") if kind == "artist" else known
        parts.append(
            known.group_by("listener", value=kind).agg(
                plays=pl.len().cast(pl.Int64),
                skips=pl.col("skipped").sum().cast(pl.Int64),
                listen_throughs=pl.col("finished").sum().cast(pl.Int64),
                repeats=pl.col("repeats").sum().cast(pl.Int64),
                taste_plays=(pl.col("purpose") == "").sum().cast(pl.Int64),
            ).with_columns(kind=pl.lit(kind))
        )  # fmt: skip
    return pl.concat(parts).sort("listener", "kind", "value").collect()


def _window(job: Job, number: int, wanted: pl.LazyFrame) -> pl.LazyFrame:
    files = [job.folder("partials", day) / "listening.parquet"
             for day in range(max(0, number - WINDOW), number)]  # fmt: skip
    past = pl.scan_parquet(files).join(wanted, on="listener", how="semi")
    heard = [f"heard_{word}" for word in range(16)]
    parts = {part: pl.sum_horizontal(f"hour_{hour:02d}" for hour in PARTS[part]).sum()
             for part in ("night", "evening")}  # fmt: skip
    age = (pl.lit(job.day(number)).cast(pl.Datetime("ms")) - pl.col("day")).dt.total_days() - 1
    sums = past.group_by("listener").agg(
        pl.col("plays", "ms", "skips", "timed", "finishable", "listen_throughs", "toned",
               "energy_micro", "valence_micro").sum(),
        pl.col(*heard).bitwise_or().bitwise_count_ones(),
        **parts,
        active=pl.len(),
        age=age.min(),
        weekend=pl.col("timed").filter(pl.col("day").dt.weekday() >= 6).sum(),
    )  # fmt: skip
    zeros = 1024 - pl.sum_horizontal(pl.col(name).cast(pl.Int64) for name in heard)
    timed, toned = pl.col("timed"), 1e6 * pl.col("toned")
    return sums.select(
        "listener",
        plays_28d=pl.col("plays").cast(pl.Float64),
        active_days_28d=pl.col("active").cast(pl.Float64),
        days_since_last_play=pl.col("age").cast(pl.Float64),
        minutes_per_active_day_28d=pl.col("ms") / (60_000 * pl.col("active").cast(pl.Int64)),
        skip_rate_28d=pl.col("skips") / timed,
        listen_through_rate_28d=_ratio("listen_throughs", pl.col("finishable")),
        repeat_share_28d=(1 - 1024 * (1024 / zeros.clip(1)).log() / timed).clip(0),
        night_share_28d=pl.col("night") / timed,
        evening_share_28d=pl.col("evening") / timed,
        weekend_share_28d=pl.col("weekend") / timed,
        energy_mean_28d=_ratio("energy_micro", toned),
        valence_mean_28d=_ratio("valence_micro", toned),
    )


def _ratio(part: str, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(pl.col(part) / whole)
