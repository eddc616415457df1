"""Renders the report: a pure function of tonight's artifacts, the same bytes every time.

Everything on the page is in the page: style and drawings are inline, nothing is loaded, nothing
runs. What is missing is said in a sentence rather than left out.
"""

# Typographic quotes, dashes and signs are meant.

import datetime as dt
from collections.abc import Sequence

from ml.report.addressed import addressed
from ml.report.answers import answers
from ml.report.change import change
from ml.report.churn import churn
from ml.report.confusion import confusion, most_confused
from ml.report.discovery import discovery
from ml.report.earnings import money, policies
from ml.report.evidence import evidence
from ml.report.figures import headline
from ml.report.guarded import guarded
from ml.report.identities import identities, with_names
from ml.report.importance import MOST_FEATURES, rest_in_words, used_features
from ml.report.lookalikes import lookalikes as lookalikes_of
from ml.report.origin import examined, notes, provenance, rules, tables
from ml.report.page_template import PAGE
from ml.report.people import audiences as audiences_of
from ml.report.quality import calibration, gain
from ml.report.reach import reach as reach_of
from ml.report.responses import responses
from ml.report.segment_style import SEGMENT_STYLE
from ml.report.segments import of_somebody, segments
from ml.report.slices import slices
from ml.report.style import STYLE
from ml.report.verdict import verdict
from ml.report.words import day_in_words, night_in_words
from ml.report.worth import worth


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
        features_rest=rest_in_words(importance[MOST_FEATURES:]),
        responses=responses(measured),
        worth=worth(features),
        worth_missing=_unmeasured(features),
        change=change(measured),
        valued=valued,
        money=money(audiences),
        policies=policies(off_policy),
        segments=segments(definitions, called, of_somebody(membership), guard, names),
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


def _unmeasured(features: dict | None) -> str:
    if features is None:
        return "This family does not group its features, so their worth was not measured."
    return " ".join(features.get("notes") or []) or "No group of features was left out tonight."
