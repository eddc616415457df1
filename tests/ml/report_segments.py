"""A night of a family with segments: definitions, membership, guard, use, lookalikes, reach."""

import datetime as dt
import math

from report_nights import figure

NIGHT = dt.date(2026, 1, 5)
IDS = ("s1", "s2", "s3", "s5")
NAMES = ("Evening comfort", "Morning commute", "Weekend workout", "Sleep and noise")
COLORS = ("#c06b2c", "#2a7f9e", "#8a3f8f", "#4a5a8c")
SIZES = (4811, 3402, 2390, 1441)
EVERYBODY = 12_600


def hours(peak, width):
    """A typical day: shares of 24 hours around a peak."""
    weights = [math.exp(-(min(abs(h - peak), 24 - abs(h - peak)) ** 2) / width) for h in range(24)]
    return [weight / sum(weights) for weight in weights]


def distinct(feature, label, value, overall):
    return {
        "feature": feature,
        "label": label,
        "value": value,
        "overall": overall,
        "lift": value / overall,
    }


def different(feature, label, value, other):
    return {"feature": feature, "label": label, "value": value, "other": other}


LIFTS = (
    [
        distinct("evening_share_28d", "Share of listening in the evening", 0.61, 0.34),
        distinct("repeat_rate_28d", "Plays of a track heard before", 0.72, 0.48),
        distinct("skip_rate_28d", "Skips", 0.09, 0.21),
    ],
    [
        distinct("morning_share_28d", "Share of listening in the morning", 0.55, 0.19),
        distinct("phone_share_28d", "Share on the phone", 0.93, 0.66),
    ],
    [
        distinct("weekend_share_28d", "Share of listening at weekends", 0.58, 0.29),
        distinct("tempo_28d", "Tempo", 142.0, 118.0),
    ],
    [
        distinct("night_share_28d", "Share of listening at night", 0.66, 0.11),
        distinct("distinct_tracks_28d", "Different tracks", 12.0, 141.0),
    ],
)
NEAREST = (
    ("s5", [different("night_share_28d", "less night", 0.11, 0.66),
            different("distinct_tracks_28d", "more different tracks", 160.0, 12.0)]),
    ("s3", [different("morning_share_28d", "more morning", 0.55, 0.12),
            different("weekend_share_28d", "less weekend", 0.2, 0.58)]),
    ("s2", [different("weekend_share_28d", "more weekend", 0.58, 0.2),
            different("energy_mean_28d", "more energetic", 0.81, 0.55)]),
    ("s1", [different("night_share_28d", "more night", 0.66, 0.11)]),
)  # fmt: skip
DAYS = ((21, 14), (8, 7), (11, 12), (1, 12))


def segment(place):
    other, differences = NEAREST[place]
    return {
        "id": IDS[place],
        "name": NAMES[place],
        "color": COLORS[place],
        "listeners": SIZES[place],
        "share": SIZES[place] / sum(SIZES),
        "distinguishing": LIFTS[place],
        "typical_day": hours(*DAYS[place]),
        "nearest": {"id": other, "name": NAMES[IDS.index(other)], "differences": differences},
        "since": "2025-12-22" if IDS[place] == "s5" else "2025-09-01",
    }


def candidate(method, k, stability, usefulness, smallest):
    return {
        "method": method,
        "k": k,
        "stability": stability,
        "usefulness": usefulness,
        "smallest_share": smallest,
    }


def definitions(**changes):
    return {
        "family": "user_segmentation",
        "as_of": "2025-12-22",
        "expires": "2026-02-16",
        "segments": [segment(place) for place in range(4)],
        "quality": {
            "k": 4,
            "method": "gaussian_mixture",
            "candidates": [
                candidate("k_means", 4, 0.81, 0.52, 0.1),
                candidate("gaussian_mixture", 3, 0.91, 0.41, 0.19),
                candidate("gaussian_mixture", 4, 0.93, 0.55, 0.12),
                candidate("gaussian_mixture", 5, 0.71, 0.56, 0.04),
            ],
        },
        "previous": {
            "as_of": "2025-11-24",
            "agreement": 0.87,
            "kept": [{"id": "s1", "overlap": 0.94}, {"id": "s2", "overlap": 0.91},
                     {"id": "s3", "overlap": 0.88}],
            "new": ["s5"],
            "retired": [{"id": "s4", "name": "Children and parents", "color": "#7f7f7f"}],
        },
        "notes": [],
    } | changes  # fmt: skip


def names(**changes):
    return {
        "segments": [
            {
                "id": one,
                "name": "Night owls" if one == "s5" else name,
                "color": color,
                "discovered_name": name,
            }
            for one, name, color in zip(IDS, NAMES, COLORS, strict=True)
        ],
        "overridden": ["s5"],
        "notes": [],
    } | changes


def membership(**changes):
    def night(place, back):
        moved = (1 - back / 13) * (-1) ** place * 0.02
        part = SIZES[place] / EVERYBODY + moved - (-1) ** place * 0.02
        day = (NIGHT - dt.timedelta(back)).isoformat()
        return {"day": day, "listeners": round(part * EVERYBODY), "share": part}

    return {
        "family": "user_segmentation",
        "day": "2026-01-05",
        "previous_day": "2026-01-04",
        "definitions_as_of": "2025-12-22",
        "listeners": EVERYBODY,
        "unknown": EVERYBODY - sum(SIZES),
        "segments": [
            {
                "id": IDS[place],
                "name": NAMES[place],
                "color": COLORS[place],
                "listeners": SIZES[place],
                "share": SIZES[place] / EVERYBODY,
                "trend": [night(place, back) for back in reversed(range(14))],
                "joined": 60 - 9 * place,
                "left": 41 + 3 * place,
            }
            for place in range(4)
        ],
        "churn": {
            "compared": 11_987,
            "changed": 311,
            "share": 311 / 11_987,
            "low": 0.0233,
            "high": 0.0289,
            "held": 742,
            "share_without_hysteresis": 0.0878,
        },
        "flows": [
            {"from": "s1", "to": "s1", "listeners": 4700},
            {"from": "s1", "to": "s2", "listeners": 88},
            {"from": "s1", "to": "s5", "listeners": 31},
            {"from": "s2", "to": "s1", "listeners": 61},
            {"from": "s2", "to": "s3", "listeners": 74},
            {"from": "s3", "to": "s2", "listeners": 57},
            {"from": "unknown yet", "to": "s2", "listeners": 43},
        ],
        "notes": [],
    } | changes


def guard(**changes):
    def judged(one, name, value, lift, low, high, overall, published, sentence):
        return {
            "id": one,
            "name": name,
            "published": published,
            "sentence": sentence,
            "worst": {
                "attribute": "age_band",
                "value": value,
                "lift": lift,
                "low": low,
                "high": high,
                "share": lift * overall,
                "overall": overall,
                "listeners": 900,
            },
        }

    fine = "published: nothing is surely twice as frequent in it; closest is age band"
    withheld = "withheld: age band 18-24 is 53 % of it and 22 % of everybody (2.4 x, 2.2-2.6)"
    return {
        "bound": 2.0,
        "attributes": ["age_band", "gender"],
        "segments": [
            judged("s1", NAMES[0], "45-54", 1.4, 1.3, 1.5, 0.17, True,
                   f"{fine} 45-54, 24 % of it and 17 % of everybody (1.4 x, 1.3-1.5)"),
            judged("s2", NAMES[1], "25-34", 1.2, 1.1, 1.3, 0.31, True,
                   f"{fine} 25-34, 37 % of it and 31 % of everybody (1.2 x, 1.1-1.3)"),
            judged("s3", NAMES[2], "18-24", 2.4, 2.2, 2.6, 0.22, False,
                   f"{withheld}, surely more than twice as often"),
            judged("s5", NAMES[3], "55+", 2.2, 1.7, 2.9, 0.08, True,
                   "published: age band 55+ is 18 % of it and 8 % of everybody (2.2 x, 1.7-2.9), "
                   "perhaps more than twice as often, but not surely"),
        ],
        "notes": [],
    } | changes  # fmt: skip


def usefulness(**changes):
    rates = (0.021, 0.0131, 0.0148, 0.0094)

    def of(place):
        ratio = (0.82, 1.04, 0.97, 1.21)[place]
        return {
            "id": IDS[place],
            "name": NAMES[place],
            "color": COLORS[place],
            "impressions": 30_000 - 6000 * place,
            "responses": round((30_000 - 6000 * place) * rates[place]),
            "rate": rates[place],
            "low": rates[place] - 0.0016 - 0.0006 * place,
            "high": rates[place] + 0.0016 + 0.0006 * place,
            "lift": rates[place] / 0.0153,
            "predicted": rates[place] * ratio,
            "calibration": figure(ratio, 0.07 + 0.08 * place),
        }

    return {
        "segments": [of(place) for place in range(4)],
        "overall": {"impressions": 84_000, "responses": 1285, "rate": 0.0153, "predicted": 0.0152},
        "days": ["2026-01-04"],
        "tells": {"explained": 0.0081, "by_chance": 0.0006, "surely": True},
        "friends": {"pairs": 12_717, "same": 0.3224, "expected": 0.2371, "ratio": 1.36, "low": 1.3,
                    "high": 1.43},
        "notes": [],
    } | changes  # fmt: skip


def lookalike(**changes):
    precisions = (0.41, 0.19, 0.11, 0.07, 0.045, 0.03, 0.02, 0.013, 0.008, 0.004)
    return {
        "request": "premium_seeds",
        "title": "Like those who bought tickets",
        "seeds": {"listed": 500, "known": 481, "consented": 430, "used": 430},
        "base_rate": 0.05,
        "average_precision": 0.36,
        "deciles": [
            {
                "decile": place + 1,
                "listeners": 1144,
                "seeds": round(1144 * value),
                "precision": value,
                "low": value * 0.85,
                "high": value * 1.16,
                "lift": value / 0.05,
            }
            for place, value in enumerate(precisions)
        ],
        "reasons": [
            {"feature": "evening_share_28d", "label": "evening", "seeds_value": 0.66,
             "overall": 0.34},
            {"feature": "skip_rate_28d", "label": "skips little", "seeds_value": 0.08,
             "overall": 0.21},
        ],
        "audience": {"listeners": 1144, "share": 0.1, "published": True, "reason": ""},
        "overlap": [
            {"segment": "s1", "name": NAMES[0], "listeners": 801, "share": 0.7},
            {"segment": "s2", "name": NAMES[1], "listeners": 343, "share": 0.3},
        ],
        "notes": [],
    } | changes  # fmt: skip


def request(name, title, kind, counts, published=True, reason=""):
    words = ("in the segment", "consented", "not excluded", "under the frequency cap")
    steps = [{"step": step, "listeners": listeners, "reason": ""}
             for step, listeners in zip(words, counts, strict=True)]  # fmt: skip
    return {
        "name": name,
        "title": title,
        "kind": kind,
        "steps": steps,
        "listeners": counts[-1],
        "published": published,
        "reason": reason,
    }


def reach(**changes):
    return {
        "day": "2026-01-05",
        "k": 1000,
        "requests": [
            request("evening", "Evening listeners for tea", "segment", (4811, 4105, 3990, 3702)),
            request("commute", "Commuters for coffee", "segment", (3402, 2980, 2980, 2655)),
            request("owls", "Night owls, mattresses", "segment", (1441, 1180, None, None), False,
                    "not published: fewer than 1,000 listeners"),
            request("tickets", "Like those who bought tickets", "lookalike",
                    (1300, 1250, 1200, 1144)),
        ],
        "segments": [{"id": one, "name": name, "listeners": size}
                     for one, name, size in zip(IDS, NAMES, SIZES, strict=True)],
        "overlap": [
            {"a": "evening", "b": "commute", "listeners": 0, "share_of_a": 0.0, "share_of_b": 0.0},
            {"a": "evening", "b": "tickets", "listeners": 1001, "share_of_a": 0.27,
             "share_of_b": 0.875},
            {"a": "commute", "b": "tickets", "listeners": None, "share_of_a": None,
             "share_of_b": None},
            {"a": "evening", "b": "s1", "listeners": 3702, "share_of_a": 1.0, "share_of_b": 0.77},
            {"a": "commute", "b": "s2", "listeners": 2655, "share_of_a": 1.0, "share_of_b": 0.78},
        ],
        "notes": [],
    } | changes  # fmt: skip


def evidence(seen, rows, accuracy, error, margin=0.02):
    """A slice of test rows that show this much of a listener."""
    metrics = {
        "accuracy": figure(accuracy, margin),
        "calibration_ratio": figure(1.0 + error, margin),
        "calibration_error": figure(error, error / 2),
        "normalized_entropy": figure(1 - accuracy * 0.8, margin),
    }
    return {"slice": "evidence", "value": seen, "rows": rows, "metrics": metrics}


def evidences():
    return [
        evidence("1 session", 2300, 0.52, 0.034, 0.03),
        evidence("10 sessions", 1900, 0.81, 0.018),
        evidence("28 days", 2400, 0.93, 0.009, 0.01),
        evidence("3 sessions", 2200, 0.67, 0.027),
    ]


def everything():
    """All that a segmentation's page can be given."""
    return {
        "family_title": "User segmentation",
        "question": "Which group of listeners does this listener listen like?",
        "definitions": definitions(),
        "membership": membership(),
        "guard": guard(),
        "usefulness": usefulness(),
        "names": names(),
        "lookalikes": [lookalike()],
        "reach": reach(),
        "valued": False,
    }
