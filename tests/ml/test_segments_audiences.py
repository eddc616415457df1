"""Segments as audiences: by id, called by their names, withheld when the guard says so."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ml.segments import audiences

NAMES = {"names.json": {"segments": [
    {"id": one, "name": name, "color": "#0072b2", "discovered_name": name}
    for one, name in (("s1", "evening, calm"), ("s2", "morning, car"))
]}}  # fmt: skip


def membership(**sizes):
    rows = [(f"{segment}-{number:03d}", segment) for segment, size in sizes.items()
            for number in range(size)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["listener", "segment"])
    return frame.assign(probability=np.linspace(0.4, 0.9, len(frame)))


def guard(**withheld):
    return {"guard.json": {"segments": [
        {"id": one, "published": one not in withheld, "sentence": withheld.get(one, "")}
        for one in ("s1", "s2")
    ]}}  # fmt: skip


def built(members, held=None, consent=None):
    return audiences.build(
        [members], NAMES, guard() if held is None else held, consent, minimum=10,
        family_name="user_segmentation", night=dt.date(2026, 2, 3), consent_required=False,
    )  # fmt: skip


def test_a_segment_is_called_by_its_name_and_known_by_its_id():
    told = built(membership(s1=20, s2=15))["audiences.json"]["audiences"]
    assert [(one["audience"], one["title"]) for one in told] == [
        ("s1", "evening, calm"), ("s2", "morning, car"),
    ]  # fmt: skip


def test_everybody_in_a_segment_is_in_its_audience():
    made = built(membership(s1=20, s2=15))
    assert made["audience.parquet"]["audience"].value_counts().to_dict() == {"s1": 20, "s2": 15}


@pytest.mark.parametrize("size", [1, 9])
def test_a_segment_below_k_is_refused_and_its_size_is_not_written(size):
    made = built(membership(s1=20, s2=size))
    refused = made["audiences.json"]["audiences"][1]
    assert not refused["published"] and refused["listeners"] == 0
    assert set(made["audience.parquet"]["audience"]) == {"s1"}


def test_a_segment_the_guard_holds_back_is_withheld_in_its_words():
    held = guard(s1="18-24 are 45 % of it and 22 % of everybody")
    made = built(membership(s1=20, s2=15), held)
    first = made["audiences.json"]["audiences"][0]
    assert first["reason"] == "not published: 18-24 are 45 % of it and 22 % of everybody"
    assert set(made["audience.parquet"]["audience"]) == {"s2"}
