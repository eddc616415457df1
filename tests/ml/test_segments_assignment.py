"""Every night's assignment: what is learnt from, and what a newcomer is told."""

import json

import numpy as np
import pandas as pd
import pytest
from planted_listeners import LAST, history, listens, summary, tracks, truth

from ml.segments import assignment
from ml.segments.definitions import discover


@pytest.fixture(scope="module")
def fortnight() -> list[dict]:
    return history()


@pytest.fixture(scope="module")
def definitions(fortnight) -> dict:
    return discover(history=fortnight, as_of=LAST)


@pytest.fixture(scope="module")
def rows(fortnight, definitions) -> pd.DataFrame:
    return assignment.examples(day=LAST, history=fortnight, definitions=definitions)


def accounts(*names: str) -> pd.DataFrame:
    frame = pd.DataFrame({"listener": names}).assign(
        tier="free", country="SE", joined=pd.Timestamp(LAST), device="phone"
    )
    return frame.astype({"listener": "str", "joined": "datetime64[ms]"})


def newcomer(plays: int) -> list[dict]:
    """Two weeks of the others and one evening of somebody never seen before."""
    others = listens(LAST, seed=9)
    evening = others[others["listener"].map(truth()) == "evening"]
    first = evening[evening["listener"] == evening["listener"].iloc[0]].head(plays)
    first = first.assign(listener="newcomer").astype({"listener": "str"})
    today = summary(
        LAST, pd.concat([listens(LAST), first], ignore_index=True), tracks()
    )
    return [*history()[:-1], today]


def test_all_views_of_a_listener_carry_the_same_label_and_part(rows):
    assert (rows.groupby("listener")[["label", "part"]].nunique() == 1).all(axis=None)


def test_views_see_less_but_are_labelled_from_the_whole_window(rows):
    seen = rows.groupby("evidence")["active_days_28d"].max()
    assert seen["1 session"] == 1 and seen["3 sessions"] <= 3 and seen["28 days"] > 7
    sessions = rows["sessions_per_active_day_28d"] * rows["active_days_28d"]
    assert sessions.groupby(rows["evidence"]).max()[["1 session", "3 sessions"]].tolist() == [1, 3]


def test_labels_are_places_in_the_definitions_and_classes_are_ids(rows, definitions):
    ids = [str(one["id"]) for one in definitions["definitions.json"]["segments"]]
    assert (rows["label"].map(dict(enumerate(ids))) == rows["class_name"]).all()


def test_held_out_listeners_are_about_a_fifth_and_never_change_sides():
    listener = pd.Series([f"{number:016x}" for number in range(5000)], dtype="str")
    part = assignment.part_of(listener)
    assert part.value_counts(normalize=True).round(1).to_dict() == {
        "train": 0.6,
        "stop": 0.2,
        "test": 0.2,
    }
    again = assignment.part_of(listener.sample(frac=0.1, random_state=1))
    assert (part[again.index] == again).all()


def test_one_shard_or_four_give_the_same_examples(fortnight, definitions, rows):
    def shard(number: int) -> list[dict]:
        return [
            {
                name: frame[frame["listener"].str[-1].astype(int) % 4 == number].reset_index(
                    drop=True
                )
                for name, frame in part.items()
            }
            for part in fortnight
        ]

    shards = [
        assignment.examples(day=LAST, history=shard(number), definitions=definitions)
        for number in range(4)
    ]
    together = pd.concat(shards).sort_values(
        ["moment", "listener"], kind="stable", ignore_index=True
    )
    pd.testing.assert_frame_equal(together, rows)


def test_an_empty_night_has_the_columns_and_types_of_a_full_one(definitions, rows):
    empty = [summary(LAST, listens(LAST)[:0])]
    nothing = assignment.examples(day=LAST, history=empty, definitions=definitions)
    assert nothing.empty and nothing.dtypes.to_dict() == rows.dtypes.to_dict()
    assert assignment.candidates(day=LAST, history=empty, definitions=definitions).empty


def test_definitions_without_segments_make_no_examples(fortnight):
    nothing = discover(history=history(listeners=4), as_of=LAST)
    assert assignment.examples(day=LAST, history=fortnight, definitions=nothing).empty


def test_a_night_without_described_tracks_still_has_labels(definitions):
    examples = assignment.examples(
        day=LAST, history=history(with_tracks=False), definitions=definitions
    )
    assert len(examples) and examples["energy_mean_28d"].isna().all()


def test_every_column_is_there_at_scoring_as_at_training(fortnight, definitions, rows):
    scored = assignment.candidates(day=LAST, history=fortnight, definitions=definitions)
    features = set(assignment.FEATURES) | {
        c for c in rows if c.startswith(assignment.OPEN_FEATURES)
    }
    assert features <= set(rows) and features <= set(scored)
    assert (scored[sorted(features)].dtypes == rows[sorted(features)].dtypes).all()


def test_with_next_to_nothing_known_the_answer_is_unknown_yet(definitions):
    scored = assignment.candidates(
        day=LAST, history=newcomer(plays=3), definitions=definitions, listeners=accounts("silent")
    ).set_index("listener")
    assert (
        not scored.loc["newcomer", "enough_evidence"]
        and not scored.loc["silent", "enough_evidence"]
    )
    assert scored.loc["silent", "plays_28d"] == 0 and scored.loc["silent", "tenure"] == "new"


def test_an_answer_without_evidence_says_unknown_yet_whatever_the_model_said():
    said = pd.DataFrame({"segment": ["night", "night"], "enough_evidence": [True, False]})
    answered = assignment.answers(said.astype({"segment": "str"}))
    assert answered["segment"].tolist() == ["night", assignment.UNKNOWN]


def test_a_listener_heard_for_one_evening_gets_the_evening_segment(definitions, rows):
    import lightgbm

    from ml import training
    from ml.encoding import encode
    from ml.families.user_segmentation import USER_SEGMENTATION

    model = training.fit([rows], [rows], definitions, recipe=USER_SEGMENTATION.model, threads=1)
    scored = assignment.candidates(day=LAST, history=newcomer(plays=10), definitions=definitions)
    one = scored[scored["listener"] == "newcomer"]
    booster = lightgbm.Booster(model_str=model["model.txt"])
    likely = booster.predict(encode(one, model["card.json"]), num_threads=1)[0]
    evening = rows.loc[rows["listener"].map(truth()) == "evening", "label"].mode()[0]
    assert one["enough_evidence"].all() and np.argmax(likely) == evening


def test_who_withdrew_consent_is_in_no_example_and_no_candidate(fortnight, definitions, rows):
    consent = pd.DataFrame({"listener": rows["listener"].unique()})
    consent["personalised_ads"] = consent["listener"] != "listener-001"
    night = {"day": LAST, "history": fortnight, "definitions": definitions, "consent": consent}
    for frame in (assignment.examples(**night), assignment.candidates(**night)):
        assert len(frame) and "listener-001" not in set(frame["listener"])


def test_without_accounts_the_device_is_the_one_most_played_on(rows):
    assert (rows["device"] == rows["main_device"]).all() and set(rows["tier"]) == {"unknown"}


def test_the_same_night_gives_the_same_bytes(fortnight, definitions, rows):
    again = assignment.examples(
        day=LAST,
        history=fortnight[::-1],
        definitions=json.loads(json.dumps({"definitions.json": definitions["definitions.json"]})),
    )
    pd.testing.assert_frame_equal(again, rows)
