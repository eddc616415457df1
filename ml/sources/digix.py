"""Mobile ad impressions with clicks, as in the 2020 DIGIX click-through-rate challenge.

One gzip CSV a day, ``pt_d=N.csv.gz``, gives IMPRESSIONS and OUTCOMES. The challenge numbers its
days and gives no calendar: day N is taken to be the N-th of January 2020. It gives no time
within the day either, so every row happens at midnight and no order within a day is claimed.
A click, having no time of its own, happens at its impression's. A file without the column
``label`` is a day to score: its labels are absent, not zero. An ad is a material (``adv_id``), a
campaign the task it belongs to (``task_id``), as the former are parts of the latter. Age, gender
and career are not read at all.
"""

import datetime as dt
import functools
import gzip
import re
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from ml.errors import SourceUnreadable
from ml.sources.delimited import delimited
from ml.sources.files import GZIP_MAGIC
from ml.sources.place import Place
from ml.sources.source import RawDay, Source, found_files
from ml.sources.source import unreadable as set_aside

FIRST_DAY = dt.date(2020, 1, 1)
EXPECTED = "gzip CSV with a header, one row an impression"
NAMED = (
    "uid", "task_id", "adv_id", "creat_type_cd", "adv_prim_id", "inter_type_cd", "slot_id",
    "device_name", "communication_onlinerate", "pt_d",
)  # fmt: skip
OF_THE_AD = (
    "dev_id", "spread_app_id", "tags", "app_first_class", "app_second_class", "his_app_size",
    "his_on_shelf_time", "app_score", "indu_name", "creat_type_cd", "inter_type_cd",
)  # fmt: skip
"""Columns that describe the ad, wherever it is shown; they become ``attr_ad_*``."""

OF_THE_MOMENT = (
    "city", "city_rank", "device_size", "net_type", "residence", "emui_dev", "list_time",
    "device_price", "up_life_duration", "up_membership_grade", "membership_life_duration",
    "consume_purchase", "communication_avgonline_30d",
)  # fmt: skip
"""Columns that describe the listener and what they hold in their hands; they become ``attr_*``."""

READ = tuple(dict.fromkeys(NAMED + OF_THE_AD + OF_THE_MOMENT))
NOT_READ = ("age", "gender", "career")
PARTS_OF_DAY = {"night": range(6), "morning": range(6, 12), "noon": range(12, 18),
                "evening": range(18, 24)}  # fmt: skip


def files(table: str, day: dt.date) -> tuple[str, ...]:
    """The day's file: both tables come from the same one."""
    number = (day - FIRST_DAY).days + 1
    return (f"pt_d={number}.csv.gz", f"pt_d={number}.csv")


def days(folder: Place) -> list[dt.date]:
    """The days whose file is in ``folder``."""
    numbers = (re.fullmatch(r"pt_d=(\d+)\.csv(\.gz)?", path.name) for path in folder.iterdir())
    return sorted({FIRST_DAY + dt.timedelta(int(found[1]) - 1) for found in numbers if found})


def labelled(folder: Place, day: dt.date) -> bool:
    """Whether the day's file has labels; a day whose file is not there is awaited with them."""
    found = [folder / name for name in files("outcomes", day) if (folder / name).exists()]
    return not found or "label" in _header(found[0], found[0].stat().st_mtime_ns)


@functools.cache
def _header(path: Place, changed: int) -> list[str]:
    """The file's columns. A file that cannot be read is told when its day is read."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP_MAGIC
        file.seek(0)
        try:
            header = (gzip.GzipFile(fileobj=file) if is_gzip else file).readline()
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return ["label"]
    return header.decode("utf-8-sig", "replace").strip().split(",")


def read(raw: Path, table: str, day: dt.date) -> RawDay:
    """The day's impressions, or its clicks as outcomes."""
    path = found_files(raw, files(table, day), EXPECTED)[0]
    rows, unreadable = delimited(path, EXPECTED)
    if missing := [name for name in READ if name not in rows.columns]:
        raise SourceUnreadable(
            path,
            f"the challenge's columns ({len(READ + NOT_READ)} and perhaps label)",
            f"{len(rows.columns)} columns, without {', '.join(missing)}",
            "If the format has changed, change ml/sources/digix.py.",
        )
    return {"impressions": _impressions, "outcomes": _outcomes}[table](rows, unreadable, day)


def _identified(rows: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Columns both tables share. ``at`` follows the row's own day, so a stray row is noticed."""
    number = pd.to_numeric(rows["pt_d"], errors="coerce")
    midnight = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(number - 1, unit="D")
    return pd.DataFrame(
        {
            "impression": f"{day:%Y%m%d}-" + rows["_line"].astype("str"),
            "listener": rows["uid"],
            "at": midnight.astype("datetime64[ms]"),
            "_line": rows["_line"],
        }
    )


def _impressions(rows: pd.DataFrame, unreadable: pd.DataFrame, day: dt.date) -> RawDay:
    columns = _identified(rows, day).assign(
        ad=rows["adv_id"],
        campaign=rows["task_id"],
        advertiser=rows["adv_prim_id"],
        format=rows["creat_type_cd"] + "-" + rows["inter_type_cd"],
        slot=rows["slot_id"],
        break_position=-1,
        device=rows["device_name"],
        mood="unknown",
    )
    attributes = {f"attr_ad_{name.removesuffix('_cd')}": rows[name] for name in OF_THE_AD}
    attributes |= {f"attr_{name}": rows[name] for name in OF_THE_MOMENT}
    online = online_hours(rows["communication_onlinerate"])
    notes = (
        "The source gives no time within the day: every impression is at midnight.",
        f"Not read, as sensitive: {', '.join(NOT_READ)}.",
    )
    return RawDay(pd.concat([columns, pd.DataFrame(attributes), online], axis=1), unreadable,
                  notes=notes)  # fmt: skip


def _outcomes(rows: pd.DataFrame, unreadable: pd.DataFrame, day: dt.date) -> RawDay:
    if "label" not in rows.columns:
        nothing = _identified(rows.iloc[:0], day).assign(kind="click")
        return RawDay(nothing, notes=("The file has no labels: it is a day to score.",))
    clicked, known = rows["label"] == "1", rows["label"].isin(["0", "1", ""])
    strange = [(int(line), "label must be 0 or 1") for line in rows.loc[~known, "_line"]]
    unlabelled = int((rows["label"] == "").sum())
    return RawDay(
        _identified(rows[clicked].reset_index(drop=True), day).assign(kind="click"),
        set_aside(strange),
        out_of_scope=int((rows["label"] == "0").sum()) + unlabelled,
        notes=(f"{unlabelled:,} impressions carry no label.",) if unlabelled else (),
    )


def online_hours(listed: pd.Series) -> pd.DataFrame:
    """From the hours a user is usually online (``0^6^23``): how many, in all and by part of day."""
    codes, unique = pd.factorize(listed)
    counts = np.array([_hours(value) for value in unique], dtype="int64").reshape(-1, 5)
    names = ["attr_online_hours", *(f"attr_online_{part}_hours" for part in PARTS_OF_DAY)]
    return pd.DataFrame(counts[codes], columns=names, index=listed.index)


def _hours(value: str) -> list[int]:
    hours = {int(text) for text in value.split("^") if text.isdecimal()}
    if not hours:
        return [-1] * 5
    return [len(hours), *(len(hours.intersection(part)) for part in PARTS_OF_DAY.values())]


SOURCE = Source(
    name="digix",
    title="Mobile ad impressions with clicks (DIGIX 2020)",
    daily=("impressions", "outcomes"),
    snapshots=(),
    files=files,
    read=read,
    days=days,
    maturity_days=0,
    labelled=labelled,
    kinds=("click",),
    notes=(
        "Day N of the challenge is taken to be the N-th of January 2020.",
        "Clicks come with their impressions; nothing is late.",
    ),
)
