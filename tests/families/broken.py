"""Families broken on purpose, each in one way: real ones with a single wrong function or value.

`BROKEN` lists them: the rule of the conformance kit that must catch the family, the family, and
words its message must hold.
"""

import datetime as dt
import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import conformance as kit
import pandas as pd

from ml.families.ad_targeting import AD_TARGETING
from ml.families.user_segmentation import USER_SEGMENTATION
from ml.family import Family

TUNED = AD_TARGETING.model


def broken(stage: str, change: Callable[[Any, dict], Any]) -> Callable:
    """A function of ad targeting whose result is changed: ``change(result, inputs)``."""
    sound = getattr(AD_TARGETING, stage)

    @wraps(sound)
    def wrong(**inputs: Any) -> Any:
        return change(sound(**inputs), inputs)

    return wrong


def misled(stage: str, change: Callable[[dict], dict]) -> Callable:
    """A function of ad targeting that is given other inputs: ``change(inputs)``."""
    sound = getattr(AD_TARGETING, stage)

    @wraps(sound)
    def wrong(**inputs: Any) -> Any:
        return sound(**change(inputs))

    return wrong


def plays_of_the_whole_day(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    if "listens" not in inputs:
        return rows
    plays = inputs["listens"]["listener"].value_counts()
    counted = rows["listener"].map(plays).fillna(0).astype("float32")
    return rows.assign(plays_today=counted)


def the_newest_summary_there_is(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    newest = inputs["pooled"][-1] if inputs["pooled"] else None
    shown = 0 if newest is None else int(newest["placement.parquet"]["impressions"].sum())
    return rows.assign(ad_impressions_7d=pd.Series(shown, rows.index, dtype="float32"))


def only_who_comes_again(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    return rows[rows.duplicated("listener", keep="last")].reset_index(drop=True)


def device_of_the_first_row(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    first = inputs["impressions"].drop_duplicates("listener").set_index("listener")["device"]
    return rows.assign(device=rows["listener"].map(first).astype("str"))


def silence_is_consent(inputs: dict) -> dict:
    if "consent" not in inputs:
        return inputs
    silent = set(inputs["impressions"]["listener"]) - set(inputs["consent"]["listener"])
    more = pd.DataFrame({"listener": sorted(silent), "personalised_ads": True})
    return inputs | {"consent": pd.concat([inputs["consent"], more.astype({"listener": "str"})])}


def everybody_has_an_account(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    if "listeners" in inputs:
        inputs["listeners"].set_index("listener").loc[inputs["impressions"]["listener"]]
    return rows


def nobody_without_an_account(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    return rows if "listeners" in inputs else rows[:0]


def tenure_beside_the_average(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    if "listeners" not in inputs:
        return rows
    longest = len(inputs["listeners"])
    return rows.assign(tenure_days=(rows["tenure_days"] / longest).astype("float32"))


def the_first_impression_of_the_day(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    assert inputs["impressions"]["at"].iloc[0] is not None
    return rows


def what_was_known_yesterday(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    assert inputs["history"][-1] is not None
    return rows


def a_share_of_all_candidates(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    assert 1 // len(rows) >= 0
    return rows


def no_column_without_its_table(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    return rows if "listens" in inputs else rows.drop(columns="plays_today")


def in_the_order_of_a_set(partials: dict, inputs: dict) -> dict:
    order = partials["listener.parquet"]["listener"].map(hash).sort_values().index
    return {**partials, "listener.parquet": partials["listener.parquet"].loc[order]}


def only_the_first_shard(partials: list) -> dict:
    assert AD_TARGETING.pool is not None
    return AD_TARGETING.pool(partials[:1])


def gender_by_another_name(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    if "listeners" not in inputs:
        return rows
    gender = inputs["listeners"].set_index("listener")["gender"].map(len)
    return rows.assign(tenure_days=rows["listener"].map(gender).astype("float32"))


def whoever_was_asked_agreed(inputs: dict) -> dict:
    if "consent" not in inputs:
        return inputs
    return inputs | {"consent": inputs["consent"].assign(personalised_ads=True)}


def answered_or_not(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    outcomes = pd.concat(inputs["outcomes"])
    clicked = outcomes.loc[outcomes["kind"] == "click", "impression"]
    return rows.assign(break_position=rows["impression"].isin(clicked).astype("int64"))


def in_percent(scores: pd.DataFrame) -> pd.DataFrame:
    return scores.assign(score=100 * scores["score"])


def surer_than_the_model(scores: pd.DataFrame) -> pd.DataFrame:
    return scores.assign(score=scores["score"] ** 3)


def hours_as_floats(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    return rows.astype({"hour": "float64"})


def without_the_slot(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    return rows.drop(columns="slot")


def a_day_older(rows: pd.DataFrame, inputs: dict) -> pd.DataFrame:
    return rows.assign(tenure_days=rows["tenure_days"] + 1)


def with_a_pickle(*, history: list, as_of: dt.date) -> dict:
    assert USER_SEGMENTATION.discover is not None
    found = USER_SEGMENTATION.discover(history=history, as_of=as_of)
    return {**found, "centers.bin": pickle.dumps(found["definitions.json"]["centers"])}


def by_examples(change: Callable[[pd.DataFrame, dict], pd.DataFrame]) -> Family:
    return replace(AD_TARGETING, examples=broken("examples", change))


def by_candidates(change: Callable[[pd.DataFrame, dict], pd.DataFrame]) -> Family:
    return replace(AD_TARGETING, candidates=broken("candidates", change))


def learning(**changed: Any) -> Family:
    return replace(AD_TARGETING, model=replace(TUNED, **changed))


# Another process must find it, so it has a name of its own.
HASH_ORDER = replace(AD_TARGETING, summarise=broken("summarise", in_the_order_of_a_set))

BROKEN: dict[str, tuple[Callable, Family, str]] = {
    "a slice that is no column": (
        kit.what_the_record_names_is_there,
        replace(AD_TARGETING, slices=("device", "weather")),
        "names the columns weather",
    ),
    "a table read but not declared": (
        kit.what_a_function_asks_for_is_read_and_declared,
        replace(AD_TARGETING, optional_tables=("listens", "tracks", "campaigns", "consent")),
        "asks for listeners; expected it in required_tables or optional_tables",
    ),
    "today's plays, also those to come": (
        kit.the_future_cannot_change_the_past,
        by_examples(plays_of_the_whole_day),
        "in column plays_today",
    ),
    "the newest summary, whatever its day": (
        kit.the_future_cannot_change_the_past,
        by_examples(the_newest_summary_there_is),
        "in column ad_impressions_7d",
    ),
    "only listeners who will come again": (
        kit.the_future_cannot_change_the_past,
        by_examples(only_who_comes_again),
        "rows, found",
    ),
    "the first row of the log": (
        kit.the_order_of_rows_does_not_matter,
        by_examples(device_of_the_first_row),
        "in the examples: in column device",
    ),
    "silence taken for consent": (
        kit.unknown_listeners_neither_break_nor_leak,
        replace(AD_TARGETING, examples=misled("examples", silence_is_consent)),
        "silence is not consent",
    ),
    "an account expected of everybody": (
        kit.unknown_listeners_neither_break_nor_leak,
        by_examples(everybody_has_an_account),
        "found KeyError",
    ),
    "nobody without a table of listeners": (
        kit.without_lists_everybody_in_the_log_counts,
        by_examples(nobody_without_an_account),
        "the examples lost",
    ),
    "a figure divided by the number of accounts": (
        kit.listeners_never_heard_change_nothing,
        by_examples(tenure_beside_the_average),
        "in column tenure_days",
    ),
    "the first impression of an empty day": (
        kit.an_empty_day_flows_through,
        by_examples(the_first_impression_of_the_day),
        "When nothing happens on a day: expected this to work, found IndexError",
    ),
    "yesterday on the first day": (
        kit.the_first_day_of_all_has_no_past,
        by_examples(what_was_known_yesterday),
        "On a source's first day: expected this to work, found IndexError",
    ),
    "divided by no candidates": (
        kit.without_any_events_nothing_is_learnt_and_nobody_is_reached,
        by_candidates(a_share_of_all_candidates),
        "When nothing has ever happened: expected this to work, found ZeroDivisionError",
    ),
    "no column without its table": (
        kit.a_missing_optional_table_costs_only_its_features,
        by_examples(no_column_without_its_table),
        "without listens, in the examples: expected the column plays_today",
    ),
    "a table that is none": (
        kit.a_missing_required_table_is_named_in_words,
        replace(AD_TARGETING, required_tables=("impressions", "outcomes", "weather")),
        "required_tables names weather",
    ),
    "the order of a set": (
        kit.the_same_inputs_give_the_same_bytes,
        HASH_ORDER,
        "the same bytes of summary/listener.parquet",
    ),
    "the first shard for all": (
        kit.four_shards_give_what_one_gives,
        replace(AD_TARGETING, pool=only_the_first_shard),
        "From four shards, in the examples: in column",
    ),
    "age among the features": (
        kit.no_feature_is_a_sensitive_attribute,
        learning(features=(*TUNED.features, "age_band"), categorical=("age_band",)),
        "found the columns age_band",
    ),
    "everything is an open feature": (
        kit.no_feature_is_a_sensitive_attribute,
        learning(open_features=("",)),
        "found the columns age_band, gender",
    ),
    "gender by another name": (
        kit.sensitive_values_change_no_feature,
        by_examples(gender_by_another_name),
        "in column tenure_days",
    ),
    "consent asked for but not heeded": (
        kit.withdrawn_consent_removes_the_listener,
        replace(AD_TARGETING, examples=misled("examples", whoever_was_asked_agreed)),
        "In the examples, in column listener, expected nobody who withdrew consent",
    ),
    "candidates without consent": (
        kit.withdrawn_consent_removes_the_listener,
        replace(AD_TARGETING, candidates=misled("candidates", whoever_was_asked_agreed)),
        "In the candidates, in column listener, expected nobody who withdrew consent",
    ),
    "trees that cannot grow": (
        kit.a_planted_signal_is_found,
        learning(parameters=(("min_data_in_leaf", 1_000_000),)),
        "expected a normalized entropy below",
    ),
    "the label among the features": (
        kit.in_shuffled_labels_nothing_is_found,
        learning(features=(*TUNED.features, "label")),
        "Is the label, or what follows from it, among the features?",
    ),
    "a feature that reads the answer": (
        kit.in_random_outcomes_nothing_is_found,
        by_examples(answered_or_not),
        "A feature reads an outcome of its own impression",
    ),
    "scores in percent": (
        kit.scores_are_calibrated_probabilities,
        replace(AD_TARGETING, settle=in_percent),
        "In column score, expected probabilities from 0 to 1",
    ),
    "clicks rarer than they are": (
        kit.scores_are_calibrated_probabilities,
        replace(AD_TARGETING, settle=surer_than_the_model),
        "In column score, of all rows: expected",
    ),
    "segments surer than they are": (
        kit.scores_are_calibrated_probabilities,
        replace(USER_SEGMENTATION, settle=surer_than_the_model),
        "In column score, expected the model's calibrated probability",
    ),
    "another dtype at scoring": (
        kit.candidates_have_the_features_of_training,
        by_candidates(hours_as_floats),
        "in column hour, expected the dtype int64, found float64",
    ),
    "a feature that scoring lacks": (
        kit.candidates_have_the_features_of_training,
        by_candidates(without_the_slot),
        "the column slot is missing",
    ),
    "another value at scoring": (
        kit.the_same_opportunity_has_the_same_features,
        by_candidates(a_day_older),
        "in column tenure_days",
    ),
    "a pickle beside the definitions": (
        kit.everything_travels_in_open_formats,
        replace(USER_SEGMENTATION, discover=with_a_pickle),
        "found centers.bin",
    ),
}
