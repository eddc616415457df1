"""What follows an advert beside the click: how far it is heard, whether it annoys, who buys.

Adverts with sound are left in two ways. Some listeners are annoyed, which is planted as a logit:
they skip or mute, most of them while the advert still runs. Others just end their session. Who
does neither has heard it to the end. A conversion follows a click, or comes without one.
"""

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.adverts import FORMATS, Adverts
from ml.world.habits import DEVICES, MOODS
from ml.world.population import Population
from ml.world.response import affinity
from ml.world.world import World

AD_MS = 28_000
MINUTE_MS = 60_000
QUARTERS = (25, 50, 75, 100)

ANNOYED = -2.3
ANNOYED_BY_SKIPPING = 3.0
"""Per unit of the share of songs the listener skips, from the middle of all listeners on."""
ANNOYED_BY_REPEATS = 0.40
"""Per logarithm of one plus the times the same advert was met in the last seven days."""
ANNOYED_BY_PLACE = 0.25
ANNOYED_BY_CAMPAIGN = -0.40
ANNOYED_IN_FOCUS = 0.50
MUTES = 0.3
"""Share of the annoyed who mute; the others skip."""
AFTER_THE_END = 0.25
"""Share of the annoyed whose skip comes when the advert is over."""
ENDS = {"phone": 0.06, "speaker": 0.04, "desktop": 0.08, "tablet": 0.06, "car": 0.02}
"""Share of adverts during which the session ends, by device."""

CONVERSION = 0.30
"""Share of clicks that convert, sooner or later."""
UNCLICKED = -4.7
"""Logit of a conversion without a click, of an average advert."""
# Delay of conversions: share, from and to in minutes; log-uniform within.
LATENESS = ((.35, 1, 60), (.15, 60, 1440), (.37, 1440, 20_160), (.13, 20_160, 43_200))
MAXIMUM_DELAY_DAYS = 31
CLICK_DELAY = ((0.90, 0.03, 0.6), (0.08, 0.6, 60), (0.02, 60, 1380))

_ENDED, _WHERE, _MUTED = 41, 42, 43


def annoyance(world: World, people: Population, ads: Adverts, shown: pd.DataFrame) -> np.ndarray:
    """The chance that an impression is skipped or muted; 0 for adverts without sound."""
    mood = shown["mood"].to_numpy()
    logit = (
        ANNOYED
        + ANNOYED_BY_SKIPPING * (people.skip[shown["listener"]] - 0.28)
        + ANNOYED_BY_REPEATS * np.log1p(shown["met"].to_numpy())
        + ANNOYED_BY_PLACE * shown["position"].to_numpy()
        + ANNOYED_BY_CAMPAIGN
        * affinity(world, shown["habit"].to_numpy(), ads.campaign[shown["ad"]])
        + ANNOYED_IN_FOCUS * (mood == MOODS.index("focus"))
    )
    return _has_sound(shown) / (1.0 + np.exp(-logit))


def completion(shown: pd.DataFrame, annoyed: np.ndarray) -> np.ndarray:
    """The chance of being heard to the end, given the chance of annoyance."""
    return _has_sound(shown) * (1 - _ending(shown)) * (1 - annoyed * (1 - AFTER_THE_END))


def conversion(
    world: World, ads: Adverts, shown: pd.DataFrame, click: np.ndarray, days: float
) -> np.ndarray:
    """The chance of a conversion within ``days`` of the click or the impression."""
    unclicked = _converts_unclicked(world, ads, shown)
    return (click * CONVERSION + (1 - click) * unclicked) * delay_share(days * 1440)


def outcomes(
    world: World, people: Population, ads: Adverts, shown: pd.DataFrame, click: np.ndarray
) -> pd.DataFrame:
    """All that ever follows from ``shown``: index of the impression, kind, ``at`` in ms."""
    at = shown["at"].to_numpy()
    clicked = shown["u_click"].to_numpy() < click
    click_at = at + _log_uniform(shown["u_delay"].to_numpy(), CLICK_DELAY)
    share = np.where(clicked, CONVERSION, _converts_unclicked(world, ads, shown))
    converted = shown["u_convert"].to_numpy() < share
    bought_at = np.where(clicked, click_at, at) + conversion_delay(shown["u_late"])
    return pd.concat(
        [
            _of(clicked, "click", click_at),
            *_heard(world, shown, annoyance(world, people, ads, shown)),
            _of(converted, "conversion", bought_at),
        ],
        ignore_index=True,
    )


def conversion_delay(draws: pd.Series) -> np.ndarray:
    """From the click to the conversion, in ms: see LATENESS."""
    return _log_uniform(np.asarray(draws), LATENESS)


def delay_share(minutes: float) -> float:
    """Share of the conversions that have come after ``minutes``, by LATENESS."""
    come = [
        share * np.clip(np.log(max(minutes, low) / low) / np.log(high / low), 0, 1)
        for share, low, high in LATENESS
    ]
    return float(sum(come))


def _heard(world: World, shown: pd.DataFrame, annoyed: np.ndarray) -> list[pd.DataFrame]:
    """The quarters that were reached, and the skips and mutes."""
    at = shown["at"].to_numpy()
    leaves = shown["u_through"].to_numpy() < annoyed
    ended = _unit(world, shown, _ENDED) < _ending(shown)
    where = _unit(world, shown, _WHERE)
    # The annoyed leave anywhere in the advert or just after it, who ends a session within it.
    left = np.where(leaves, where / (1 - AFTER_THE_END), np.where(ended, where, np.inf))
    left = np.where(leaves & ended, np.minimum(left, where), left)
    reached = np.where(_has_sound(shown), left, 0.0)
    muted = leaves & (_unit(world, shown, _MUTED) < MUTES)
    leave_at = at + np.floor(np.where(leaves, where / (1 - AFTER_THE_END), 0) * AD_MS).astype(int)
    return [
        *(_of(reached >= quarter / 100, f"listened_{quarter}", at + AD_MS * quarter // 100)
          for quarter in QUARTERS),
        _of(leaves & ~muted, "skip", leave_at),
        _of(muted, "mute", leave_at),
    ]  # fmt: skip


def _of(where: np.ndarray, kind: str, at: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"row": np.flatnonzero(where), "kind": kind, "at": at[where]})


def _has_sound(shown: pd.DataFrame) -> np.ndarray:
    return shown["format"].to_numpy() != FORMATS.index("display")


def _ending(shown: pd.DataFrame) -> np.ndarray:
    return np.array([ENDS[device] for device in DEVICES])[shown["device"]]


def _converts_unclicked(world: World, ads: Adverts, shown: pd.DataFrame) -> np.ndarray:
    ad = shown["ad"].to_numpy()
    liking = affinity(world, shown["habit"].to_numpy(), ads.campaign[ad])
    return 1.0 / (1.0 + np.exp(-(UNCLICKED + ads.quality[ad] + 0.5 * liking)))


def _unit(world: World, shown: pd.DataFrame, purpose: int) -> np.ndarray:
    return chance.unit(
        world.seed, shown["number"].to_numpy(), shown["serial"].to_numpy(), purpose
    )


def _log_uniform(draws: np.ndarray, spans: tuple[tuple[float, float, float], ...]) -> np.ndarray:
    share, low, high = (np.array(each) for each in zip(*spans, strict=True))
    edges = np.concatenate([[0.0], np.cumsum(share)])
    span = np.clip(np.searchsorted(edges, draws, side="right") - 1, 0, len(share) - 1)
    within = (draws - edges[span]) / share[span]
    return np.floor(low[span] * (high[span] / low[span]) ** within * MINUTE_MS).astype("int64")
