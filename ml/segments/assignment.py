"""Every night's answer: which frozen segment a listener belongs to, from however little is known.

Labels come from the whole 28-day window; what is learnt from is also cut short, to a listener's
last session, last three or last ten, as if that were all there is. So the model meets newcomers
at training and says "evening, skips little: 0.4" instead of guessing aloud.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features import choices, functional, listening
from ml.features.day_parts import DAY_PARTS
from ml.features.listening_day import KINDS, QUADRANTS
from ml.features.session_day import LEARNERS
from ml.segments.frozen import EVIDENCE, full_features, labels_of, require_valid
from ml.segments.observed import WINDOW, drawn

UNKNOWN = "unknown yet"
UNKNOWN_BELOW = 5
"""With fewer plays in sight the honest answer is "unknown yet"."""

WHOLE = f"{WINDOW} days"
SESSIONS = {1: "1 session", 3: "3 sessions", 10: "10 sessions"}
NEW_DAYS = 28
PARTS = ((60, "train"), (80, "stop"), (100, "test"))
PART_KEY = "setlist segments"

BEHAVIOUR = (
    "active_days_28d",
    "plays_28d",
    "days_since_last_play",
    "days_since_first_play",
    "plays_per_active_day_28d",
    "minutes_per_active_day_28d",
    "skip_rate_28d",
    "listen_through_rate_28d",
    "day_repeat_rate_28d",
    "repeat_share_28d",
    "new_track_share_28d",
    "new_artist_share_28d",
    "artist_variety_28d",
    "plays_per_session_28d",
    "session_minutes_28d",
    "sessions_per_active_day_28d",
    "single_play_share_28d",
    "long_session_share_28d",
    *(f"{part}_share_28d" for part in DAY_PARTS),
    "hour_concentration_28d",
    "weekend_share_28d",
    *(f"functional_{kind}_share_28d" for kind in functional.KINDS),
    "energy_mean_28d",
    "acousticness_mean_28d",
    *(f"mood_{quadrant}_share_28d" for quadrant in QUADRANTS),
)
RECENT = ("plays_7d", "active_days_7d")
MAIN = tuple(f"main_{kind}" for kind in KINDS)
FEATURES = (*BEHAVIOUR, *RECENT, *MAIN, *(f"{name}_share" for name in MAIN))
OPEN_FEATURES = tuple(f"{kind}_share_" for kind in (*KINDS, "scene"))
SLICES = ("evidence", "tenure", "tier", "country", "device")


def examples(
    *,
    day: dt.date,
    history: Sequence[Frames],
    definitions: dict,
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per listener with enough plays and per view with at least five of them in sight.

    At most 20,000 listeners of a shard are learnt from, drawn by a hash of their pseudonym.
    ``history`` are the summaries of the 28 days up to and including ``day``. The label is the
    place of the segment among the definitions', from the whole window; ``class_name`` its id. The
    features are those of the view (``evidence``): all 28 days, or the last sessions of those who
    had as many. All rows of a listener fall into one ``part``: train, stop or test (60 : 20 : 20,
    by a hash).
    """
    frozen = definitions["definitions.json"]
    require_valid(frozen, day)
    days = listening.gather(history)
    labels = labels_of(listening.totals(days, day, WINDOW), frozen)
    labels = labels[_consented(labels.index, consent)]
    labels = labels[labels.index.isin(drawn(labels.index, LEARNERS))]
    # Before sessions are counted from the last one back, those that are still to come must go.
    sessions = listening.window_of(listening.gather_sessions(history), day, WINDOW)
    views = [_view(_first_meeting(sessions, count), day, frozen, labels.index, evidence)
             for count, evidence in SESSIONS.items()]
    views.append(_view(days, day, frozen, labels.index, WHOLE))
    rows = pd.concat(views, ignore_index=True)
    rows = rows.assign(
        label=labels.reindex(rows["listener"]).to_numpy(dtype=np.int64),
        part=part_of(rows["listener"]),
        moment=_end_of(day, len(rows)),
    )
    ids = dict(enumerate(segment["id"] for segment in frozen["segments"]))
    rows["class_name"] = rows["label"].map(ids).astype("str")
    rows = _with_slices(rows, day, listeners)
    # The views come from the shortest to the longest, and a stable sort keeps them so.
    return rows.sort_values(["moment", "listener"], kind="stable", ignore_index=True)


def candidates(
    *,
    day: dt.date,
    history: Sequence[Frames],
    definitions: dict,
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every listener heard in the window or known to the service, with all that is in sight.

    ``enough_evidence`` is False below five plays: their segment is "unknown yet", whatever the
    model says.
    """
    frozen = definitions["definitions.json"]
    require_valid(frozen, day)
    features = visible_features(listening.gather(history), day, frozen)
    known = _known(features.index, listeners)
    known = known[_consented(known, consent)]
    features = features.reindex(known)
    counted = ["plays_28d", "active_days_28d", *RECENT]
    features[counted] = features[counted].fillna(0.0)
    features[list(MAIN)] = features[list(MAIN)].fillna("unknown").astype("str")
    rows = features.reset_index().assign(moment=_end_of(day, len(known)), evidence=WHOLE)
    rows["enough_evidence"] = rows["plays_28d"] >= UNKNOWN_BELOW
    return _with_slices(rows, day, listeners)


def answers(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores that keep ``enough_evidence``, with "unknown yet" for the segment of the others.

    Their probabilities stay as the model gave them.
    """
    known = scores["enough_evidence"].to_numpy(dtype=bool)
    return scores.assign(segment=scores["segment"].where(known, UNKNOWN).astype("str"))


def visible_features(days: listening.Days, day: dt.date, frozen: dict) -> pd.DataFrame:
    """All that is known of each listener heard in the 28 days up to ``day`` of ``days``.

    What the model looks at, and what the definitions were made of (for reasons).
    """
    window = listening.totals(days, day, WINDOW)
    week = listening.totals(days, day, 7).sums[["plays", "active_days"]]
    recent = week.reindex(window.sums.index).fillna(0.0).set_axis(list(RECENT), axis=1)
    evidence = listening.behaviour(window)[list(EVIDENCE)]
    main = [choices.main_choice(window, kind) for kind in KINDS]
    full = full_features(window, frozen["vocabulary"])
    return pd.concat([evidence, full, recent.astype(float), *main], axis=1)


def part_of(listener: pd.Series) -> pd.Series:
    """The part of each listener, by a hash of the pseudonym: the same every night, on any shard."""
    hashed = pd.util.hash_array(
        listener.to_numpy(dtype=object), hash_key=PART_KEY, categorize=False
    )
    percent = (hashed % np.uint64(100)).astype(np.int64)
    limits, names = [limit for limit, _ in PARTS], [name for _, name in PARTS]
    chosen = np.array(names, dtype=object)[np.searchsorted(limits, percent, side="right")]
    return pd.Series(chosen, index=listener.index, dtype="str")


def _first_meeting(sessions: listening.Days, count: int) -> listening.Days:
    """The last ``count`` sessions of those listeners who had as many."""
    had = sessions.listening.groupby("listener")["session"].transform("size") >= count
    enough = listening.Days(sessions.listening[had].reset_index(drop=True), sessions.choices)
    return listening.last_sessions(enough, count)


def _view(
    days: listening.Days, day: dt.date, frozen: dict, labelled: pd.Index, evidence: str
) -> pd.DataFrame:
    features = visible_features(days, day, frozen)
    kept = features.index.isin(labelled) & (features["plays_28d"] >= UNKNOWN_BELOW)
    return features[kept].reset_index().assign(evidence=evidence)


def _known(heard: pd.Index, listeners: pd.DataFrame | None) -> pd.Index:
    accounts = [] if listeners is None else listeners["listener"].tolist()
    return pd.Index(sorted({*heard, *accounts}), dtype="str", name="listener")


def _consented(names: pd.Index, consent: pd.DataFrame | None) -> np.ndarray:
    """Whom segments may be used on: silence is not consent, a source without the table is."""
    if consent is None:
        return np.ones(len(names), dtype=bool)
    return names.isin(consent.loc[consent["personalised_ads"], "listener"])


def _end_of(day: dt.date, rows: int) -> pd.Series:
    """Midnight after ``day``: everything of the day is known, nothing of the next."""
    return pd.Series([pd.Timestamp(day) + pd.Timedelta(days=1)] * rows, dtype="datetime64[ms]")


def _with_slices(rows: pd.DataFrame, day: dt.date, listeners: pd.DataFrame | None) -> pd.DataFrame:
    """``rows`` with the account's tenure, tier, country and device (else the most played on)."""
    names = ["tier", "country", "device"]
    if listeners is None:
        account = pd.DataFrame(index=rows.index, columns=[*names, "joined"])
    else:
        account = listeners.drop_duplicates("listener").set_index("listener")
        account = account.reindex(rows["listener"]).set_index(rows.index)
    joined = pd.to_datetime(account["joined"])
    age = (pd.Timestamp(day) - joined).dt.days
    tenure = np.where(joined.isna(), "unknown", np.where(age < NEW_DAYS, "new", "known"))
    found = {name: account[name].astype("str").fillna("unknown") for name in names}
    found["device"] = found["device"].where(found["device"] != "unknown", rows["main_device"])
    found["tenure"] = pd.Series(tenure, rows.index, dtype="str")
    return rows.assign(**found).astype({"evidence": "str"})
