"""Contracts: shape condemns the day, a bad row only itself."""

import datetime as dt

import pandas as pd
import pytest

from ml.coercion import coerce, shape_problems
from ml.contract import DTYPES, broken
from ml.tables import IMPRESSIONS, LISTENERS, LISTENS, TABLES

DAY = dt.date(2026, 1, 5)


def listens(**columns) -> pd.DataFrame:
    rows = {
        "listener": ["ann", "bob"],
        "track": ["t1", "t2"],
        "at": ["2026-01-05T08:00:00", "2026-01-05 23:59:59.999"],
        "ms_played": ["1000", "2000"],
        "track_ms": ["", "3000"],
        "device": ["phone", None],
        "context": ["album", "radio"],
    }
    return pd.DataFrame(rows | columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_an_empty_frame_keeps_every_contract(table):
    empty = table.empty()
    assert shape_problems(empty, table) == []
    assert broken(empty, table, DAY).empty
    assert [str(dtype) for dtype in empty.dtypes] == [DTYPES[each.kind] for each in table.columns]


def test_text_becomes_the_contracts_types_and_unknowns_get_their_names():
    typed, breaches = coerce(listens(), LISTENS)
    assert breaches.empty
    assert typed["track_ms"].tolist() == [-1, 3000]
    assert typed["device"].tolist() == ["phone", "unknown"]
    assert str(typed["at"].dtype) == "datetime64[ms]"
    assert broken(typed, LISTENS, DAY).empty


def test_all_shape_problems_are_listed_at_once():
    raw = listens(ms_played=[0.5, 1.5], at=[1, 2]).drop(columns="context")
    problems = {column: found for column, _, found in shape_problems(raw, LISTENS)}
    assert set(problems) == {"ms_played", "at", "context"}
    assert problems["context"] == "no such column"
    assert "0.5" in problems["ms_played"]


@pytest.mark.parametrize(
    "values",
    [[1.0, 2.0], [1, 2], ["1", "2"], pd.Categorical(["1", "2"]), pd.array([1, 2], "Int32")],
    ids=["whole floats", "integers", "text", "categories", "nullable integers"],
)
def test_what_can_be_converted_without_loss_is_accepted(values):
    raw = listens(ms_played=values)
    assert shape_problems(raw, LISTENS) == []
    assert coerce(raw, LISTENS)[0]["ms_played"].tolist() == [1, 2]


def test_large_integers_keep_every_digit_beside_values_that_are_none():
    raw = listens(ms_played=["9007199254740993", "many"])
    assert coerce(raw, LISTENS)[0]["ms_played"].tolist() == [9007199254740993, 0]


def test_what_an_ad_server_does_not_log_is_missing_and_breaks_no_rule():
    rows = {"impression": ["i1", "i2"], "listener": "ann", "ad": "a1", "at": "2026-01-05T08:00:00"}
    words = dict.fromkeys(("campaign", "advertiser", "format", "slot", "device", "mood"), "")
    silent = pd.DataFrame(rows | words | {"break_position": 0})
    for raw in (silent, silent.assign(propensity="", explored=None)):
        whole = IMPRESSIONS.completed(raw)
        assert shape_problems(whole, IMPRESSIONS) == []
        typed, unreadable = coerce(whole, IMPRESSIONS)
        assert typed["propensity"].isna().all() and typed["explored"].tolist() == [-1, -1]
        assert unreadable.empty and broken(typed, IMPRESSIONS, DAY).empty


def test_a_propensity_that_is_logged_is_a_probability():
    raw = IMPRESSIONS.empty().astype(object)
    logged = ["0", "1.5", "0.02", "", "1"]
    raw = raw.assign(propensity=pd.Series(logged), impression=[f"i{at}" for at in range(5)],
                     listener="ann", ad="a1", at="2026-01-05T08:00:00")  # fmt: skip
    typed, unreadable = coerce(raw, IMPRESSIONS)
    refused = broken(typed, IMPRESSIONS, DAY)
    assert unreadable.empty
    assert refused[["row", "column"]].values.tolist() == [[0, "propensity"], [1, "propensity"]]


@pytest.mark.parametrize("column", LISTENS.names)
def test_a_column_that_holds_nothing_is_a_matter_of_rows(column):
    typed, breaches = coerce(listens(**{column: [float("nan")] * 2}), LISTENS)
    has_default = column in ("track_ms", "device", "context")
    assert (len(breaches) == 0) == has_default
    assert typed.dtypes.equals(LISTENS.empty().dtypes)


def test_a_time_with_a_zone_is_moved_to_utc():
    raw = listens(at=["2026-01-05T08:00:00+02:00", "2026-01-05T08:00:00Z"])
    assert coerce(raw, LISTENS)[0]["at"].dt.hour.tolist() == [6, 8]


@pytest.mark.parametrize(
    "column, value, rule",
    [
        ("listener", None, "must not be empty"),
        ("listener", "two words", "must be an id of 1 to 128 characters without spaces"),
        ("ms_played", "x", "must be a whole number"),
        ("ms_played", "1.5", "must be a whole number"),
        ("ms_played", "-1", "must be at least 0"),
        ("ms_played", "86400001", "must be at most 86,400,000"),
        ("at", "yesterday", "must be a time such as 2026-01-05T18:30:00"),
        ("at", "2026-01-06T00:00:00", "must lie on 2026-01-05"),
        ("device", "a\x00b", "must be a word of 1 to 128 printable characters"),
    ],
)
def test_a_bad_value_breaks_a_rule_of_its_row_alone(column, value, rule):
    good = listens()[column].tolist()
    typed, breaches = coerce(listens(**{column: [good[0], value]}), LISTENS)
    found = breaches if len(breaches) else broken(typed, LISTENS, DAY)
    assert found[["row", "column", "rule"]].values.tolist() == [[1, column, rule]]


def test_an_enumeration_lists_its_choices_and_ids_of_a_snapshot_are_unique():
    rows = pd.DataFrame({"listener": ["a", "a"], "tier": ["free", "gold"], "country": "DE",
                         "joined": "2025-01-01", "device": "car", "age_band": "", "gender": ""})
    found = broken(coerce(rows, LISTENERS)[0], LISTENERS, DAY)
    assert found["rule"].tolist() == [
        "must be unique", "must be unique", "must be one of free, paid, unknown"
    ]  # fmt: skip


def test_an_impression_may_bring_columns_of_its_own():
    raw = pd.DataFrame(columns=[*IMPRESSIONS.names, "attr_network", "other"])
    assert list(coerce(raw, IMPRESSIONS)[0].columns) == [*IMPRESSIONS.names, "attr_network"]
