"""What has changed since a model was trained: the rows, its scores, its calibration."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.words import (
    day_in_words,
    days_between,
    feature_in_words,
    figure,
    known,
    listed,
    plural,
    share,
)

MOST = 12
SCALE = 0.5
"""Where the strip of an index ends; larger ones stand at its end."""


def change(evaluation: dict) -> dict | None:
    """The features that moved most since training, the scores, and the champion's calibration."""
    sides = evaluation.get("drift") or {}
    name = "champion" if sides.get("champion") else "model"
    side = sides.get(name)
    if not side:
        return None
    features = side.get("features")
    return {
        "since": _since(name, side, evaluation),
        "sentence": _in_words(features),
        "rows": [_row(one) for one in _moved(features)[:MOST]],
        "rest": _rest(features),
        "scores": _scores(name, side.get("scores")),
        "calibration": _calibration(name, evaluation),
    }


def _since(name: str, side: dict, evaluation: dict) -> str:
    learnt = days_between(side["train_days"])
    if name == "model":
        return (
            "No earlier champion stands beside it, so tonight’s rows are compared with those that "
            f"tonight’s own model learnt from, {learnt}."
        )
    day = (evaluation.get("comparison") or {}).get("champion_day")
    whose = f"the champion of {day_in_words(day)}" if day else "the champion"
    return f"Tonight’s rows beside those that {whose} learnt from, {learnt}."


def _in_words(features: list[dict] | None) -> str:
    if features is None:
        return "Its card keeps no profile of its training rows, so nothing can be compared."
    far = [feature_in_words(one["feature"]) for one in features if one["verdict"] == "moved far"]
    some = [one for one in features if one["verdict"] == "moved"]
    if not far and not some:
        return f"None of {plural(len(features), 'feature')} moved further than usual."
    named = f": {listed(far[:5])}{' and others' if len(far) > 5 else ''}" if far else ""
    return (
        f"Of {plural(len(features), 'feature')}, {len(far) or 'none'} moved far{named}. "
        f"{len(some) or 'None'} moved moderately."
    )


def _row(one: dict) -> dict:
    then, now = one["missing"]
    index = one["index"]
    return {
        "name": feature_in_words(one["feature"]),
        "code": one["feature"],
        "index": figure(index, 3),
        "usual": figure(one["usual"], 3),
        "verdict": one["verdict"],
        "missing": f"{share(then)} → {share(now)}" if abs(now - then) > 0.001 else "",
        "strip": interval_strip(min(index, SCALE), 0.0, min(index, SCALE), (0.0, SCALE), 0.25, 110),
    }


def _moved(features: list[dict] | None) -> list[dict]:
    return [one for one in features or [] if one["verdict"] != "stable" and known(one["index"])]


def _rest(features: list[dict] | None) -> str:
    moved, stable = _moved(features), len(features or []) - len(_moved(features))
    more = f"{plural(len(moved) - MOST, 'more feature')} moved less. " if len(moved) > MOST else ""
    return f"{more}The other {plural(stable, 'feature')} moved no further than usual."


def _scores(name: str, scores: dict | None) -> str:
    whose = "The champion’s" if name == "champion" else "Tonight’s model’s"
    if scores is None or not known(scores["index"]):
        return f"{whose} scores cannot be compared: none were kept from its calibration."
    said = {
        "stable": "much as on its calibration day",
        "moved": "moderately differently from its calibration day",
        "moved far": "very differently from its calibration day",
    }
    spread, index = said[scores["verdict"]], figure(scores["index"], 3)
    return f"{whose} scores of tonight’s rows are spread {spread} (index {index})."


def _calibration(name: str, evaluation: dict) -> str:
    at = interval(((evaluation.get("metrics") or {}).get(name) or {}).get("calibration_ratio"))
    if at is None:
        return "Whether its promises still hold is not known: there was nothing to hold them to."
    value, low, high = at
    whose = "The champion" if name == "champion" else "Tonight’s model"
    if low <= 1 <= high:
        held = "still holds what it promised when it was calibrated"
    elif value > 1:
        held = f"now promises {share(value - 1)} more than happens"
    else:
        held = f"now promises {share(1 - value)} less than happens"
    return (
        f"{whose} {held}: on tonight’s rows the calibration ratio is {figure(value, 3)} "
        f"(95 % interval {figure(low, 3)} to {figure(high, 3)}); at its calibration it was 1."
    )
