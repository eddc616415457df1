"""The report a person opens: what it says, what it never does."""

# The page's typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import datetime as dt
import re
from html.parser import HTMLParser

import pytest
from report_nights import (
    binary_evaluation,
    curve,
    decision,
    drifted,
    figure,
    multiclass_evaluation,
    slice_of,
)
from report_segments import definitions, everything, evidences
from report_surroundings import audiences, ingest, money, off_policy, worth

from ml.report.page import render
from ml.report.words import compact, feature_in_words, share


def page(**changes):
    given = {
        "family_title": "Ad targeting",
        "question": "Who will respond to which ad, and when?",
        "night": dt.date(2026, 1, 5),
        "evaluation": binary_evaluation(),
        "decision": decision(),
    }
    return render(**(given | changes))


def text(html):
    """What a reader sees: no style, no tags, single spaces."""
    bare = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))


class Balance(HTMLParser):
    """Fails unless every element that is opened is closed, in order."""

    VOID = {"meta", "link", "line", "circle", "rect", "polygon", "polyline", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.headings = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


EVERY_KIND = {
    "blessed": {
        "audiences": audiences(),
        "ingest": ingest(),
        "inputs": {"model key": "8f31c0de77aa"},
    },
    "everything": {
        "audiences": audiences() | {"money": money()},
        "features": worth(),
        "off_policy": off_policy(),
    },
    "refused": {"decision": decision("refused", live="2026-01-04")},
    "first night": {
        "evaluation": binary_evaluation(comparison=None),
        "decision": decision(champion=None),
    },
    "segments": {"evaluation": multiclass_evaluation(), "definitions": definitions()},
    "segments and their use": everything()
    | {
        "evaluation": multiclass_evaluation(slices=multiclass_evaluation()["slices"] + evidences()),
        "audiences": audiences() | {"audiences": [{"audience": "s5", "title": "s5", "listeners": 0,
                                                   "published": False, "reason": "too few"}]},
    },
    "nothing": {"evaluation": None, "decision": None},
    "empty": {
        "evaluation": {},
        "decision": {},
        "audiences": {},
        "definitions": {},
        "features": {},
        "off_policy": {},
        "ingest": [None],
    },
}


@pytest.mark.parametrize("given", EVERY_KIND.values(), ids=EVERY_KIND)
def test_every_page_is_well_formed_and_its_headings_never_skip_a_level(given):
    reader = Balance()
    reader.feed(page(**given))
    assert reader.open == []
    assert reader.headings[0] == 1 and reader.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False))


@pytest.mark.parametrize("given", EVERY_KIND.values(), ids=EVERY_KIND)
def test_the_page_loads_nothing_and_runs_nothing(given):
    html = page(**given)
    assert not re.search(r"https?:|<script|<img|<iframe|@import|url\(|\son\w+=", html)
    assert all(target == "data:," for target in re.findall(r'(?:src|href)="([^"]*)"', html))


@pytest.mark.parametrize("given", EVERY_KIND.values(), ids=EVERY_KIND)
def test_the_same_night_gives_the_same_bytes_and_no_unsaid_values(given):
    assert page(**given) == page(**given)
    assert not re.search(r"\b(None|nan|inf|Undefined)\b", text(page(**given)))


def test_a_blessed_model_is_said_to_replace_the_one_before():
    said = text(page())
    assert "Blessed" in said and "Tonight’s model goes live." in said
    assert "It passed all 5 gates. It replaces the model of 4 January 2026." in said


def test_a_first_model_replaces_nothing():
    said = text(
        page(decision=decision(champion=None), evaluation=binary_evaluation(comparison=None))
    )
    assert "No model was live before it." in said
    assert "No champion was compared" in said


def test_a_refusal_leads_with_the_gate_that_failed_and_says_what_stays_live():
    said = text(page(decision=decision("refused", live="2026-01-04")))
    assert "It failed 1 of 5 gates. The model of 4 January 2026 stays in service" in said
    assert said.index("not surely better than the champion") < said.index("On average it promises")
    assert said.count("It is not surely better than the champion") == 1


def test_a_refusal_without_an_earlier_model_says_that_nothing_is_live():
    assert "nothing is live tonight" in text(
        page(decision=decision("refused", champion=None, live=None))
    )


def test_figures_stand_beside_the_champion_and_the_baselines_with_intervals():
    said = text(page())
    order = [
        said.index(name)
        for name in ("Champion of", "Click rate of the ad", "Base rate always says 1.53 %")
    ]
    assert order == sorted(order)
    assert "0.9113 0.9073–0.9153" in said
    assert (
        "normalized entropy is 0.0041 lower, which is better (95 % interval −0.0060 to −0.0022)"
        in said
    )


def test_an_unproven_difference_is_called_chance():
    unsure = {"champion_day": "2026-01-04", "difference": figure(-0.001, 0.002), "slices": []}
    assert "this may be chance" in text(page(evaluation=binary_evaluation(comparison=unsure)))


def test_the_slice_that_is_surely_off_is_marked_not_the_small_one_that_may_be():
    html = page()
    assert "“speaker”, where the model promised 14.2 % too much" in text(html)
    assert re.search(r'<tr class="worst sure"><th scope="row">speaker', html)
    assert html.count('<tr class="worst') == 1


def test_many_values_of_a_slice_are_cut_to_the_largest_and_the_rest_is_counted():
    many = [slice_of("country", f"C{i:02d}", 1000 - i, 1.0, 0.01) for i in range(30)]
    assert "18 smaller values not shown" in text(page(evaluation=binary_evaluation(slices=many)))


def test_a_segmentation_shows_its_segments_and_what_is_confused_with_what():
    said = text(page(**EVERY_KIND["segments"]))
    assert "40 % of listeners, 4,811" in said
    assert "Share of listening in the evening evening share 61 %, overall 34 % 1.8×" in said
    assert "60 rows of “Morning commute” called “Evening comfort”" in said
    assert "Does it find them first?" not in said


def test_an_audience_that_was_withheld_says_why():
    said = text(page(audiences=audiences()))
    assert "2,266 listeners left out for want of consent" in said
    assert "Opera season tickets – Withheld fewer than 1,000 listeners" in said


def test_rows_are_accounted_for_and_broken_rules_have_an_example():
    said = text(page(ingest=ingest()))
    assert "800,328 800,276 9 0.00 % 43" in said or "800,328 800,276 9 0.001 % 43" in said
    assert "must be at least 0 listens ms_played 9 listener 8f31: -12" in said
    assert "Listeners, 5 January 2026: This source does not say when listeners joined." in said
    assert "rows do not add up" not in said


def test_rows_that_do_not_add_up_are_called_out():
    lost = [report | {"rows_kept": report["rows_kept"] - 1} for report in ingest()]
    assert "rows do not add up" in text(page(ingest=lost))


def test_a_night_without_rows_is_a_page_of_sentences():
    empty = binary_evaluation(
        rows=0,
        listeners=0,
        positives=0,
        base_rate=None,
        metrics={},
        slices=[],
        reliability=[],
        gain=[],
        importance=[],
        curves=[],
        drift={},
        comparison=None,
        notes=["No impressions."],
    )
    said = text(page(evaluation=empty, features={"groups": [], "notes": ["No test rows."]}))
    for sentence in (
        "there were no test rows",
        "without positives there is nothing to find",
        "No slices were measured",
        "No ingest reports",
        "No audiences were built",
        "No impressions.",
        "No curve was drawn",
        "No test rows.",
        "Nothing can be compared tonight",
        "Tonight’s scores carry no value",
        "No estimate was made",
    ):
        assert sentence in said


def test_figures_that_could_not_be_computed_are_dashes():
    broken = {
        "model": {
            "auc": {"value": float("nan"), "low": None, "high": None},
            "normalized_entropy": figure(0.9),
        }
    }
    said = text(page(evaluation=binary_evaluation(metrics=broken)))
    assert "0.9000" in said and "nan" not in said


def test_the_page_says_how_responses_follow_the_hour_and_how_listeners_tire():
    html = page()
    assert html.count('class="chart wide"') == 2
    assert "Seen most often at 0 (3.0 %), least at 2–9 (1.2 %)" in text(html)
    assert "within the interval of what happened at 3 of 3 points" in text(html)


def test_a_prediction_outside_the_interval_is_counted():
    off = curve("hour", "Hour", [0.01, 0.02])
    off["points"][0]["predicted"]["value"] = 0.05
    assert "at 1 of 2 points" in text(page(evaluation=binary_evaluation(curves=[off])))


def test_lift_is_said_for_the_best_scored_rows():
    assert re.search(r"10 % 35\.5 % 3\.5×", text(page()))


def test_the_group_of_features_that_would_be_missed_most_stands_first():
    said = text(page(features=worth()))
    first = "Without the listener’s past with ads the model would lose most. 1 of 2 groups would"
    assert first in said
    assert said.index("The listener’s past with ads 1 feature +0.0310") < said.index("The moment 2")
    assert "on 200,000 of 481,203 training rows, drawn by lottery" in said
    assert "with the same number of rounds (74)" in said
    assert "their worth was not measured" in text(page())


def test_groups_that_nobody_would_miss_are_said_to_be_so():
    unsure = worth(groups=worth()["groups"][:1], rows=9, rows_of=9)
    said = text(page(features=unsure))
    assert "No group alone would surely be missed" in said
    assert "on all 9 training rows" in said


def test_what_has_changed_since_the_champion_was_trained_is_told():
    said = text(page())
    assert "the champion of 4 January 2026 learnt from, 18 to 31 December 2025" in said
    assert "1 moved far: Listener’s rate, last 28 days. 1 moved moderately." in said
    assert "Listener’s rate, last 28 days moved far 0.410 0.020 1.0 % → 35.0 %" in said
    assert "Ad’s rate" not in said[said.index("What has changed since") :]
    assert "The other 2 features moved no further than usual." in said
    assert "The champion still holds what it promised" in said
    assert "The champion’s scores of tonight’s rows are spread very differently" in said


def test_a_champion_that_promises_too_much_is_said_to():
    wrong = binary_evaluation()
    wrong["metrics"]["champion"]["calibration_ratio"] = figure(1.2, 0.05)
    said = text(page(evaluation=wrong))
    assert "The champion now promises 20.0 % more than happens" in said


def test_without_a_champion_tonights_model_is_compared_with_its_own_training_days():
    alone = binary_evaluation(drift={"model": drifted(features=None, scores=None)})
    said = text(page(evaluation=alone))
    assert "No earlier champion stands beside it" in said
    assert "keeps no profile" in said and "none were kept from its calibration" in said


def test_the_days_money_is_told_in_words_and_by_audience():
    said = text(page(audiences=audiences() | {"money": money()}))
    assert "expected to earn 42.10 bid units" in said
    assert "sneakers 1,203 24.06 20.00 to 29.00 20.00" in said


def test_a_family_that_values_nothing_does_not_speak_of_money():
    assert "What it is worth" in page() and "What it is worth" not in page(valued=False)


def test_who_would_be_addressed_is_beside_everybody():
    said = text(page())
    assert "Gender: female 5,000 45 % 36 % 0.80 0.70–0.90 male 5,000 45 % 54 % 1.20" in said
    few = [one | {"rows": 49} for one in binary_evaluation()["delivery"]]
    assert "Who would be addressed" not in page(evaluation=binary_evaluation(delivery=few))


def test_what_another_choice_would_have_earned_has_intervals_and_a_basis():
    said = text(page(off_policy=off_policy()))
    assert (
        "The new model by value would have earned 24.00 per thousand opportunities, 6.00 more"
        in said
    )
    assert "1.00 more than what was shown, which may be chance." in said
    assert (
        "The new model by value 24.00 21.00 to 27.00 24.00 18.00 to 30.00 6.00 3.00 to 9.00" in said
    )
    assert "As logged really earned 18.00 17.00 to 19.00 – –" in said
    assert "From 31,234 logged opportunities, of which 5.0 % were explored;" in said
    assert "The largest weight was 41." in said


def test_hostile_names_are_text_not_markup():
    bad = "<script>alert(1)</script>"
    red = {
        "segments": [
            {
                "name": bad,
                "color": 'red;background:url("http://x")',
                "listeners": 1,
                "share": 1.0,
                "distinguishing": [{"feature": bad, "label": bad, "lift": 2.0}],
                "typical_day": [1] * 24,
            }
        ]
    }
    html = page(
        family_title=bad,
        question=bad,
        night=bad,
        definitions=red,
        inputs={bad: bad},
        receipt={bad: bad},
        audiences={"audiences": [{"title": bad, "reason": bad}]},
        evaluation=binary_evaluation(
            slices=[slice_of(bad, bad, 10, 1.0, 0.1)],
            notes=[bad],
            curves=[curve(bad, bad, [0.1, 0.2])],
            drift={"model": drifted(since=(bad, bad))},
            importance=[{"feature": bad, "gain": 1.0, "splits": 1}],
        ),
    )
    assert "<script" not in html and "url(" not in html
    assert html.count("&lt;script&gt;") > 12


def test_every_table_names_its_rows_and_columns():
    html = page(**EVERY_KIND["blessed"]) + page(**EVERY_KIND["segments"])
    assert html.count("<table") == html.count("<caption")
    assert not re.search(r"<th(?! scope=|ead)", html)
    assert not re.search(r"<svg(?![^>]*aria-(label|hidden))", html)


@pytest.mark.parametrize(
    "feature, said",
    [
        ("listener_response_rate_28d", "Listener’s response rate, last 28 days"),
        ("ad_impressions_1d", "Ad’s impressions, the day before"),
        ("hour", "Hour of the day"),
        ("attr_screen_size", "Screen size (given by the source)"),
    ],
)
def test_features_are_named_in_words(feature, said):
    assert feature_in_words(feature) == said


def test_numbers_keep_their_meaning_when_small():
    assert [share(0.0004), share(0.0), share(None), compact(12300.4), compact(0.0001)] == [
        "0.04 %",
        "0.0 %",
        "–",
        "12,300",
        "0.0001",
    ]
