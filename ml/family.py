"""What one kind of model must say about itself; every stage is written once, for all families.

A family is data: a frozen record of names, windows, gates and the pure functions that differ
from family to family. Adding one is one file in ``ml/families`` and one line in its list.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class ModelRecipe:
    """Everything that shapes a trained model, bound into its key.

    ``keep_negatives`` is the share of negative examples used for training; predictions are
    corrected for it (He et al. 2014, section 6.3). Categorical features are strings.
    """

    objective: Literal["binary", "multiclass"]
    features: tuple[str, ...]
    categorical: tuple[str, ...] = ()
    parameters: tuple[tuple[str, float | int | str | bool], ...] = ()
    rounds: int = 400
    patience: int = 30
    keep_negatives: float = 1.0
    seed: int = 7
    open_features: tuple[str, ...] = ()
    """Prefixes (such as ``attr_``) of features that a source may bring without being named here."""


@dataclass(frozen=True)
class Knob:
    """A parameter that a search may turn, between bounds (both included); see ml.search.

    ``log`` looks at small values as closely as at large ones, ``whole`` at whole numbers only.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Gate:
    """A rule a model must pass before it may go live.

    ``metric`` names a figure of the evaluation, ``low`` and ``high`` the bounds it must lie in,
    ``on`` where it is looked at: the whole test day, each large slice, against the champion;
    ``proven`` is the whole test day, where the whole 95 % interval must lie inside the bounds;
    ``labels`` asks whether answers arrived as on earlier days (``ml.label_health``), ``cold
    start`` whether new ads and listeners are judged about as well as known ones, ``delivery``
    whether the best scores go to every group, ``churn`` how many listeners would change segment.
    """

    name: str
    metric: str
    low: float | None = None
    high: float | None = None
    on: Literal[
        "overall", "slices", "champion", "champion slices", "baseline",
        "proven", "labels", "cold start", "delivery", "churn",
    ] = "overall"  # fmt: skip
    minimum_rows: int = 0
    """Rows it takes to judge: with fewer a slice is passed over, and a whole model refused."""
    certain: bool = False
    """Refuse only when the whole 95 % interval lies outside the bounds (see ml.gates)."""
    of: tuple[str, ...] = ()
    """Names of the slices, baselines or (for churn) definitions looked at; all when empty."""


@dataclass(frozen=True)
class Baseline:
    """A predictor that a model must be better than, learnt on the same days (ml.baselines).

    ``kind`` is ``rates`` (the smoothed rate of each combination of ``columns``), ``logistic``
    (a regression on hashed columns and ``pairs`` of them, calibrated) or ``trees`` (plain
    LightGBM on the columns, text as codes). ``attr_*`` stands for all columns that begin so.
    """

    name: str
    kind: Literal["rates", "logistic", "trees"]
    columns: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Windows:
    """Which days a night looks at, counted in days before the night.

    The labels of a day are read ``maturity`` days later, so a night's newest labelled day is
    ``night - maturity``: it is the test day. The ``stop`` days before it stop and calibrate the
    training, the ``train`` days before those are learnt from. ``history`` days lie strictly
    before each example's day and feed its features.
    """

    history: int = 28
    train: int = 14
    stop: int = 1
    test: int = 1
    maturity: int = 0

    def test_days(self, night: dt.date) -> list[dt.date]:
        """The days the model is judged on, oldest first."""
        return _days(night - dt.timedelta(self.maturity), self.test)

    def stop_days(self, night: dt.date) -> list[dt.date]:
        """The days that stop and calibrate the training, oldest first."""
        return _days(night - dt.timedelta(self.maturity + self.test), self.stop)

    def train_days(self, night: dt.date) -> list[dt.date]:
        """The days learnt from, oldest first."""
        return _days(night - dt.timedelta(self.maturity + self.test + self.stop), self.train)


def _days(last: dt.date, count: int) -> list[dt.date]:
    return [last - dt.timedelta(back) for back in reversed(range(count))]


@dataclass(frozen=True)
class Family:
    """One kind of model: what it reads, how it learns, when it may go live.

    A function is given an input (a table, ``history``, ``pooled``, ``definitions``,
    ``membership``) exactly when it has a parameter of that name, so what it does not read never
    makes it run again.
    """

    name: str
    title: str
    question: str
    required_tables: tuple[str, ...]
    optional_tables: tuple[str, ...]
    windows: Windows
    model: ModelRecipe
    summarise: Callable[..., Frames]
    examples: Callable[..., pd.DataFrame]
    candidates: Callable[..., pd.DataFrame]
    slices: tuple[str, ...]
    gates: tuple[Gate, ...]
    keys: tuple[str, ...]
    """Columns of the candidates that a score is about, such as listener and campaign."""
    audience_group: str | None
    """The column whose values are the audiences, such as campaign; None where none are built."""
    pool: Callable[..., Frames] | None = None
    """Sums over the shards of a day, of what crosses listeners; None where nothing does."""
    one_of: tuple[str, ...] = ()
    """Tables of which any one is enough, such as a log of plays or counts of them."""
    shares: str | None = None
    """The family whose examples and candidates this one uses, with a label of its own; then
    ``examples`` has a parameter ``shared`` instead of the inputs of its own."""
    scope: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    """The rows this family can speak about, such as adverts with sound; None is all."""
    required_outcomes: tuple[str, ...] = ()
    """Kinds of OUTCOMES a source must log; without them there is nothing to learn."""
    worth: tuple[tuple[str, float], ...] = ()
    """What the outcomes that families foretell are worth, in bids; a value is their sum."""
    moments: Callable[..., pd.DataFrame] | None = None
    """Candidates at every moment of a day; None where when to address somebody is no question."""
    moments_per_day: int = 3
    """How many moments of a day are good enough to use (a frequency cap)."""
    alternatives: Callable[..., pd.DataFrame] | None = None
    """The adverts that might have been shown at logged opportunities (ml.policies); None where
    there is no choice to judge."""
    most_exposures: tuple[str, int] | None = None
    """A column of the candidates, and above how many nobody is addressed (a frequency cap)."""
    search: tuple[Knob, ...] = ()
    """Where a search for better parameters may look; empty where none is made."""
    baselines: tuple[Baseline, ...] = ()
    """Predictors to stand beside, beside the base rate; for binary families."""
    slice_rows: int = 500
    """Test rows it takes to judge a slice; with fewer it is noted."""
    curves: tuple[tuple[str, str], ...] = ()
    """Columns of the examples along which the report draws a curve, each with its title."""
    feature_groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Groups of features whose worth is measured by leaving them out; every feature in one."""
    most_listeners: int | None = None
    """How many listeners of one shard ``candidates`` gives at most; None where all are given."""
    audience_share: float = 0.1
    shelf_life: int = 14
    """Days a model may be live before monitoring calls it stale."""
    split: Literal["day", "listener"] = "day"
    """Whether examples are split into training and test by day, or by listener within a day."""
    discover: Callable[..., dict] | None = None
    discover_every: int = 28
    """Days between two discoveries of definitions (a slow clock); only with ``discover``."""
    hysteresis: float = 0.0
    """How much more probable another segment must be before a listener changes into it."""
    settle: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    """What a family still decides about its scores, such as calling an answer unknown yet."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table the family may read."""
        return (*self.required_tables, *self.one_of, *self.optional_tables)

    @property
    def score_columns(self) -> tuple[str, ...]:
        """What a score carries of its candidate: the keys, and what the frequency cap looks at."""
        return (*self.keys, self.most_exposures[0]) if self.most_exposures else self.keys
