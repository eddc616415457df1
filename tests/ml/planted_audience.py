"""A night one can count in one's head: 300 listeners in three segments, for tests of requests.

Listeners 0 to 99 are in s1 ("evening, calm"), 100 to 199 in s2 ("Party"), 200 to 279 in s3
("children"); the last 20 are unknown yet. Every second pays nothing, every third is in SE, and
every tenth did not consent.
"""

import datetime as dt
import json

import numpy as np
import pandas as pd

from ml.audience_files import read
from ml.privacy import PseudonymKey, pseudonym
from ml.segments.assignment import UNKNOWN

NIGHT = dt.date(2026, 1, 25)
KEY = PseudonymKey(b"known to the tests alone")
LISTENERS = 300
SEGMENTS = {"s1": "evening, calm", "s2": "Party", "s3": "children"}
IDS = pd.Series([f"id-{at:03d}" for at in range(LISTENERS)], dtype="str")
NAMES = pseudonym(IDS, KEY)


AGREED = [at for at in range(LISTENERS) if at % 10]
"""Who consented, by place."""


def asked(folder, name="wanted", lists=(), forgotten=None, **fields):
    """A request as it is read from its files; ``lists`` are (file, positions of listeners)."""
    (folder / f"{name}.json").write_text(json.dumps({"title": "Wanted", **fields}))
    for file, listeners in lists:
        (folder / file).write_text("\n".join(["listener", *IDS.iloc[listeners]]) + "\n")
    return read(sorted(folder.iterdir()), forgotten, name=name, key=KEY)


def tonight(minimum=10, withheld=(), shards=1, **changed):
    """What `ml.requested_audience.build` is given beside the request."""
    facts = {
        "names": {"names.json": {"segments": [
            {"id": one, "name": name, "color": "#123456", "discovered_name": name}
            for one, name in SEGMENTS.items()
        ]}},
        "guard": {"guard.json": {"segments": [
            {"id": one, "name": name, "published": one not in withheld,
             "sentence": f"{name} gives an age away." if one in withheld else ""}
            for one, name in SEGMENTS.items()
        ]}},
        "membership": split(membership(), shards),
        "listeners": split(accounts(), shards),
        "consent": split(consent(), shards),
        "night": NIGHT, "minimum": minimum, "consent_required": True,
    }  # fmt: skip
    return facts | changed


def split(frame, shards):
    return [frame[at::shards].reset_index(drop=True) for at in range(shards)]


def membership():
    segment = np.repeat([*SEGMENTS, UNKNOWN], [100, 100, 80, 20])
    probability = np.where(segment == UNKNOWN, np.nan, 1 - np.arange(LISTENERS) / 1000)
    frame = pd.DataFrame({"listener": NAMES, "segment": segment, "probability": probability})
    return frame.astype({"segment": "str"}).sort_values("listener", ignore_index=True)


def accounts():
    at = np.arange(LISTENERS)
    return pd.DataFrame(
        {
            "listener": NAMES,
            "tier": np.where(at % 2 == 0, "free", "paid"),
            "country": np.where(at % 3 == 0, "SE", "DE"),
            "device": "phone",
            "age_band": "25-34",
        }
    ).astype({"tier": "str", "country": "str", "device": "str", "age_band": "str"})


def consent(refusing=range(0, LISTENERS, 10)):
    agreed = ~np.isin(np.arange(LISTENERS), list(refusing))
    return pd.DataFrame({"listener": NAMES, "personalised_ads": agreed})


def exposures(folder, campaign="c1", times=3, listeners=range(50), days_ago=0):
    """The partials of one day in which some listeners met a campaign so many times."""
    met = folder / f"day-{days_ago}"
    met.mkdir()
    shown = pd.DataFrame({
        "day": pd.Series(pd.Timestamp(NIGHT) - pd.Timedelta(days=days_ago),
                         index=range(len(listeners)), dtype="datetime64[ms]"),
        "listener": NAMES.iloc[list(listeners)].to_numpy(dtype=object), "ad": "a1",
        "campaign": campaign, "advertiser": "x", "impressions": times, "responses": 0,
    })  # fmt: skip
    shown.astype({"listener": "str"}).to_parquet(met / "listener_ad.parquet")
    return met


def positions(members):
    """Which listeners members are, by their place in the planted night."""
    return sorted(pd.Index(NAMES).get_indexer(members["listener"]).tolist())
