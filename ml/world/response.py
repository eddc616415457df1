"""What makes a listener click: the planted truth of advertising, one logit with named parts."""

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.adverts import FORMATS, SLOTS, Adverts
from ml.world.exposures import seen_before
from ml.world.habits import HABITS, MOODS
from ml.world.population import Population
from ml.world.world import World

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
DAY_MS = 24 * HOUR_MS

INTERCEPT = -3.56
FATIGUE = -0.45
"""Per logarithm of one plus the times the same advert was met in the last seven days."""
POSITION = -0.28
"""Per place in the break."""
AFFINITY = 0.50
"""Spread of what a segment thinks of a campaign."""
HOURS = (-.2, -.2, -.2, -.2, -.2, -.2, -.1, -.1, -.1, 0, 0, 0, .1, 0, 0, 0, .1, .2,
         .55, .55, .55, .55, .4, 0)  # fmt: skip
MOOD = {"energetic": 0.30, "happy": 0.25, "calm": -0.10, "sad": -0.30, "focus": -0.40,
        "unknown": 0.0}  # fmt: skip
SLOT = {"preroll": -0.55, "midroll": -0.30, "now_playing": 0.35, "home": 0.05, "takeover": 0.80}
CONVERSION = 0.15
"""Share of clicks that convert, sooner or later."""
# Delay of conversions: share, from and to in minutes; log-uniform within.
LATENESS = ((.35, 1, 60), (.15, 60, 1440), (.37, 1440, 20_160), (.13, 20_160, 43_200))
MAXIMUM_DELAY_DAYS = 31


def parts(world: World, people: Population, ads: Adverts, shown: pd.DataFrame) -> pd.DataFrame:
    """The parts of every impression's click logit; their sum is the truth."""
    habit, ad = shown["habit"].to_numpy(), shown["ad"].to_numpy()
    hour = (shown["at"].to_numpy() // HOUR_MS) % 24
    return pd.DataFrame(
        {
            "intercept": INTERCEPT,
            "hour": np.array(HOURS)[hour],
            "mood": np.array([MOOD[mood] for mood in MOODS])[shown["mood"]],
            "slot": np.array([SLOT[slot] for slot in SLOTS])[shown["slot"]],
            "position": POSITION * shown["position"].to_numpy(),
            "fatigue": FATIGUE * np.log1p(seen_before(shown)),
            "segment": np.array([each.click for each in HABITS])[habit],
            "affinity": AFFINITY * affinity(world, habit, ads.campaign[ad]),
            "ad": ads.quality[ad],
            "listener": people.propensity[shown["listener"]],
        },
        index=shown.index,
    )


def affinity(world: World, habit: np.ndarray, campaign: np.ndarray) -> np.ndarray:
    """What a segment thinks of a campaign, in standard deviations."""
    return chance.normal(world.seed, habit, campaign, 31)


def probability(logit_parts: pd.DataFrame) -> np.ndarray:
    """The chance of a click."""
    return 1.0 / (1.0 + np.exp(-logit_parts.to_numpy().sum(axis=1)))


def outcomes(people: Population, shown: pd.DataFrame, click: np.ndarray) -> pd.DataFrame:
    """All that ever follows from ``shown``: index of the impression, kind, ``at`` in ms."""
    at = shown["at"].to_numpy()
    clicked = shown["u_click"].to_numpy() < click
    click_at = at + _click_delay(shown["u_delay"].to_numpy())
    converted = clicked & (shown["u_convert"].to_numpy() < CONVERSION)
    heard = _listened_through(people, shown)
    return pd.concat(
        [
            _of(shown, clicked, "click", click_at),
            _of(shown, heard, "listen_through", at + 28_000),
            _of(shown, converted, "conversion", click_at + conversion_delay(shown["u_late"])),
        ],
        ignore_index=True,
    )


def _of(shown: pd.DataFrame, where: np.ndarray, kind: str, at: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"row": np.flatnonzero(where), "kind": kind, "at": at[where]})


def _listened_through(people: Population, shown: pd.DataFrame) -> np.ndarray:
    """Adverts with sound are heard to their end, less often by those who skip songs."""
    patience = 0.92 - 0.6 * people.skip[shown["listener"]]
    sound = shown["format"].to_numpy() != FORMATS.index("display")
    return sound & (shown["u_through"].to_numpy() < patience)


def _click_delay(draws: np.ndarray) -> np.ndarray:
    """Nearly always within a minute, now and then an hour later, never after a day."""
    return _log_uniform(draws, ((0.90, 0.03, 0.6), (0.08, 0.6, 60), (0.02, 60, 1380)))


def conversion_delay(draws: pd.Series) -> np.ndarray:
    """From the click to the conversion, in ms: see LATENESS."""
    return _log_uniform(np.asarray(draws), LATENESS)


def _log_uniform(draws: np.ndarray, spans: tuple[tuple[float, float, float], ...]) -> np.ndarray:
    share, low, high = (np.array(each) for each in zip(*spans, strict=True))
    edges = np.concatenate([[0.0], np.cumsum(share)])
    span = np.clip(np.searchsorted(edges, draws, side="right") - 1, 0, len(share) - 1)
    within = (draws - edges[span]) / share[span]
    return np.floor(low[span] * (high[span] / low[span]) ** within * MINUTE_MS).astype("int64")
