"""The curves of a model: does it mean what it says, does it find them first?"""

# The multiplication sign is meant.
# ruff: noqa: RUF001

from ml.report.charts import calibration_curve, gain_curve, is_skewed, tenth
from ml.report.words import figure, known, plural, share

TOPS = (0.01, 0.05, 0.1, 0.2)


def calibration(evaluation: dict) -> dict | None:
    """The reliability curve and how to read it."""
    bins = [
        bin_
        for bin_ in evaluation.get("reliability") or []
        if known(bin_.get("predicted")) and known(bin_.get("observed"))
    ]
    if not bins:
        return None
    sure = evaluation.get("objective") == "multiclass"
    across = "How sure the model was" if sure else "What the model predicted"
    up = "How often it was right" if sure else "What happened"
    caption = (
        f"{plural(len(bins), 'group')} of about equal size, from lowest prediction to highest. "
        "On the dashed diagonal, the model means what it says; above it, it promises too little. "
        "Bars: 95 % interval of what happened."
    )
    stretched = " Both axes give small values more room." if is_skewed(bins) else ""
    return {"chart": calibration_curve(bins, across, up), "caption": caption + stretched}


def gain(evaluation: dict) -> dict | None:
    """The gain curve and its most useful point, in words."""
    points = [
        point
        for point in evaluation.get("gain") or []
        if known(point.get("share_of_rows")) and known(point.get("share_of_positives"))
    ]
    if not points:
        return None
    first = tenth(points)
    found = (
        f"The tenth of rows with the best scores holds {share(first['share_of_positives'], 0)} "
        "of the positives; "
        if first
        else ""
    )
    caption = f"{found}picking at random would follow the dashed line."
    caption = caption[:1].upper() + caption[1:]
    return {"chart": gain_curve(points, caption), "caption": caption, "lifts": lifts(points)}


def lifts(points: list[dict]) -> list[dict]:
    """How many more positives the best-scored rows hold than as many rows at random."""
    found = {round(point["share_of_rows"], 4): point["share_of_positives"] for point in points}
    return [
        {
            "top": share(top, 0),
            "found": share(found[top]),
            "lift": f"{figure(found[top] / top, 1)}×",
        }
        for top in TOPS
        if top in found
    ]
