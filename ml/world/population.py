"""The listeners: who they are, how they listen, when they come, change and go."""

from dataclasses import dataclass

import numpy as np

from ml.world import chance
from ml.world.habits import DEVICES, GENRES, HABITS, hour_profiles, shares
from ml.world.world import HORIZON_DAYS, World

COUNTRIES = ("DE", "US", "GB", "SE", "BR", "FR", "ES", "MX")
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55+", "unknown")
GENDERS = ("female", "male", "other", "unknown")
NEVER = 10**6

# Habits differ by age, as they do in life: the sensitive columns can be guessed from listening.
AGES_BY_HABIT = (
    (2, 4, 3, 2, 1, .6), (4, 4, 2, 1, .3, .6), (1, 2, 3, 3, 2, .6),
    (6, 3, 1, .4, .2, .6), (3, 4, 2, 1, 1, .6), (.5, 3, 5, 2, .6, .6),
)  # fmt: skip


@dataclass(frozen=True)
class Population:
    """Arrays with one entry a listener; days count from the world's first."""

    listener: np.ndarray
    habit: np.ndarray
    later_habit: np.ndarray
    drifts_on: np.ndarray
    joined: np.ndarray
    left: np.ndarray
    upgraded: np.ndarray
    withdrew: np.ndarray
    forgotten: np.ndarray
    active: np.ndarray
    volume: np.ndarray
    skip: np.ndarray
    propensity: np.ndarray
    ad_rate: np.ndarray
    peak: np.ndarray
    taste: np.ndarray
    later_taste: np.ndarray
    country: np.ndarray
    device: np.ndarray
    age_band: np.ndarray
    gender: np.ndarray

    def habit_on(self, number: int) -> np.ndarray:
        """The planted segment of every listener on a day."""
        return np.where(self.drifts_on <= number, self.later_habit, self.habit)

    def taste_on(self, number: int) -> np.ndarray:
        """Cumulative genre shares of every listener on a day (listeners, genres)."""
        return np.where((self.drifts_on <= number)[:, None], self.later_taste, self.taste)

    def here(self, number: int) -> np.ndarray:
        """Who has joined and not left."""
        return (self.joined <= number) & (number < self.left)

    def free(self, number: int) -> np.ndarray:
        """Who pays nothing, and so hears adverts."""
        return self.upgraded > number


def population(world: World) -> Population:
    """Everybody who will ever listen in this world."""
    rng = chance.stream(world.seed, chance.POPULATION)
    n = world.listeners
    habit = rng.choice(len(HABITS), n, p=[each.share for each in HABITS])
    other = (habit + rng.integers(1, len(HABITS), n)) % len(HABITS)
    joined = np.where(rng.random(n) < 0.75, -rng.integers(1, 900, n), rng.integers(0, 180, n))
    left = joined + rng.geometric(1 / 330, n)
    left = np.where(left <= 0, rng.geometric(1 / 330, n), left)
    tastes = shares([each.genres for each in HABITS])
    return Population(
        listener=np.array([f"listener-{number:06d}" for number in range(n)], dtype=object),
        habit=habit,
        later_habit=other,
        drifts_on=_someday(rng, n, 0.06, 10, 90),
        joined=joined,
        left=left,
        upgraded=np.where(rng.random(n) < 0.30, -1, _someday(rng, n, 0.05, 5, HORIZON_DAYS)),
        withdrew=np.where(rng.random(n) < 0.10, -1, _someday(rng, n, 0.04, 5, 200)),
        forgotten=np.where(rng.random(n) < 0.06, left, NEVER),
        active=_active(rng, np.array([each.active for each in HABITS])[habit]),
        volume=np.exp(rng.normal(-0.08, 0.42, n)),
        skip=np.clip(np.array([each.skip for each in HABITS])[habit]
                     * np.exp(rng.normal(0, 0.35, n)), 0.02, 0.8),
        propensity=rng.normal(0, 0.50, n),
        ad_rate=np.exp(rng.normal(0, 0.35, n)),
        peak=chance.pick(np.cumsum(hour_profiles(), axis=1), habit, rng.random(n))
        + rng.random(n),
        taste=_taste(rng, tastes[habit]),
        later_taste=_taste(rng, tastes[other]),
        country=rng.choice(COUNTRIES, n, p=(.22, .2, .14, .1, .12, .1, .07, .05)),
        device=np.array(DEVICES, dtype=object)[chance.pick(
            np.cumsum(shares([each.devices for each in HABITS]), axis=1), habit, rng.random(n))],
        age_band=np.array(AGE_BANDS, dtype=object)[chance.pick(
            np.cumsum(shares(list(AGES_BY_HABIT)), axis=1), habit, rng.random(n))],
        gender=rng.choice(GENDERS, n, p=(.44, .46, .02, .08)),
    )  # fmt: skip


def _someday(
    rng: np.random.Generator, n: int, share: float, earliest: int, latest: int
) -> np.ndarray:
    """A day for a share of the listeners, NEVER for the others."""
    return np.where(rng.random(n) < share, rng.integers(earliest, latest, n), NEVER)


def _active(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    return np.clip(rng.beta(mean * 3.2, (1 - mean) * 3.2), 0.03, 0.99)


def _taste(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """Cumulative genre shares around a segment's, personal for everybody."""
    weights = rng.gamma(mean * len(GENRES) * 0.8 + 0.02) + 1e-9
    return np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
