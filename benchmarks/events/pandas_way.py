"""The plain pandas way, as in a notebook: frames of text, masks, groupby, merge_asof."""

import hashlib
import hmac
import json
from functools import cache

import numpy as np
import pandas as pd

from benchmarks.events.layout import KEY, TASTE, TODAY, WINDOW, Job

ID = r"[^\s\x00-\x1f\x7f]{1,128}"
WORD = r"[^\x00-\x1f\x7f]{1,128}"
DAY_MS = 86_400_000
PARTS = {"night": range(6), "morning": range(6, 10), "midday": range(10, 14),
         "afternoon": range(14, 18), "evening": range(18, 22),
         "late_evening": range(22, 24)}  # fmt: skip
MOODS = ("energy", "valence", "danceability", "acousticness")
COUNTED = {
    "listens": (("listener", "track"), ("device", "context")),
    "impressions": (("impression", "listener", "ad", "campaign", "advertiser"),
                    ("format", "slot", "device", "mood")),
}  # fmt: skip
ORDER = {"listens": ["listener", "at", "track", "ms_played", "track_ms", "device", "context"],
         "impressions": ["at", "listener", "impression"]}  # fmt: skip


def ingest(job: Job, number: int) -> None:
    """Both tables of a day: judged, pseudonymised, without repeats, sorted, in shards."""
    for table, (ids, words) in COUNTED.items():
        rows = pd.read_parquet(job.raw(table, number))
        rows = rows.fillna(dict.fromkeys(words, "unknown"))
        first = rows[~rows.duplicated()]
        wrong = first.isna().any(axis=1) | (first["at"].dt.date != job.day(number))
        for pattern, names in ((ID, ids), (WORD, words)):
            for name in names:
                wrong |= ~first[name].str.fullmatch(pattern)
        if table == "listens":
            wrong |= ~first["ms_played"].between(0, DAY_MS) | ~first["track_ms"].between(-1, DAY_MS)
        else:
            wrong |= first["impression"].duplicated(keep=False) | (first["break_position"] < -1)
        kept = first[~wrong]
        tokens = {one: _token(one) for one in kept["listener"].unique()}
        kept = kept.assign(listener=kept["listener"].map(tokens)).sort_values(ORDER[table])
        shard = kept["listener"].map({one: int(one[:8], 16) * job.shards >> 32
                                      for one in tokens.values()})  # fmt: skip
        folder = job.folder(table, number)
        for one in range(job.shards):
            path = folder / f"shard-{one:03d}.parquet"
            kept[shard == one].to_parquet(path, index=False, compression="zstd")
        first[wrong].to_parquet(folder / "quarantine.parquet")
        report = {"rows_in": len(rows), "rows_kept": len(kept),
                  "rows_quarantined": int(wrong.sum()),
                  "exact_duplicates": len(rows) - len(first)}  # fmt: skip
        (folder / "report.json").write_text(json.dumps(report))


def summarise(job: Job, number: int) -> None:
    """The partials of a day, all shards at once."""
    files = sorted(job.folder("listens", number).glob("shard-*.parquet"))
    plays = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    plays = plays.merge(_catalogue(job), on="track", how="left", suffixes=("", "_known"))
    plays = plays.sort_values(["listener", "at", "track", "ms_played", "device", "context"])
    folder = job.folder("partials", number)
    plays = _described(plays)
    listening = _listening(plays)
    listening.insert(0, "day", pd.Timestamp(job.day(number)))
    listening.to_parquet(folder / "listening.parquet", compression="zstd")
    choices = _choices(plays)
    choices.insert(0, "day", pd.Timestamp(job.day(number)))
    choices.to_parquet(folder / "choices.parquet", compression="zstd")


def join(job: Job, number: int) -> None:
    """Impressions of a day with the window before it and the day before their moment."""
    shown, plays = (
        pd.concat([pd.read_parquet(path) for path in
                   sorted(job.folder(table, number).glob("shard-*.parquet"))])
        for table in ("impressions", "listens")
    )  # fmt: skip
    rows = shown[["impression", "listener", "at"]].sort_values("at")
    ends = plays["at"] + pd.to_timedelta(plays["ms_played"], unit="ms")
    ended = pd.DataFrame({"listener": plays["listener"], "at": ends.astype("datetime64[ms]"),
                          "skips_today": (plays["ms_played"] < 30_000).astype(int)})  # fmt: skip
    ended = ended[ended["listener"].isin(rows["listener"].unique())].sort_values("at")
    of = ended.groupby("listener")["skips_today"]
    ended = ended.assign(plays_today=of.cumcount() + 1, skips_today=of.cumsum(), last=ended["at"])
    found = pd.merge_asof(rows, ended, on="at", by="listener", allow_exact_matches=False)
    found["minutes_since_last_play"] = (found["at"] - found["last"]).dt.total_seconds() / 60
    found = found.fillna({"plays_today": 0, "skips_today": 0})
    found = found.merge(_window(job, number, rows), on="listener", how="left")
    found = found[["impression", "listener", "at", *TASTE, *TODAY]]
    found.to_parquet(job.joined_file(number, 0), compression="zstd")


def _token(listener: str) -> str:
    return hmac.new(KEY, listener.encode(), hashlib.sha256).hexdigest()[:16]


@cache
def _catalogue(job: Job) -> pd.DataFrame:
    return pd.read_parquet(job.tracks).assign(found=True)


def _described(plays: pd.DataFrame) -> pd.DataFrame:
    plays = plays.fillna({"artist": "unknown", "genre": "unknown"})
    plays["found"] = plays["found"].eq(True)
    length = plays["track_ms"].where(plays["track_ms"] > 0, plays["track_ms_known"]).fillna(-1)
    start = plays["at"].astype("int64")
    hour, weekday = plays["at"].dt.hour, plays["at"].dt.dayofweek
    left = DAY_MS - start % DAY_MS
    ms = np.minimum(plays["ms_played"], left)
    finished = (length > 0) & (10 * ms >= 9 * length)
    ended = plays["ms_played"] < left
    plays["skipped"] = (ms < 30_000) & ended & ~finished
    by = plays.groupby("listener")
    silent = start - (start + plays["ms_played"]).groupby(plays["listener"]).shift()
    plays["starts"] = silent.isna() | (silent >= 1_800_000)
    follows = start.groupby(plays["listener"]).shift(-1) - start
    goes_on = plays["starts"].groupby(plays["listener"]).shift(-1).eq(False)
    plays["session_ms"] = follows.where(goes_on, ms).astype("int64")
    plays["session"] = by["starts"].cumsum()
    plays["repeats"] = plays.duplicated(["listener", "track"])
    plays["finishable"] = (length > 0) & (ended | finished)
    genre = plays["genre"].str.lower()
    calm = (plays["energy"] <= 0.3) & (plays["acousticness"] >= 0.6)
    lively = (plays["energy"] >= 0.6) & (plays["danceability"] >= 0.6)
    late = ((hour >= 19) & weekday.isin([4, 5])) | ((hour < 4) & weekday.isin([5, 6]))
    plays["purpose"] = np.select(
        [
            genre.str.contains("noise|rain|nature sounds|asmr|fan sounds"),
            genre.str.contains("children|kids|nursery|lullab"),
            calm & ((hour >= 22) | (hour < 6)) & ~plays["skipped"],
            lively & late & (plays["device"] == "speaker"),
        ],
        ["noise", "children", "sleep", "party"],
        "",
    )
    known = plays[list(MOODS)].notna().all(axis=1)
    return plays.assign(ms=ms, finished=finished, hour=hour,
                        toned=known & (plays["purpose"] == ""))  # fmt: skip


def _listening(plays: pd.DataFrame) -> pd.DataFrame:
    hour, toned = plays["hour"], plays["toned"]
    lively, glad = plays["energy"] >= 0.5, plays["valence"] >= 0.5
    columns = {
        "plays": 1,
        "timed": 1,
        "skips": plays["skipped"],
        "finishable": plays["finishable"],
        "listen_throughs": plays["finished"],
        "repeats": plays["repeats"],
        "distinct_tracks": ~plays["repeats"],
        "ms": plays["ms"],
        "sessions": plays["starts"],
        "session_ms": plays["session_ms"],
        **{f"skips_{part}": plays["skipped"] & hour.isin(hours) for part, hours in PARTS.items()},
        "described": plays["found"],
        **{f"functional_{kind}": plays["purpose"] == kind
           for kind in ("noise", "children", "sleep", "party")},
        "toned": toned,
        **{f"{mood}_micro": (plays[mood] * 1e6).round().where(toned, 0).astype("int64")
           for mood in MOODS},
        "mood_energetic_happy": toned & lively & glad,
        "mood_energetic_dark": toned & lively & ~glad,
        "mood_calm_happy": toned & ~lively & glad,
        "mood_calm_sad": toned & ~lively & ~glad,
        **{f"hour_{each:02d}": hour == each for each in range(24)},
    }  # fmt: skip
    sums = pd.DataFrame(columns, index=plays.index).astype("int64").groupby(plays["listener"]).sum()
    size = plays.groupby(["listener", "session"]).size()
    sums["single_play_sessions"] = (size == 1).groupby("listener").sum()
    sums["long_sessions"] = (size >= 20).groupby("listener").sum()
    artists = plays[plays["artist"] != "unknown"]
    for name, seen in (("heard", plays[["listener", "track"]]),
                       ("artists", artists[["listener", "artist"]])):  # fmt: skip
        things = seen.drop_duplicates().set_axis(["listener", "thing"], axis=1)
        sums = sums.join(_sketch(things, name))
    return sums.fillna(0).astype("int64").reset_index()


def _sketch(seen: pd.DataFrame, name: str) -> pd.DataFrame:
    codes, things = pd.factorize(seen["thing"])
    place = pd.util.hash_array(np.asarray(things, dtype=object), categorize=False)[codes] % 1024
    rows, listeners = pd.factorize(seen["listener"])
    words = np.zeros((len(listeners), 16), dtype=np.uint64)
    bit = np.uint64(1) << (place % np.uint64(64))
    np.bitwise_or.at(words, (rows, (place // 64).astype(int)), bit)
    return pd.DataFrame(words.view(np.int64), index=pd.Index(listeners, name="listener"),
                        columns=[f"{name}_{word}" for word in range(16)])  # fmt: skip


def _choices(plays: pd.DataFrame) -> pd.DataFrame:
    counts = plays.assign(plays=1, skips=plays["skipped"], listen_throughs=plays["finished"],
                          taste_plays=plays["purpose"] == "")  # fmt: skip
    names = ["plays", "skips", "listen_throughs", "repeats", "taste_plays"]
    counts[names] = counts[names].astype("int64")
    parts = []
    for kind in ("device", "context", "genre", "artist"):
        known = counts[counts[kind] != "unknown"]
        known = known[known["genre"] == "unknown"] if kind == "artist" else known
        part = known.groupby(["listener", kind])[names].sum().reset_index()
        parts.append(part.rename(columns={kind: "value"}).assign(kind=kind))
    return pd.concat(parts).sort_values(["listener", "kind", "value"])


def _window(job: Job, number: int, rows: pd.DataFrame) -> pd.DataFrame:
    wanted = rows["listener"].unique()
    hours = [f"hour_{hour:02d}" for hour in (*PARTS["night"], *PARTS["evening"])]
    heard = [f"heard_{word}" for word in range(16)]
    names = ["day", "listener", "plays", "ms", "skips", "timed", "finishable", "listen_throughs",
             "toned", "energy_micro", "valence_micro", *hours, *heard]  # fmt: skip
    days = []
    for day in range(max(0, number - WINDOW), number):
        path = job.folder("partials", day) / "listening.parquet"
        part = pd.read_parquet(path, columns=names)
        days.append(part[part["listener"].isin(wanted)])
    past = pd.concat(days, ignore_index=True)
    past["weekend"] = past["timed"].where(past["day"].dt.dayofweek >= 5, 0)
    past["age"] = (pd.Timestamp(job.day(number)) - past["day"]).dt.days - 1
    by = past.groupby("listener")
    sums = by[["plays", "ms", "skips", "timed", "finishable", "listen_throughs", "toned",
               "energy_micro", "valence_micro", "weekend", *hours]].sum()  # fmt: skip
    active = by.size()
    words = past.sort_values("listener")[heard].to_numpy().view(np.uint64)
    starts = np.concatenate([[0], active.cumsum()[:-1]]).astype(int)
    bits = np.bitwise_count(np.bitwise_or.reduceat(words, starts, axis=0)).sum(axis=1, dtype=int)
    different = 1024 * np.log(1024 / np.maximum(1024 - bits, 1))
    timed, toned = sums["timed"], sums["toned"].replace(0, np.nan)
    finishable = sums["finishable"].replace(0, np.nan)
    return pd.DataFrame(
        {
            "plays_28d": sums["plays"].astype(float),
            "active_days_28d": active.astype(float),
            "days_since_last_play": by["age"].min().astype(float),
            "minutes_per_active_day_28d": sums["ms"] / (60_000 * active),
            "skip_rate_28d": sums["skips"] / timed,
            "listen_through_rate_28d": sums["listen_throughs"] / finishable,
            "repeat_share_28d": (1 - different / timed).clip(lower=0),
            "night_share_28d": sums[hours[:6]].sum(axis=1) / timed,
            "evening_share_28d": sums[hours[6:]].sum(axis=1) / timed,
            "weekend_share_28d": sums["weekend"] / timed,
            "energy_mean_28d": sums["energy_micro"] / (1e6 * toned),
            "valence_mean_28d": sums["valence_micro"] / (1e6 * toned),
        }
    ).reset_index()  # fmt: skip
