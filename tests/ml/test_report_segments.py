"""The page of a family with segments: what a marketer reads, and what is said to be missing."""

# The page's typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import functools
import re

import pytest
from report_nights import binary_evaluation, figure, multiclass_evaluation
from report_segments import (
    candidate,
    definitions,
    everything,
    evidence,
    evidences,
    guard,
    lookalike,
    membership,
    names,
    reach,
    usefulness,
)
from test_report import page, text

from ml.report.words import measured


def segments(**changes):
    """The page of a whole night, changed; the words on it."""
    return text(html(**changes))


def html(**changes):
    return _whole() if not changes else page(**(_given() | changes))


@functools.cache
def _whole():
    return page(**_given())


def _given():
    return {"evaluation": multiclass_evaluation(slices=evidences())} | everything()


def section(page_html, name):
    """The words of one section."""
    return text(re.search(rf'<section id="{name}".*?</section>', page_html, re.DOTALL)[0])


def test_the_page_begins_with_the_segments_and_ends_with_the_model():
    order = [html().index(f'<section id="{name}"')
             for name in ("decision", "segments", "moves", "use", "lookalikes", "reach", "guard",
                          "audiences", "figures", "newcomers", "discovery", "data")]  # fmt: skip
    assert order == sorted(order)


def test_another_familys_page_has_nothing_of_segments():
    other = page(evaluation=binary_evaluation())
    for name in ("segments", "moves", "use", "lookalikes", "reach", "guard", "newcomers"):
        assert f'<section id="{name}"' not in other
    assert ".spark" not in other


def test_segments_are_called_by_name_everywhere_and_never_by_id():
    audience = {"audience": "s5", "title": "s5", "listeners": 900, "published": True}
    said = segments(audiences={"audiences": [audience]})
    assert not re.search(r"\bs[1-5]\b", said)
    assert "Night owls 900 Published" in said
    assert "60 rows of “Morning commute” called “Evening comfort”" in said


def test_a_name_chosen_by_a_person_stands_before_the_discovered_one():
    card = section(html(), "segments")
    assert "Night owls Named by a person; discovered as “Sleep and noise”." in card
    assert "Sleep and noise" in section(html(names=None), "segments")
    assert "Named by a person" not in segments(names=None)


def test_a_card_tells_size_trend_and_who_came_and_went():
    said = section(html(), "segments")
    assert "12,600 listeners tonight, in 4 segments. 556 (4 %) are “unknown yet”" in said
    assert "38 % of listeners, 4,811 60 joined and 41 left since the night before. 36 %" in said
    assert "Known since 22 December 2025." in said
    trend = re.search(r'class="spark".*?<polyline points="([^"]+)"', html(), re.DOTALL)[1]
    assert len(trend.split()) == 14


def test_a_card_tells_the_nearest_segment_apart_in_words():
    said = section(html(), "segments")
    assert (
        "Most like Weekend workout, but: More morning (morning share 55 % against 12 %) and less "
        "weekend (weekend share 20 % against 58 %)." in said
    )


def test_a_word_for_less_of_something_says_what_there_is_less_of():
    calm = [{"feature": "energy_mean_28d", "label": "calm", "value": 0.27, "overall": 0.6,
             "lift": 0.45}, {"feature": "device_share_phone", "label": "phone", "value": 0.84,
             "overall": 0.46, "lift": 1.83}]  # fmt: skip
    one = definitions()["segments"][0] | {"distinguishing": calm}
    said = section(html(definitions=definitions(segments=[one])), "segments")
    assert "calm energy mean 0.27, overall 0.6 0.45×" in said
    assert "phone 84 %, overall 46 % 1.8×" in said


@pytest.mark.parametrize("tonight", [None, membership(listeners=0)], ids=["none", "nobody"])
def test_without_tonights_membership_the_sizes_are_the_discoverys(tonight):
    said = section(html(membership=tonight), "segments")
    assert "sizes they were discovered with: nobody is assigned to them tonight." in said
    assert "40 % of listeners, 4,811" in said and "joined" not in said
    assert "tonight’s membership was not built" in segments(membership=None)


def test_a_withheld_segment_says_why_on_its_card_and_leads_the_guards_table():
    page_html = html()
    why = "Age band 18–24 is 53 % of it and 22 % of everybody (2.4×, 2.2–2.6), surely more than"
    assert f"✕ Withheld {why}" in section(page_html, "segments")
    table = section(page_html, "guard")
    assert "1 of 4 segments is withheld." in table
    assert table.index("Weekend workout Withheld.") < table.index("Evening comfort May be")
    assert page_html.count('<tr class="moved-far"><th scope="row"><span class="swatch"') == 1


def test_a_guard_that_could_check_nothing_says_so():
    unchecked = guard(attributes=[], notes=["This source has no listeners table."])
    why = "published unchecked: nothing sensitive is known of anybody"
    for one in unchecked["segments"]:
        one |= {"published": True, "worst": None, "sentence": why}
    page_html = html(guard=unchecked)
    said = section(page_html, "guard")
    assert "nothing was checked" in said and "This source has no listeners table." in said
    assert "Evening comfort" not in said
    assert section(page_html, "segments").count("✓ May be published, unchecked") == 4
    assert "The guard did not look" in section(html(guard=None), "guard")


def test_how_discovery_chose_is_told_with_its_candidates():
    said = section(html(), "discovery")
    assert "Chosen: 4 segments by gaussian mixture, of 4 candidates." in said
    assert "agree by 0.93, where 1 is the same segments and 0 is chance" in said
    assert "4 chosen Gaussian mixture 0.93 0.55 12 %" in said and said.count("chosen G") == 1


@pytest.mark.parametrize(
    "stability, said",
    [(0.9, "the groups are really there"), (0.7, "their borders are soft"),
     (0.4, "cut a continuum"), (None, "How stable they are was not measured.")],
)  # fmt: skip
def test_how_firm_the_segments_are_is_said_in_words(stability, said):
    quality = {"k": 4, "method": "k_means",
               "candidates": [candidate("k_means", 4, stability, 0.5, 0.1)]}  # fmt: skip
    assert said in section(html(stability=quality), "discovery")


def test_what_became_of_the_old_segments_is_told():
    said = section(html(), "discovery")
    assert "3 kept (with the share of their listeners that stayed together), 1 new, 1" in said
    assert "Kept Evening comfort 94 % Morning commute 91 % Weekend workout 88 %" in said
    assert "New Night owls Retired Children and parents" in said
    first = section(html(definitions=definitions(previous=None)), "discovery")
    assert "These are the first definitions" in first


def test_churn_stands_beside_what_it_would_be_without_hysteresis():
    said = section(html(), "moves")
    assert "311 of 11,987 listeners with a segment on both nights changed it" in said
    assert "2.6 % (95 % interval 2.3 % to 2.9 %)" in said
    assert "most probable segment: 8.8 %. 742 listeners were kept where they were" in said
    assert "As assigned 2.6 % Without hysteresis 8.8 %" in said


def test_who_went_where_is_a_matrix_without_those_who_stayed():
    said = section(html(), "moves")
    assert "Morning commute 135 left it 61 74" in said and "4,700" not in said
    assert "88 listeners from “Evening comfort” to “Morning commute”, of 354 in all" in said
    assert "unknown yet 43 left it 43" in said


def test_a_retired_segment_that_listeners_came_from_keeps_its_name():
    moved = membership(flows=[{"from": "s4", "to": "s1", "listeners": 12}])
    assert "Children and parents 12 left it 12" in section(html(membership=moved), "moves")


def test_the_first_night_has_no_moves():
    first = membership(churn=None, flows=[], previous_day=None)
    assert "No night before this one is known" in section(html(membership=first), "moves")
    assert "joined" not in section(html(membership=first), "segments")
    calm = membership(churn=membership()["churn"] | {"held": 0})
    assert "Nobody was kept back by the margin." in section(html(membership=calm), "moves")
    still = membership(flows=[])
    assert "Nobody moved from one segment to another." in section(html(membership=still), "moves")


def test_newcomers_are_drawn_from_the_first_session_to_the_whole_window():
    page_html = html()
    said = section(page_html, "newcomers")
    assert "After 1 session the assignment is right for 52 % of listeners, and for 93 %" in said
    places = [said.index(f"{seen} {rows} rows") for seen, rows in
              [("1 session", "2,300"), ("3 sessions", "2,200"), ("10 sessions", "1,900"),
               ("28 days", "2,400")]]  # fmt: skip
    assert places == sorted(places)
    drawn = re.search(r'<section id="newcomers".*?</section>', page_html, re.DOTALL)[0]
    assert drawn.count('class="whisker"') == drawn.count('class="dot"') == 8


def test_too_few_newcomers_are_said_to_be_too_few():
    note = "Too few rows (below 500) to judge by evidence: 1 session."
    few = multiclass_evaluation(slices=[evidence("28 days", 900, 0.9, 0.01)], notes=[note])
    said = section(html(evaluation=few), "newcomers")
    assert "No curve: too few test rows" in said and note in said


def test_the_segment_that_answers_most_comes_first_with_its_interval():
    said = section(html(), "use")
    assert "From 84,000 impressions of 4 January 2026: everybody answered 1.53 % of them" in said
    assert "“Evening comfort” most often, 2.10 %." in said
    assert "Evening comfort 30,000 impressions 2.10 % 1.94 % to 2.26 % 1.37× 1.72 % 0.82" in said
    assert "which may be chance" not in said
    assert said.index("Weekend workout 18,000") < said.index("Morning commute 24,000")


def test_a_segment_of_which_the_ad_model_promises_too_little_is_marked():
    assert "The ad model promises 18 % too little of “Evening comfort”, surely." in segments()
    assert html().count('<tr class="off">') == 1
    honest = usefulness(segments=usefulness()["segments"][1:])
    assert "holds in every segment" in segments(usefulness=honest)


def test_a_best_segment_that_may_be_best_by_chance_is_said_to():
    wide = usefulness()
    wide["segments"][0]["low"] = 0.009
    assert "most often, 2.10 %, which may be chance." in segments(usefulness=wide)


def test_what_a_segment_tells_stands_beside_chance():
    assert "takes away 0.81 % of the uncertainty" in segments()
    chance = {"explained": 0.002, "by_chance": 0.003, "surely": False}
    said = segments(usefulness=usefulness(tells=chance))
    assert "no more than chance alone would seem to" in said


def test_friends_are_said_to_be_alike_only_when_they_surely_are():
    assert "Friends listen alike: of 12,717 pairs of friends 32.2 % are in one" in segments()
    unsure = {"pairs": 20, "same": 0.45, "expected": 0.41, "ratio": 1.1, "low": 0.6, "high": 1.8}
    assert "not surely more alike" in segments(usefulness=usefulness(friends=unsure))
    assert "no friendships came" in segments(usefulness=usefulness(friends=None))


def test_a_night_without_adverts_says_why_nothing_was_measured():
    note = "Response to adverts by segment was not measured: source lastfm has no impressions."
    none = usefulness(segments=[], overall=None, days=[], tells=None, notes=[note])
    assert note in section(html(usefulness=none), "use")


def test_lookalikes_show_precision_by_tenth_and_whether_it_falls():
    page_html = html()
    said = section(page_html, "lookalikes")
    assert "Seeds: 500 listed, 481 known here, 430 with consent, 430 learnt from." in said
    assert "41.0 % are held-out seeds, 8.2 times the base rate of 5.0 %" in said
    assert "Precision falls from tenth to tenth." in said
    assert page_html.count('class="tenth"') == 10
    assert "evening 66 % 34 % skips little 8 % 21 %" in said
    assert "Evening comfort 70 % Morning commute 30 %" in said


def test_lookalikes_that_do_not_fall_or_are_withheld_are_said_to():
    deciles = lookalike()["deciles"]
    deciles[4]["precision"] = 0.2
    small = {"listeners": None, "share": None, "published": False,
             "reason": "not published: fewer than 1,000 listeners"}  # fmt: skip
    said = segments(lookalikes=[lookalike(deciles=deciles, audience=small)])
    assert "Precision does not fall from tenth to tenth throughout." in said
    assert "Withheld : fewer than 1,000 listeners." in said


def test_reach_is_told_step_by_step_and_small_counts_are_not():
    said = section(html(), "reach")
    assert "In the segment 4,811 Consented 4,105 Not excluded 3,990 Under the frequency cap" in said
    assert "Night owls, mattresses Segment Withheld : fewer than 1,000 listeners" in said
    assert "Consented 1,180 Not excluded not told Under" in said


def test_overlap_reads_from_the_row_to_the_column():
    said = section(html(), "reach")
    assert "Evening listeners for tea 0 % 27 % 100 % – Commuters for coffee 0 % few – 100 %" in said
    assert "Like those who bought tickets 88 % few – –" in said


def test_a_request_with_mistakes_says_what_is_wrong_with_it():
    wrong = reach()["requests"][0] | {
        "published": False, "steps": [], "listeners": None,
        "reason": "cannot be used (1 problem)", "problems": ["There is no segment “evning”."],
    }  # fmt: skip
    said = section(html(reach=reach(requests=[wrong])), "reach")
    assert "Withheld : cannot be used (1 problem) There is no segment “evning”." in said


def test_all_that_is_missing_is_said():
    said = text(page(definitions=definitions()))
    for sentence in (
        "tonight’s membership was not built",
        "How segments answer adverts was not measured tonight.",
        "no friendships came with this source",
        "No list of seeds was given for tonight.",
        "there is no reach to preview",
        "The guard did not look at tonight’s segments.",
        "too few test rows show a listener with little evidence",
    ):
        assert sentence in said


def test_a_source_too_small_for_segments_has_a_page_that_says_so():
    note = "No segments: at least 16 such listeners are needed for two."
    none = definitions(
        segments=[], quality={"k": 0, "candidates": []}, previous=None, notes=[note]
    )
    said = text(page(definitions=none, names=names(segments=[])))
    assert "No segments are defined yet." in said and "at least 16 such listeners" in said
    assert "Nothing was chosen: there were too few listeners" in said


def test_hostile_words_are_text_in_every_section():
    bad = "<script>alert(1)</script>"
    color = 'red;background:url("http://x")'
    one = {"id": bad, "name": bad, "color": color, "listeners": 5, "share": 0.5}
    told = page(
        definitions=definitions(
            segments=[one | {"distinguishing": [], "nearest": {"id": bad, "differences": [
                {"feature": bad, "label": bad, "value": 1, "other": 2}]}, "since": bad}],
            previous={"as_of": bad, "kept": [], "new": [bad], "retired": [one]}, notes=[bad],
        ),
        names={"segments": [one | {"discovered_name": bad + "!"}]},
        membership=membership(segments=[one | {"trend": [], "joined": 1, "left": 1}], notes=[bad],
                              flows=[{"from": bad, "to": "s1", "listeners": 3}]),
        guard=guard(segments=[one | {"published": False, "sentence": bad, "worst": {
            "attribute": bad, "value": bad, "lift": 3.0, "low": 2.5, "high": 4.0}}], notes=[bad]),
        usefulness=usefulness(notes=[bad], segments=[
            one | {"impressions": 3, "rate": 0.1, "calibration": figure(1.0)}]),
        lookalikes=[lookalike(title=bad, notes=[bad], overlap=[one | {"segment": bad}])],
        reach=reach(requests=[{"name": bad, "title": bad, "kind": bad, "published": False,
                               "reason": bad, "steps": [{"step": bad, "reason": bad}]}],
                    overlap=[{"a": bad, "b": "s1"}], notes=[bad]),
    )  # fmt: skip
    assert "<script" not in told and "url(" not in told
    assert told.count("&lt;script&gt;") > 25


@pytest.mark.parametrize(
    "feature, value, said",
    [("evening_share_28d", 0.614, "61 %"), ("skip_rate_28d", 0.09, "9 %"),
     ("genre_share_pop", 0.5, "50 %"), ("tempo_28d", 118.0, "118"), ("shared_days", 0.5, "0.5"),
     ("skip_rate_28d", None, "–")],
)  # fmt: skip
def test_shares_and_rates_of_listening_read_as_percent(feature, value, said):
    assert measured(feature, value) == said
