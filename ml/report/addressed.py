"""Who would be addressed: each group's share of the best scores beside its share of everybody."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.words import count, figure, sentence_case, share

DOMAIN = (0.0, 3.0)
FEWEST = 50
"""Groups of fewer listeners are not shown: they tell of people rather than of groups."""


def addressed(evaluation: dict) -> list[dict]:
    """A line per group, in the evaluation's order; its slice is named on the first of each."""
    rows, before = [], ""
    for entry in evaluation.get("delivery") or []:
        at = interval(entry.get("ratio"))
        if at is None or entry["rows"] < FEWEST:
            continue
        value, low, high = (min(end, DOMAIN[1]) for end in at)
        rows.append(
            {
                "slice": sentence_case(entry["slice"]) if entry["slice"] != before else "",
                "value": entry["value"],
                "rows": count(entry["rows"]),
                "everybody": share(entry["eligible_share"], 0),
                "best": share(entry["share"], 0),
                "ratio": figure(at[0], 2),
                "range": f"{figure(at[1], 2)}–{figure(at[2], 2)}" if at[2] > at[1] else "",
                "strip": interval_strip(value, low, high, DOMAIN, 1.0, 110),
            }
        )
        before = entry["slice"]
    return rows
