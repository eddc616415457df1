"""Ad targeting: how likely is this listener to respond to this ad, at this moment?"""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ml.families.ad_gates import AD_GATES, ARRIVED
from ml.family import Baseline, Family, Frames, Gate, Knob, ModelRecipe, Windows
from ml.features import ad_day, ad_interest, listening_day
from ml.features.ad_alternatives import alternatives
from ml.features.ad_day import OPEN
from ml.features.ad_features import CATEGORICAL, FEATURE_GROUPS, FEATURES, ad_features
from ml.features.ad_moments import ad_moments
from ml.features.ad_opportunities import MOST_LISTENERS, opportunities, seen_listeners
from ml.features.ad_slices import SENSITIVE, ad_slices
from ml.features.eligibility import eligible
from ml.labels import no_outcomes, responded

RAW = (
    *("slot", "ad", "campaign", "advertiser", "format", "device", "mood", "country"),
    *("hour", "break_position", f"{OPEN}*"),
)
"""What every log of adverts holds, before anything is counted: what the baselines may see."""

CROSSED = (
    *(("slot", "ad"), ("slot", "campaign"), ("slot", "advertiser"), ("slot", "device")),
    *(("ad", "device"), ("ad", "hour"), ("ad", "mood")),
)


def summarise(
    *,
    day: dt.date,
    listens: pd.DataFrame | None = None,
    impressions: pd.DataFrame,
    outcomes: pd.DataFrame,
    tracks: pd.DataFrame | None = None,
) -> Frames:
    """One day of one shard as integer partials: advertising and listening."""
    advertising = ad_day.summarise(day, impressions, outcomes)
    listening = listening_day.summarise(day, listens, tracks)
    return advertising | listening | ad_interest.summarise(advertising, listening)


def examples(
    *,
    day: dt.date,
    listens: pd.DataFrame | None = None,
    impressions: pd.DataFrame,
    outcomes: Sequence[pd.DataFrame],
    history: Sequence[Frames] = (),
    pooled: Sequence[Frames] = (),
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The impressions of ``day``, what was known at their moment, and whether they were answered.

    Columns: listener, impression, ad, campaign, advertiser, moment, label, the features, the
    slices not among them; sorted by moment, listener and impression. ``outcomes`` are those of
    ``day`` and of as many days after it as labels take to mature. Without ``listeners`` all are
    taken for free listeners, without ``consent`` all have consented.
    """
    kept = impressions[eligible(impressions["listener"], listeners, consent)]
    rows = kept.sort_values(["at", "listener", "impression"], kind="stable", ignore_index=True)
    features = ad_features(
        rows,
        day=day,
        shown=rows,
        listens=listens,
        outcomes=outcomes[0] if outcomes else no_outcomes(),
        history=history or [_empty_day(day, rows)],
        pooled=pooled or [_empty_day(day, rows)],
        listeners=listeners,
    )
    named = rows[["listener", "impression", "ad", "campaign", "advertiser"]].assign(
        moment=rows["at"], label=responded(rows, outcomes)
    )
    return pd.concat([named, features, ad_slices(rows, features, listeners)], axis=1)


def candidates(
    *,
    day: dt.date,
    history: Sequence[Frames],
    pooled: Sequence[Frames],
    campaigns: pd.DataFrame | None = None,
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Recent listeners and running campaigns, as opportunities on the day after ``day``.

    Columns: listener, campaign, ad, moment and the features, by the same code as in training;
    sorted by listener and campaign. Of the eligible listeners the MOST_LISTENERS seen last are
    taken. ``history`` and ``pooled`` end with ``day``, and are not empty.
    """
    morrow = day + dt.timedelta(days=1)
    seen = seen_listeners(history, morrow)
    kept = seen[eligible(seen, listeners, consent)].head(MOST_LISTENERS).reset_index(drop=True)
    rows = opportunities(kept, history, pooled, campaigns, morrow)
    features = ad_features(
        rows,
        day=morrow,
        shown=rows[:0],
        listens=None,
        outcomes=no_outcomes(),
        history=history,
        pooled=pooled,
        listeners=listeners,
    )
    named = rows[["listener", "campaign", "ad"]].assign(moment=rows["at"])
    return pd.concat([named, features], axis=1)


def _empty_day(day: dt.date, impressions: pd.DataFrame) -> Frames:
    return summarise(day=day, impressions=impressions[:0], outcomes=no_outcomes())


AD_TARGETING = Family(
    name="ad_targeting",
    title="Ad targeting",
    question="How likely is this listener to respond to this ad, at this moment?",
    required_tables=("impressions", "outcomes"),
    optional_tables=("listens", "tracks", "campaigns", "listeners", "consent", "forgotten"),
    # An answer counts for one day (ml.labels.ATTRIBUTION), so labels are mature a day later.
    windows=Windows(history=28, train=14, stop=1, test=1, maturity=1),
    model=ModelRecipe(
        objective="binary",
        features=FEATURES,
        categorical=CATEGORICAL,
        open_features=(OPEN,),
        parameters=(
            ("learning_rate", 0.05),
            ("num_leaves", 24),
            ("min_data_in_leaf", 50),
            # Responses are rare: a leaf needs enough of them, not only enough rows.
            ("min_sum_hessian_in_leaf", 3.0),
            ("feature_fraction", 0.4),
            ("lambda_l2", 10.0),
            ("cat_smooth", 50.0),
        ),
        rounds=400,
        patience=30,
    ),
    summarise=summarise,
    examples=examples,
    candidates=candidates,
    slices=(
        "device",
        "slot",
        "format",
        "country",
        "listener_newness",
        "ad_newness",
        "campaign_newness",
        *SENSITIVE,
    ),
    gates=(
        ARRIVED,
        # With fifty answers on the test day, normalized entropy cannot tell a good model from the
        # base rate; whether it ranks better than chance, it can.
        Gate("surely better than chance", "auc", low=0.5, on="proven"),
        # Two learners differ by chance on one day's rows, and a regression does well where little
        # is to be learnt; falling clearly behind is another thing.
        Gate(
            "not behind simpler models",
            "normalized_entropy",
            high=0.01,
            on="baseline",
            certain=True,
        ),
        *AD_GATES,
    ),
    curves=(
        ("hour", "Hour of the day"),
        ("break_position", "Place in the break"),
        ("ad_exposures_7d", "How often this ad was heard in the 7 days before"),
        ("campaign_exposures_7d", "How often this campaign was heard in the 7 days before"),
    ),
    feature_groups=FEATURE_GROUPS,
    keys=("listener", "campaign", "ad"),
    audience_group="campaign",
    pool=ad_day.pool,
    most_listeners=MOST_LISTENERS,
    required_outcomes=("click",),
    # A bid is what an advertiser pays for a click. Being heard is worth a little, a conversion
    # more than the visit it began with; an advert that annoys costs the service a listener's
    # patience.
    worth=(
        ("ad_targeting", 1.0),
        ("ad_completion", 0.05),
        ("ad_skip", -0.1),
        ("ad_conversion", 2.0),
    ),
    moments=ad_moments,
    alternatives=alternatives,
    search=(
        Knob("learning_rate", 0.02, 0.2, log=True),
        Knob("num_leaves", 8, 96, log=True, whole=True),
        Knob("min_data_in_leaf", 10, 500, log=True, whole=True),
        Knob("min_sum_hessian_in_leaf", 0.1, 30.0, log=True),
        Knob("feature_fraction", 0.2, 1.0),
        Knob("lambda_l2", 0.1, 100.0, log=True),
        Knob("cat_smooth", 5.0, 200.0, log=True),
    ),
    most_exposures=("campaign_exposures_7d", 20),
    baselines=(
        Baseline("smoothed ad rate", "rates", ("ad",)),
        Baseline("smoothed slot x ad rate", "rates", ("slot", "ad")),
        Baseline("logistic regression", "logistic", RAW, CROSSED),
        Baseline("plain LightGBM", "trees", ("listener", *RAW)),
    ),
)
