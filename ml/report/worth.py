"""What each group of features is worth: the figures without it, in words and as intervals."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.words import count, feature_in_words, figure, plural, sentence_case


def worth(measured: dict | None) -> dict | None:
    """A line per group, the one that would be missed most first; None when nothing was measured."""
    groups = [group for group in (measured or {}).get("groups") or [] if _change(group)]
    if not measured or not groups:
        return None
    ordered = sorted(groups, key=lambda group: (-_value(group), group["group"]))
    return {
        "rows": [_row(group, _domain(groups)) for group in ordered],
        "ranked": any("auc" in group for group in groups),
        "sentence": _in_words(ordered),
        "how": _how(measured),
    }


def _row(group: dict, domain: tuple[float, float]) -> dict:
    at, ranked = _change(group), interval(group.get("auc"))
    value, low, high = at or (0.0, 0.0, 0.0)
    return {
        "name": sentence_case(_typeset(group["group"])),
        "size": plural(len(group["features"]), "feature"),
        "names": ", ".join(feature_in_words(name) for name in group["features"][:4]),
        "change": _signed(value, 4),
        "range": f"{_signed(low, 4)} to {_signed(high, 4)}" if high > low else "",
        "strip": interval_strip(value, low, high, domain, 0.0, 150),
        "auc": _signed(ranked[0], 4) if ranked else figure(None, 4),
        "auc_range": f"{_signed(ranked[1], 4)} to {_signed(ranked[2], 4)}" if ranked else "",
        "sure": low > 0,
    }


def _in_words(ordered: list[dict]) -> str:
    missed = [_typeset(group["group"]) for group in ordered if (at := _change(group)) and at[1] > 0]
    if not missed:
        return "No group alone would surely be missed: what one says, others say as well."
    first = f"Without {missed[0]} the model would lose most."
    rest = len(ordered) - len(missed)
    if not rest:
        return f"{first} Every group would surely be missed."
    return (
        f"{first} {count(len(missed))} of {plural(len(ordered), 'group')} would surely be missed; "
        "the others say nothing that is not said elsewhere, or too little to be sure."
    )


def _how(measured: dict) -> str:
    rows, of = measured.get("rows"), measured.get("rows_of")
    some = f"{count(rows)} of {count(of)} training rows, drawn by lottery to bound the night"
    learnt = f"all {count(of)} training rows" if rows == of else some
    rounds = count(measured.get("rounds"))
    return (
        f"The model was trained again without each group, with the same number of rounds ({rounds})"
        f", on {learnt}, and calibrated and judged on the same days. Above zero, the figure is "
        "worse without the group. Intervals are 95 %, from resampling whole listeners."
    )


def _typeset(name: str) -> str:
    return name.replace("'", "’")


def _change(group: dict) -> tuple[float, float, float] | None:
    return interval(group.get("normalized_entropy"))


def _value(group: dict) -> float:
    at = _change(group)
    return at[0] if at else 0.0


def _domain(groups: list[dict]) -> tuple[float, float]:
    ends = [end for group in groups for end in (_change(group) or ())]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    return (low, high) if high > low else (-1.0, 1.0)


def _signed(value: float, digits: int) -> str:
    """A difference with its sign: ``+0.0120``."""
    return f"{'+' if value > 0 else ''}{figure(value, digits)}"
