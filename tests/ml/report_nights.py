"""Nights to report on, in the shapes of evaluation, decision, audiences and ingest."""

import math


def figure(value, margin=0.01):
    return {"value": value, "low": value - margin, "high": value + margin}


def metrics(quality, entropy, ratio, error, quality_name="auc"):
    return {
        quality_name: figure(quality),
        "normalized_entropy": figure(entropy, 0.004),
        "calibration_ratio": figure(ratio, 0.03),
        "calibration_error": figure(error, 0.0004),
        "log_loss": figure(0.07, 0.002),
    }


def slice_of(name, value, rows, ratio, margin):
    return {
        "slice": name,
        "value": value,
        "rows": rows,
        "positives": rows // 60,
        "metrics": metrics(0.71, 0.93, ratio, 0.002) | {"calibration_ratio": figure(ratio, margin)},
    }


def binary_evaluation(**changes):
    gain = [{"share_of_rows": i / 100, "share_of_positives": (i / 100) ** 0.45} for i in range(101)]
    bins = [
        {
            "predicted": 0.002 * 1.22**i,
            "observed": 0.002 * 1.22**i * (1 + 0.1 * math.sin(i)),
            "rows": 4061,
        }
        for i in range(20)
    ]
    return {
        "family": "ad_targeting",
        "day": "2026-01-05",
        "test_days": ["2026-01-04"],
        "objective": "binary",
        "rows": 81220,
        "listeners": 12044,
        "positives": 1245,
        "base_rate": 1245 / 81220,
        "metrics": {
            "model": metrics(0.742, 0.9113, 1.012, 0.0011),
            "base rate": metrics(0.5, 1.0, 0.995, 0.0008)
            | {"auc": {"value": 0.5, "low": None, "high": None}},
            "click rate of the ad": metrics(0.661, 0.9612, 1.021, 0.0019),
            "click rate of the listener": metrics(0.634, 0.9745, 0.981, 0.0022),
            "champion": metrics(0.738, 0.9154, 1.024, 0.0014),
        },
        "slices": [
            slice_of("device", "phone", 51310, 1.004, 0.03),
            slice_of("device", "speaker", 12010, 1.142, 0.06),
            slice_of("device", "desktop", 16400, 0.981, 0.05),
            slice_of("device", "unknown", 1500, 1.31, 0.4),
            slice_of("tier", "free", 74000, 1.011, 0.03),
            slice_of("tier", "paid", 7220, 1.02, 0.11),
            slice_of("known listener", "known", 70120, 1.008, 0.03),
            slice_of("known listener", "new", 11100, 0.952, 0.08),
        ],
        "reliability": bins,
        "gain": gain,
        "importance": [
            {"feature": name, "gain": 900 / (i + 1.4), "splits": 100 - i}
            for i, name in enumerate(
                [
                    "listener_response_rate_28d",
                    "ad_response_rate_28d",
                    "hour",
                    "minutes_since_last_ad",
                    "listener_ad_impressions_7d",
                    "mood",
                    "format",
                    "listener_skip_rate_28d",
                    "evening_share_28d",
                    "campaign_response_rate_28d",
                    "break_position",
                    "attr_screen_size",
                    "track_energy",
                    "device",
                    "listener_minutes_1d",
                    "country",
                    "weekday",
                ]
            )
        ],
        "comparison": {
            "champion_day": "2026-01-04",
            "metric": "normalized_entropy",
            "difference": figure(-0.0041, 0.0019),
            "slices": [
                {"slice": "device", "value": v, "difference": figure(d, 0.003)}
                for v, d in [("phone", -0.0044), ("speaker", 0.0007), ("desktop", -0.0031)]
            ],
        },
        "curves": [
            curve("hour", "Hour of the day", [0.01 + 0.001 * (hour % 12) for hour in range(24)]),
            curve("ad_exposures_7d", "Heard in the 7 days before", [0.03, 0.02, 0.012]),
        ],
        "drift": {"model": drifted(), "champion": drifted()},
        "delivery": [
            {
                "slice": "gender",
                "value": value,
                "rows": 5000,
                "eligible_share": 0.45,
                "share": 0.45 * ratio,
                "ratio": figure(ratio, 0.1),
            }
            for value, ratio in (("female", 0.8), ("male", 1.2))
        ],
        "classes": None,
        "confusion": None,
        "notes": ["No moods were known on 2 of 14 days, so mood is “unknown” there."],
    } | changes


def curve(column, title, rates):
    points = [
        {
            "first": n,
            "last": n if n < len(rates) - 1 else n + 7,
            "rows": 900,
            "observed": figure(rate, 0.004),
            "predicted": figure(rate + 0.001, 0.001),
        }
        for n, rate in enumerate(rates)
    ]
    return {"column": column, "title": title, "points": points}


def drifted(since=("2025-12-18", "2025-12-31"), **changes):
    features = [
        ("listener_rate_28d", 0.41, "moved far", [0.01, 0.35]),
        ("hour", 0.14, "moved", [0.0, 0.0]),
        ("ad_rate_7d", 0.9, "stable", [0.0, 0.0]),
        ("device", 0.01, "stable", [0.0, 0.0]),
    ]
    names = ("feature", "index", "verdict", "missing")
    rows = [dict(zip(names, row, strict=True)) | {"usual": 0.02} for row in features]
    scores = {"feature": "score", "index": 0.3, "usual": 0.02, "verdict": "moved far"}
    return {"train_days": list(since), "features": rows, "scores": scores} | changes


def multiclass_evaluation(**changes):
    classes = ["s1", "s2", "s3", "s5"]
    table = [[910, 40, 30, 20], [60, 780, 55, 5], [44, 39, 610, 7], [12, 3, 1, 384]]
    bins = [
        {"predicted": 0.4 + 0.03 * i, "observed": 0.38 + 0.031 * i, "rows": 150} for i in range(20)
    ]
    slices = [
        {"slice": "tier", "value": v, "rows": r, "metrics": metrics(a, 0.31, c, 0.02, "accuracy")}
        for v, r, a, c in [("free", 2100, 0.9, 0.99), ("paid", 900, 0.87, 1.03)]
    ]
    return {
        "family": "user_segmentation",
        "day": "2026-01-05",
        "test_days": ["2026-01-05"],
        "objective": "multiclass",
        "rows": 3000,
        "listeners": 3000,
        "base_rate": 0.333,
        "metrics": {
            "model": metrics(0.895, 0.29, 1.004, 0.012, "accuracy"),
            "base rate": metrics(0.333, 1.0, 1.0, 0.01, "accuracy"),
        },
        "slices": slices,
        "reliability": bins,
        "gain": None,
        "importance": [
            {"feature": "evening_share_28d", "gain": 400.0, "splits": 80},
            {"feature": "skip_rate_28d", "gain": 120.0, "splits": 40},
        ],
        "comparison": None,
        "classes": classes,
        "confusion": table,
        "notes": [],
    } | changes


def decision(verdict="blessed", champion="2026-01-04", live="2026-01-05"):
    ok = verdict == "blessed"
    sentences = [
        (
            "better_than_champion",
            ok,
            -0.0022,
            "below 0",
            "it is better than the champion, surely"
            if ok
            else "refused: it is not surely better than the champion",
        ),
        ("calibrated", True, 1.012, "0.95 to 1.05", "On average it promises what happens."),
        (
            "calibrated_in_slices",
            True,
            1.142,
            "0.8 to 1.2",
            "Every large slice is calibrated within its bound.",
        ),
        ("beats_the_baselines", True, 0.9113, "below 0.9612", "It beats every baseline."),
        ("enough_rows", True, 81220, "at least 10,000", "There were enough rows to judge it."),
    ]
    gates = [
        dict(zip(("gate", "passed", "observed", "bound", "sentence"), s, strict=True))
        for s in sentences
    ]
    return {
        "family": "ad_targeting",
        "day": "2026-01-05",
        "verdict": verdict,
        "gates": gates,
        "reasons": [g["sentence"] for g in gates if not g["passed"]],
        "champion_day": champion,
        "live_day": live,
    }
