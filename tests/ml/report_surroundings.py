"""What a reported night may come with: audiences, money, worth and ingest reports."""

from report_nights import figure


def audiences():
    return {
        "family": "ad_targeting",
        "day": "2026-01-05",
        "k": 1000,
        "audiences": [
            {
                "audience": "sneakers",
                "title": "Sneakers, spring campaign",
                "listeners": 1203,
                "published": True,
                "reason": "",
            },
            {
                "audience": "coffee",
                "title": "Coffee at home",
                "listeners": 1190,
                "published": True,
                "reason": "",
            },
            {
                "audience": "opera",
                "title": "Opera season tickets",
                "listeners": 0,
                "published": False,
                "reason": "not published: fewer than 1,000 listeners",
            },
        ],
        "counts": {"scored": 14310, "without_consent": 2266, "eligible": 12044},
    }


def money():
    return {
        "currency": "bid units",
        "expected_value": 42.1,
        "low": 30.0,
        "high": 55.5,
        "by_audience": [
            {"audience": "sneakers", "listeners": 1203, "expected_value": 24.06, "low": 20.0,
             "high": 29.0},
        ],
        "sentences": ["The published audiences are expected to earn 42.10 bid units."],
    }  # fmt: skip


def worth(**changes):
    def group(name, features, entropy, margin, ranks):
        return {
            "group": name,
            "features": features,
            "normalized_entropy": figure(entropy, margin),
            "auc": figure(ranks, margin),
        }

    return {
        "groups": [
            group("the moment", ["hour", "weekday"], 0.001, 0.004, -0.001),
            group("the listener's past with ads", ["listener_rate_28d"], 0.031, 0.004, -0.05),
        ],
        "rows": 200_000,
        "rows_of": 481_203,
        "rounds": 74,
        "notes": [],
    } | changes


def off_policy(**changes):
    def policy(name, value):
        return {
            "name": name,
            "ips": figure(value, 0.006),
            "doubly_robust": figure(value, 0.003),
            "against_logged": figure(value - 0.018, 0.003),
        }

    return {
        "policies": [
            policy("the new model by value", 0.024),
            policy("the new model by click rate", 0.019),
            {"name": "as logged", "logged": figure(0.018, 0.001)},
        ],
        "rows": 31_234,
        "explored_share": 0.05,
        "notes": ["The largest weight was 41."],
    } | changes


def ingest():
    def report(table, day, rows, quarantined, duplicates, rules=(), notes=()):
        return {
            "table": table,
            "day": day,
            "source": "listening world",
            "rows_in": rows,
            "rows_kept": rows - quarantined - duplicates,
            "rows_quarantined": quarantined,
            "exact_duplicates": duplicates,
            "rules": list(rules),
            "notes": list(notes),
        }

    negative = {
        "rule": "must be at least 0",
        "column": "ms_played",
        "rows": 9,
        "example": "listener 8f31: -12",
    }
    market = {"rule": "must be one of 184 markets", "column": "country", "rows": 5, "example": "XX"}
    return [
        report("LISTENS", "2026-01-03", 402118, 9, 31, [negative]),
        report("LISTENS", "2026-01-04", 398210, 0, 12),
        report("IMPRESSIONS", "2026-01-04", 81402, 0, 182),
        report("OUTCOMES", "2026-01-04", 1302, 0, 0),
        report(
            "LISTENERS",
            "2026-01-05",
            14310,
            5,
            0,
            [market],
            ["This source does not say when listeners joined."],
        ),
    ]
