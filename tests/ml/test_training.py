import dataclasses
import multiprocessing

import lightgbm
import pytest
from planted_responses import RECIPE, moods, responses

from ml.calibration import uncalibrated
from ml.encoding import encode
from ml.metrics import auc, calibration_ratio, normalized_entropy
from ml.training import TrainingRefused, fit

TRAIN, STOP = responses(1), responses(2, day=2)


def trained(train=(TRAIN,), stop=(STOP,), recipe=RECIPE, threads=1, definitions=None):
    return fit(list(train), list(stop), definitions, recipe=recipe, threads=threads)


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.fixture()
def in_fresh_process():
    """LightGBM with several threads must not be used in a process that may fork later."""

    def train(threads: int) -> str:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(model_text, (threads,))

    return train


def model_text(threads: int) -> str:
    return trained(recipe=dataclasses.replace(RECIPE, rounds=8), threads=threads)["model.txt"]


def test_the_planted_signal_is_found(model):
    assert model["card.json"]["importance"][0]["feature"] == "evening_share"
    later = responses(3, day=3)
    booster = lightgbm.Booster(model_str=model["model.txt"])
    scores = booster.predict(encode(later, model["card.json"]), num_threads=1)
    assert auc(later["label"], scores) > 0.7


def test_a_shuffled_label_teaches_nothing():
    shuffled = TRAIN.assign(label=TRAIN["label"].sample(frac=1, random_state=1).to_numpy())
    model = trained([shuffled])
    later = responses(3, day=3)
    booster = lightgbm.Booster(model_str=model["model.txt"])
    scores = booster.predict(encode(later, model["card.json"]), num_threads=1)
    assert auc(later["label"], scores) == pytest.approx(0.5, abs=0.1)


def test_shards_and_the_order_of_rows_and_columns_do_not_change_a_byte(model):
    shuffled = TRAIN.sample(frac=1, random_state=1)
    early = shuffled["listener"] < "l00500"
    shards = [shuffled[early], shuffled[~early][shuffled.columns[::-1]]]
    assert trained(shards) == model


def test_files_of_examples_teach_the_same_bytes_as_frames(model, tmp_path):
    files = [tmp_path / f"{half}.parquet" for half in (1, 2, 3)]
    for half, file in enumerate(files[:2]):
        TRAIN[half::2].to_parquet(file)
    STOP.to_parquet(files[2])
    assert trained(files[:2], files[2:]) == model


def test_a_feature_without_a_value_is_noted():
    silent = [day.assign(noise=float("nan")) for day in (TRAIN, STOP)]
    notes = trained(silent[:1], silent[1:])["card.json"]["notes"]
    assert notes == ["In no training example is there a value of 1 feature (noise)."]


def test_two_threads_make_the_same_bytes(in_fresh_process):
    assert in_fresh_process(threads=2) == model_text(threads=1)


def test_the_text_does_not_record_the_number_of_threads(model):
    assert "[num_threads: 0]" in model["model.txt"]
    booster = lightgbm.Booster(model_str=model["model.txt"])
    assert booster.num_trees() == model["card.json"]["best_iteration"]


def test_the_card_says_what_the_model_was_made_of(model):
    card = model["card.json"]
    assert card["rows"] == len(TRAIN)
    assert card["positives"] == TRAIN["label"].sum()
    assert card["base_rate"] == pytest.approx(TRAIN["label"].mean())
    assert card["train_days"] == ["2026-01-01", "2026-01-01"]
    assert card["features"] == ["evening_share", "noise", "device", "attr_break"]


def test_thinned_negatives_are_remembered_in_the_card():
    card = trained(recipe=dataclasses.replace(RECIPE, keep_negatives=0.3))["card.json"]
    assert card["keep_negatives"] == 0.3
    assert card["rows_used"] < card["rows"] == len(TRAIN)


def test_a_tenth_of_the_negatives_teaches_nearly_as_much():
    rare = responses(1, rows=20_000, base=-4.5), responses(2, rows=20_000, base=-4.5, day=2)
    later = responses(3, rows=20_000, base=-4.5, day=3)
    ranked = []
    for keep in (1.0, 0.1):
        recipe = dataclasses.replace(RECIPE, keep_negatives=keep)
        model = trained([rare[0]], [rare[1]], recipe=recipe)
        booster = lightgbm.Booster(model_str=model["model.txt"])
        scores = booster.predict(encode(later, model["card.json"]), num_threads=1)
        ranked.append(auc(later["label"], scores))
    assert ranked[1] == pytest.approx(ranked[0], abs=0.02)


def test_what_a_tenth_of_the_negatives_taught_still_promises_the_true_rate():
    rare = [responses(seed, rows=20_000, base=-4.5, day=seed) for seed in (1, 2, 3)]
    recipe = dataclasses.replace(RECIPE, keep_negatives=0.1)
    model = trained(rare[:1], rare[1:2], recipe=recipe)
    booster = lightgbm.Booster(model_str=model["model.txt"])
    thinned = booster.predict(encode(rare[2], model["card.json"]), num_threads=1)
    promised, seen = uncalibrated(model, rare[2]), rare[2]["label"]
    assert calibration_ratio(seen, thinned) > 4
    assert calibration_ratio(seen, promised) == pytest.approx(1, abs=0.1)
    assert normalized_entropy(seen, promised) < 1 < normalized_entropy(seen, thinned)


@pytest.mark.parametrize(
    "name, value, why",
    [
        ("boosting", "goss", "one-side sampling"),
        ("data_sample_strategy", "goss", "one-side sampling"),
        ("use_quantized_grad", True, "quantized gradients"),
        ("linear_tree", True, "linear trees"),
        ("num_threads", 4, "a machine, not a model"),
        ("seed", 3, "the recipe's own fields"),
    ],
)
def test_what_would_make_models_differ_is_refused_by_name(name, value, why):
    recipe = dataclasses.replace(RECIPE, parameters=((name, value),))
    with pytest.raises(TrainingRefused, match=f"{name}={value} is refused.*{why}"):
        trained(recipe=recipe)


def test_labels_of_one_kind_teach_nothing_and_the_card_says_so():
    found = trained([TRAIN.assign(label=0)])
    assert list(found) == ["card.json"]
    assert "All 4,000 training examples are labelled 0" in found["card.json"]["untrained"]


@pytest.mark.parametrize("train, stop, days", [([], [STOP], "train on"), ([TRAIN], [], "stop and")])
def test_days_without_examples_give_no_model_and_the_card_says_which(train, stop, days):
    for found in (trained(train, stop), trained(train or [TRAIN[:0]], stop or [STOP[:0]])):
        assert list(found) == ["card.json"]
        assert f"no examples on the days to {days}" in found["card.json"]["untrained"]


def test_without_segments_there_is_no_model_and_the_definitions_say_why():
    nobody = {"segments": [], "notes": ["No segments: at least 16 such listeners are needed."]}
    found = trained([moods()[:0]], [moods()[:0]], definitions={"definitions.json": nobody})
    assert found["card.json"]["untrained"] == f"No segments are defined yet. {nobody['notes'][0]}"


def test_labels_other_than_no_and_yes_are_refused():
    with pytest.raises(TrainingRefused, match=r"Expected labels 0 and 1; found \[0, 2\]"):
        trained([TRAIN.assign(label=2 * TRAIN["label"])])


def test_classes_are_the_ids_of_the_definitions_in_their_order():
    segments = [{"id": one, "name": name}
                for one, name in (("s4", "early"), ("s1", "day"), ("s7", "late"))]  # fmt: skip
    definitions = {"definitions.json": {"segments": segments}}
    recipe = dataclasses.replace(RECIPE, objective="multiclass", rounds=10)
    card = trained([moods()], [moods()], recipe, definitions=definitions)["card.json"]
    assert card["classes"] == ["s4", "s1", "s7"]
    assert sum(card["class_rates"]) == pytest.approx(1)
    assert card["rows"] == (moods()["part"] == "train").sum()


def test_a_label_without_a_definition_is_refused():
    definitions = {"definitions.json": {"segments": [{"id": 0, "name": "early"}]}}
    recipe = dataclasses.replace(RECIPE, objective="multiclass")
    with pytest.raises(TrainingRefused, match="labels below 1"):
        trained([moods()], [moods()], recipe, definitions=definitions)


def test_a_feature_may_be_named_after_anything_a_source_says():
    said = 'attr_R&B: "soul" {live}, Пop'
    named = {"attr_break": said}
    model = trained([TRAIN.rename(columns=named)], [STOP.rename(columns=named)])
    assert model["card.json"]["features"][-1] == said
    assert lightgbm.Booster(model_str=model["model.txt"]).num_feature() == 4


def test_an_empty_shard_changes_nothing(model):
    assert trained([TRAIN, TRAIN[:0]], [STOP[:0], STOP]) == model


def test_one_kind_of_label_on_the_stop_days_still_trains():
    assert trained(stop=[STOP.assign(label=0)])["card.json"]["best_iteration"] >= 1
