"""The adverts: who advertises what, from when to when, and how well it works."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.catalogue import names
from ml.world.world import World

FORMATS = ("audio", "display", "video")
SLOTS = ("preroll", "midroll", "now_playing", "home", "takeover")
CAMPAIGNS_SHARE = 0.45
ADVERTISERS = 30


@dataclass(frozen=True)
class Adverts:
    """Arrays with one entry an advert, in order of their first day."""

    campaign: np.ndarray
    advertiser: np.ndarray
    format: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    bid_micros: np.ndarray
    weight: np.ndarray
    quality: np.ndarray

    def live(self, number: int) -> np.ndarray:
        """The adverts that may be shown on a day."""
        return np.flatnonzero((self.starts <= number) & (number < self.ends))


def adverts(world: World, number: int) -> Adverts:
    """Every advert that has begun by day ``number``; an advert's traits depend on itself alone."""
    count = world.ads + int(np.floor(world.new_ads_per_day * number))
    ad = np.arange(count)
    seed = world.seed
    later = np.ceil((ad - world.ads + 1) / world.new_ads_per_day).astype("int64")
    starts = np.where(ad < world.ads, -(30 * chance.unit(seed, ad, 21)).astype("int64"), later)
    # Adverts of one campaign follow one another: a campaign is three or so adverts of one client.
    campaign = (ad * CAMPAIGNS_SHARE).astype("int64")
    rank = (ADVERTISERS * chance.unit(seed, campaign, 22) ** 2.4).astype("int64")
    kind = chance.unit(seed, campaign, 23)
    lasting = 8 + (36 * chance.unit(seed, ad, 24)).astype("int64")
    return Adverts(
        campaign=campaign,
        advertiser=rank,
        format=np.select([kind < 0.6, kind < 0.85], [0, 1], 2),
        starts=starts,
        ends=np.where(ad < world.ads, 3 + lasting, starts + lasting),
        bid_micros=(1_000_000 * np.exp(0.6 * chance.normal(seed, campaign, 25))).astype("int64"),
        weight=np.exp(0.9 * chance.normal(seed, ad, 26)) / (1 + rank) ** 0.8,
        quality=0.40 * chance.normal(seed, ad, 27),
    )


def campaigns(world: World, number: int) -> pd.DataFrame:
    """The CAMPAIGNS table: adverts that run, or ended within the last month."""
    every = adverts(world, number)
    shown = np.flatnonzero(every.ends + 30 > number)
    first = pd.Timestamp(world.first_day)
    return pd.DataFrame(
        {
            "ad": names("ad", shown),
            "campaign": names("campaign", every.campaign[shown]),
            "advertiser": names("advertiser", every.advertiser[shown]),
            "format": np.array(FORMATS, dtype=object)[every.format[shown]],
            "starts": first + pd.to_timedelta(every.starts[shown], unit="D"),
            "ends": first + pd.to_timedelta(every.ends[shown], unit="D"),
            "bid_micros": every.bid_micros[shown],
        }
    ).astype(
        {"ad": "str", "campaign": "str", "advertiser": "str", "format": "str",
         "starts": "datetime64[ms]", "ends": "datetime64[ms]"}
    )  # fmt: skip
