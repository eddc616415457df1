"""Renders the report: a pure function of tonight's artifacts, the same bytes every time.

Everything on the page is in the page: style and drawings are inline, nothing is loaded, nothing
runs. What is missing is said in a sentence rather than left out.
"""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import datetime as dt
from collections.abc import Sequence

from ml.report.addressed import addressed
from ml.report.answers import answers
from ml.report.change import change
from ml.report.charts import calibration_curve, gain_curve, is_skewed, tenth
from ml.report.churn import churn
from ml.report.confusion import confusion, most_confused
from ml.report.discovery import discovery
from ml.report.earnings import money, policies
from ml.report.evidence import evidence
from ml.report.figures import headline
from ml.report.guarded import guarded
from ml.report.identities import identities, with_names
from ml.report.lookalikes import lookalikes as lookalikes_of
from ml.report.origin import examined, notes, provenance, rules, tables
from ml.report.page_template import PAGE
from ml.report.people import audiences as audiences_of
from ml.report.reach import reach as reach_of
from ml.report.responses import responses
from ml.report.segment_style import SEGMENT_STYLE
from ml.report.segments import segments
from ml.report.slices import slices
from ml.report.style import STYLE
from ml.report.verdict import verdict
from ml.report.words import (
    day_in_words,
    feature_in_words,
    figure,
    known,
    night_in_words,
    plural,
    share,
)
from ml.report.worth import worth

MOST_FEATURES = 15
TOPS = (0.01, 0.05, 0.1, 0.2)


def render(
    *,
    family_title: str,
    question: str,
    night: str | dt.date,
    evaluation: dict | None,
    decision: dict | None,
    audiences: dict | None = None,
    definitions: dict | None = None,
    features: dict | None = None,
    off_policy: dict | None = None,
    ingest: Sequence[dict | None] = (),
    inputs: dict | None = None,
    receipt: dict | None = None,
    valued: bool = True,
    membership: dict | None = None,
    guard: dict | None = None,
    usefulness: dict | None = None,
    names: dict | None = None,
    lookalikes: Sequence[dict] = (),
    reach: dict | None = None,
    stability: dict | None = None,
) -> str:
    """One self-contained HTML page on what was decided about a family's model one night, and why.

    ``evaluation``, ``decision``, ``audiences``, ``definitions``, ``features`` (the worth of their
    groups), ``off_policy`` and the ``ingest`` reports are the JSON of those artifacts. ``inputs``
    are names and values for "How it was made" (such as ``{"model key": "8f31..."}``), ``receipt``
    what the registry answered; both are shown in order. ``valued`` is whether the family says what
    its outcomes are worth; if not, the page does not speak of money.

    Of a family with segments (one with ``definitions``) the page begins with them. ``membership``,
    ``guard``, ``usefulness``, ``names``, ``reach`` and each of ``lookalikes`` are the JSON of
    those artifacts; ``stability`` is the definitions' quality where it was measured anew.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    called = identities(definitions, names)
    measured = with_names(evaluation or {}, called)
    decided, read = decision or {}, [report for report in ingest or [] if report]
    importance = used_features(measured)
    return environment.from_string(PAGE).render(
        style=STYLE + SEGMENT_STYLE if definitions else STYLE,
        title=family_title,
        question=question,
        night=day_in_words(night),
        night_long=night_in_words(night),
        verdict=verdict(decided),
        examined=examined(measured),
        headline=headline(measured),
        multiclass=measured.get("objective") == "multiclass",
        calibration=calibration(measured),
        gain=gain(measured),
        confusion=confusion(measured),
        most_confused=most_confused(measured),
        slices=slices(measured),
        addressed=addressed(measured),
        features=importance[:MOST_FEATURES],
        features_rest=_rest_in_words(importance[MOST_FEATURES:]),
        responses=responses(measured),
        worth=worth(features),
        worth_missing=_unmeasured(features),
        change=change(measured),
        valued=valued,
        money=money(audiences),
        policies=policies(off_policy),
        segments=segments(definitions, called, membership, guard),
        churn=churn(membership, called),
        answers=answers(usefulness, called),
        lookalikes=lookalikes_of(lookalikes, called),
        reach=reach_of(reach, called),
        guarded=guarded(guard, called),
        evidence=evidence(measured),
        discovery=discovery(definitions, stability, called),
        audiences=audiences_of(audiences, called),
        tables=tables(read),
        rules=rules(read),
        notes=notes(measured, read),
        informed=bool(measured or read),
        provenance=provenance(inputs, receipt, decided),
    )


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


def _unmeasured(features: dict | None) -> str:
    if features is None:
        return "This family does not group its features, so their worth was not measured."
    return " ".join(features.get("notes") or []) or "No group of features was left out tonight."


def _rest_in_words(rest: list[dict]) -> str:
    if not rest:
        return ""
    together = share(sum(entry["part"] for entry in rest))
    return f"{plural(len(rest), 'more feature')} together: {together}."
