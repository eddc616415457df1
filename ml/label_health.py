"""Did the labels arrive? Counts by day, campaign and slot, beside what earlier days promise.

A broken pixel or a feed that stopped gives labels that look valid: all zero, or all one. Nothing
learnt from them is true, and no figure of the model says so, for it predicts the broken labels
well. So the counts themselves are tested, each against its own past, by a binomial tail:

- A day (or the answers of a day whose labels are not mature yet) against the days learnt from.
- The days learnt from, together, against the base rate on the champion's card.
- A campaign or a slot on the stop day, the test day and the last days together against itself
  before; one that never had both kinds of label, against everybody.

Rates move and listeners repeat themselves, so a count is tested against odds DRIFT times lower
(or higher) than its past, at the far end of the past's own interval; SPREAD times where the past
is everybody's, for campaigns differ; and COLLAPSED times less than that where nothing at all, or
everything, was answered. What is found is then surely not chance: over all tests of a night the
chance of a false alarm is below FALSE_ALARM (Bonferroni). On six days of a real ad log
(3,499 campaigns, 717,121 impressions) it finds nothing.
"""

import datetime as dt
from pathlib import Path

import pandas as pd

from ml.examples import Shards, columns
from ml.labels import responses
from ml.metrics import number
from ml.sampling import of_part

FALSE_ALARM = 0.001
DRIFT = 3.0
SPREAD = 30.0
COLLAPSED = 1.5
RECENT = (2, 4)
"""Days looked at together, so that a campaign of few impressions is noticed a little later."""

ENOUGH = 30
"""Impressions it takes to test a group: fewer may be one listener's."""


def label_health(
    train: list[Path] | list[pd.DataFrame],
    stop: list[Path] | list[pd.DataFrame],
    test: list[Path] | list[pd.DataFrame],
    impressions: list[pd.DataFrame],
    outcomes: list[pd.DataFrame],
    champion: dict | None = None,
    *,
    family_name: str,
    night: dt.date,
    groups: tuple[str, ...] = ("campaign", "slot"),
    kinds: tuple[str, ...],
) -> dict:
    """``labels.json``: rows, labels, rate and interval of every day, and ``findings``.

    ``train``, ``stop`` and ``test`` are examples. ``impressions`` and ``outcomes`` are the tables
    of the days on which late answers were awaited, of which there may be none; an answer is an
    outcome of one of ``kinds``. ``champion`` is a live bundle (see ``gates.read_live``) or None.
    A finding has part, day (and since), slice, value, rows, labels, expected, room (how many
    times the odds may differ) and chance; the least likely comes first. Rows whose label is
    missing are a finding of their own: absent is not zero.
    """
    examples = pd.concat(
        [_rows(frames, name, groups) for name, frames in
         (("train", train), ("stop", stop), ("test", test))], ignore_index=True,
    )  # fmt: skip
    absent = examples[examples["label"].isna()]
    known = examples.dropna(subset="label").astype({"label": "int64"})
    days = _counts(known, ["part", "day"])
    learnt = days[days["part"] == "train"]
    awaited = _awaited(impressions, outcomes, kinds)
    tests = [
        *_learnt(learnt, champion),
        *_days(pd.concat([days, awaited], ignore_index=True), learnt),
        *[test for group in groups if group in known for test in _groups(known, group)],
    ]
    # Half of it for either side.
    surely = [one for one in tests if one["chance"] < FALSE_ALARM / 2 / len(tests)]
    return {
        "labels.json": {
            "family": family_name,
            "day": night.isoformat(),
            "days": [_day(one) for one in days.to_dict("records")],
            "tested": len(tests),
            "false_alarm": FALSE_ALARM,
            "findings": _absences(absent) + _told(surely),
        }
    }


def _rows(shards: Shards, name: str, groups: tuple[str, ...]) -> pd.DataFrame:
    wanted = ["moment", "label", "part", *groups]
    found = [of_part(columns(shard, wanted), name) for shard in shards]
    rows = pd.concat(found, ignore_index=True)
    return rows.assign(part=name, day=_named(rows["moment"]))


def _named(moments: pd.Series) -> pd.Series:
    """The day of each moment, as text."""
    days = moments.dt.normalize()
    return days.map({day: str(day.date()) for day in days.unique()}).astype("str")


def _counts(known: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Rows and labels by part, day and perhaps a group."""
    counted = known.groupby(by)["label"].agg(rows="size", labels="sum").reset_index()
    return counted.sort_values(by, kind="stable", ignore_index=True)


def _awaited(impressions, outcomes, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Impressions and answers of days whose own labels are not mature, as days of a part."""
    shown = [frame["at"] for frame in impressions]
    came = [responses(frame, kinds)["at"] for frame in outcomes]
    rows = pd.concat([_by_day(shown, "rows"), _by_day(came, "labels")], axis=1)
    rows = rows[rows["rows"].notna()].fillna(0).astype("int64").sort_index()
    rows["labels"] = rows[["rows", "labels"]].min(axis=1)
    return rows.rename_axis("day").reset_index().assign(part="awaited")


def _by_day(moments: list[pd.Series], name: str) -> pd.Series:
    return pd.concat([pd.Series(dtype="str"), *map(_named, moments)]).value_counts().rename(name)


def _learnt(learnt: pd.DataFrame, champion: dict | None) -> list[dict]:
    """The days learnt from, together, beside the days the champion learnt from."""
    card = {} if champion is None else champion.get("card.json", {})
    rate, rows = card.get("base_rate"), card.get("rows", 0)
    if rate is None or learnt.empty:
        return []
    past = {"rows": rows, "labels": round(rate * rows)}
    place = {"part": "train", "day": learnt["day"].max(), "since": learnt["day"].min()}
    now = learnt[["rows", "labels"]].sum().to_dict()
    return [_tested({**place, "slice": "", "value": ""}, now, past, DRIFT)]


def _days(days: pd.DataFrame, learnt: pd.DataFrame) -> list[dict]:
    past = learnt[["rows", "labels"]].sum().to_dict()
    return [
        _tested(
            {"part": one["part"], "day": one["day"], "since": one["day"], "slice": "", "value": ""},
            one, past, DRIFT,
        )
        for one in days.to_dict("records")
        if one["rows"] >= ENOUGH and past["rows"] > one["rows"]
    ]  # fmt: skip


def _groups(known: pd.DataFrame, group: str) -> list[dict]:
    """Campaigns (or slots) over recent days beside their own days before, or everybody's."""
    counted = _counts(known, ["day", group])
    found = []
    for since, until in _windows(known):
        recent = counted[counted["day"].between(since, until) & (counted["rows"] > 0)]
        before = counted[counted["day"] < since]
        own = before.groupby(group)[["rows", "labels"]].sum().to_dict("index")
        everybody = before[["rows", "labels"]].sum().to_dict()
        for name, now in recent.groupby(group)[["rows", "labels"]].sum().to_dict("index").items():
            if now["rows"] < ENOUGH or everybody["rows"] == 0:
                continue
            past = own.get(name, everybody)
            has_both = name in own and 0 < past["labels"] < past["rows"]
            place = {"part": "recent", "day": until, "since": since, "slice": group,
                     "value": str(name)}  # fmt: skip
            found.append(
                _tested(place, now, past, DRIFT) if has_both
                else _tested(place, now, everybody, SPREAD)
            )  # fmt: skip
    return found


def _windows(known: pd.DataFrame) -> list[tuple[str, str]]:
    """First and last day: each day not learnt from, and the last RECENT days together."""
    days = sorted(known["day"].unique())
    alone = sorted(known.loc[known["part"] != "train", "day"].unique())
    return [(day, day) for day in alone] + [
        (days[-count], days[-1]) for count in RECENT if count < len(days)
    ]


def _tested(place: dict, now: dict, past: dict, room: float) -> dict:
    """A count beside what its past promises, and the chance of one as far off or further."""
    from scipy.special import bdtr, bdtrc

    rows, labels = int(now["rows"]), int(now["labels"])
    rate = past["labels"] / past["rows"]
    low, high = interval_of(int(past["labels"]), int(past["rows"]))
    room = room if 0 < labels < rows else room / COLLAPSED
    few = float(bdtr(labels, rows, _odds_times(low, 1 / room)))
    many = float(bdtrc(labels - 1, rows, _odds_times(high, room))) if labels else 1.0
    chance = few if labels <= rate * rows else many
    return {**place, "rows": rows, "labels": labels, "expected": number(rate * rows),
            "room": room, "chance": chance}  # fmt: skip


def _odds_times(rate: float, factor: float) -> float:
    """The rate whose odds are ``factor`` times those of ``rate``.

    >>> _odds_times(0.5, 3.0)
    0.75
    """
    return rate * factor / (rate * factor + 1 - rate)


def interval_of(labels: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Clopper and Pearson 1934); 0 to 1 without rows.

    >>> interval_of(0, 0), round(interval_of(0, 100)[1], 3)
    ((0.0, 1.0), 0.036)
    """
    from scipy.special import betaincinv

    low = betaincinv(labels, rows - labels + 1, 0.025) if labels else 0.0
    high = betaincinv(labels + 1, rows - labels, 0.975) if labels < rows else 1.0
    return float(low), float(high)


def _day(one: dict) -> dict:
    low, high = interval_of(one["labels"], one["rows"])
    return {**one, "rate": number(one["labels"] / one["rows"]),
            "low": number(low), "high": number(high)}  # fmt: skip


def _absences(absent: pd.DataFrame) -> list[dict]:
    counted = absent.groupby(["part", "day"]).size().reset_index(name="rows")
    unknown = {"slice": "", "value": "", "labels": None, "expected": None, "room": None}
    return [
        {**one, "since": one["day"], **unknown, "chance": 0.0} for one in counted.to_dict("records")
    ]


def _told(found: list[dict]) -> list[dict]:
    """The least likely first. Of a day on which nothing (or everything) was answered, the day
    alone; of another, the campaigns and slots it is broken in, where there are any."""
    whole = [one for one in found if not one["slice"]]
    dead = {one["day"] for one in whole if one["labels"] in (0, one["rows"])}
    parts = [one for one in found if one["slice"] and one["day"] not in dead]
    partly = {one["day"] for one in parts}
    kept = [one for one in whole if one["day"] in dead or one["day"] not in partly] + parts
    order = sorted(kept, key=lambda one: (one["day"], one["slice"], one["value"], one["since"]))
    first = {(one["day"], one["slice"], one["value"]): one for one in order}
    return sorted(
        first.values(), key=lambda one: (one["chance"], one["day"], one["slice"], one["value"])
    )
