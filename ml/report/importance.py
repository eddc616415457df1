"""What a model looks at: each feature's share of the trees' gain."""

from ml.report.words import feature_in_words, known, plural, share

MOST_FEATURES = 15


def used_features(evaluation: dict) -> list[dict]:
    """Features that brought any gain, most first, as shares of all gain and widths of bars."""
    used = [
        entry
        for entry in evaluation.get("importance") or []
        if known(entry.get("gain")) and entry["gain"] > 0
    ]
    ordered = sorted(used, key=lambda entry: (-entry["gain"], entry["feature"]))
    whole = sum(entry["gain"] for entry in ordered)
    return [
        {
            "name": entry["feature"],
            "label": feature_in_words(entry["feature"]),
            "part": entry["gain"] / whole,
            "share": share(entry["gain"] / whole),
            "width": f"{entry['gain'] / ordered[0]['gain']:.3f}",
        }
        for entry in ordered
    ]


def rest_in_words(rest: list[dict]) -> str:
    """The features that have no bar of their own, together."""
    if not rest:
        return ""
    together = share(sum(entry["part"] for entry in rest))
    return f"{plural(len(rest), 'more feature')} together: {together}."
