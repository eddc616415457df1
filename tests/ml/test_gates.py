import pytest
from planted_responses import NIGHT

from ml.family import Gate
from ml.gates import decide

MODEL = {"model.txt": "new trees", "card.json": {"rows": 2}}
CALIBRATION = {"calibration.json": {"method": "identity"}}
CHAMPION = {
    "live.json": {"live_day": "2026-01-02"},
    "model.txt": "old trees",
    "card.json": {"rows": 1},
    "calibration.json": {"method": "platt"},
}


def figures(**values):
    return {name: {"value": value, "low": None, "high": None} for name, value in values.items()}


def one_slice(market, rows, **values):
    return {"slice": "market", "value": market, "rows": rows, "metrics": figures(**values)}


EVALUATION = {
    "rows": 17_040,
    "metrics": {
        "model": figures(normalized_entropy=0.887, calibration_ratio=1.02, auc=0.76),
        "base rate": figures(normalized_entropy=1.0, calibration_ratio=1.0, auc=0.5),
        "slot and ad": figures(normalized_entropy=0.947, calibration_ratio=1.04, auc=0.675),
    },
    "slices": [
        one_slice("SE", 9000, calibration_ratio=0.97),
        one_slice("DE", 8000, calibration_ratio=1.12),
        one_slice("IS", 40, calibration_ratio=3.0),
    ],
    "comparison": {
        "champion_day": "2026-01-02",
        "metric": "normalized_entropy",
        "difference": {"value": -0.003, "low": -0.007, "high": 0.001},
        "slices": [
            {"slice": "market", "value": "SE", "rows": 9000, "difference": {"value": -0.01}},
            {"slice": "market", "value": "DE", "rows": 8000, "difference": {"value": 0.004}},
        ],
    },
}


def decision(*gates, champion=CHAMPION, **changes):
    return decide(
        {"evaluation.json": EVALUATION | changes},
        MODEL,
        CALIBRATION,
        champion,
        gates=gates,
        family_name="ads",
        night=NIGHT,
    )


def test_a_model_that_passes_is_live_after_tonight():
    found = decision(Gate("informative", "normalized_entropy", high=0.95))
    assert found["decision.json"]["verdict"] == "blessed"
    assert found["decision.json"]["live_day"] == "2026-01-05"
    assert found["decision.json"]["champion_day"] == "2026-01-02"
    assert found["model.txt"] == "new trees" and found["calibration.json"]["method"] == "identity"


def test_after_a_refusal_the_champion_stays_as_it_was():
    found = decision(Gate("informative", "normalized_entropy", high=0.8))
    assert found["decision.json"]["verdict"] == "refused"
    assert found["decision.json"]["live_day"] == "2026-01-02"
    assert {name: found[name] for name in MODEL} == {name: CHAMPION[name] for name in MODEL}


@pytest.mark.parametrize("champion", [None, {"live.json": {"live_day": None}}])
def test_a_refusal_without_a_champion_leaves_nothing_live(champion):
    found = decision(Gate("informative", "normalized_entropy", high=0.8), champion=champion)
    assert list(found) == ["decision.json"]
    assert found["decision.json"]["live_day"] is None


@pytest.mark.parametrize(
    "gate, sentence",
    [
        (
            Gate("informative", "normalized_entropy", high=0.8),
            "Normalized entropy, where 1 is knowing the base rate alone, is 0.887, "
            "but should be at most 0.8",
        ),
        (
            Gate("calibrated everywhere", "calibration_ratio", 0.9, 1.1, "slices", 1000),
            "In market DE, the worst of 2 slices, predictions add up to 112 % of what happened, "
            "but should be 90 % to 110 %",
        ),
        (
            Gate("beats rates", "normalized_entropy", high=-0.1, on="baseline"),
            "Normalized entropy is 0.887, 0.060 better than the best baseline "
            "(slot and ad: 0.947), but should be better by 0.1",
        ),
        (
            Gate("beats champion", "normalized_entropy", high=0.0, on="champion"),
            "Normalized entropy is 0.0030 better than the champion's of 2026-01-02 "
            "(95 % interval: 0.0070 better to 0.0010 worse), but nothing worse is allowed",
        ),
        (
            Gate("worse nowhere", "normalized_entropy", high=0.002, on="champion slices"),
            "In market DE, the worst of 2 slices, normalized entropy is 0.0040 worse than the "
            "champion's of 2026-01-02, but at most 0.002 worse is allowed",
        ),
        (
            Gate("enough to judge", "auc", low=0.6, minimum_rows=20_000),
            "The model was judged on 17,040 rows, but at least 20,000 are needed",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Gate) else "",
)
def test_each_gate_refuses_with_a_sentence_and_its_numbers(gate, sentence):
    found = decision(gate)["decision.json"]
    assert found["verdict"] == "refused"
    assert found["reasons"] == [sentence]


@pytest.mark.parametrize(
    "gate",
    [
        Gate("calibrated", "calibration_ratio", 0.95, 1.05),
        Gate("calibrated everywhere", "calibration_ratio", 0.8, 1.2, "slices", 1000),
        Gate("beats rates", "normalized_entropy", on="baseline"),
        Gate("beats ranks", "auc", low=0.05, on="baseline"),
        Gate("not worse", "normalized_entropy", high=0.002, on="champion"),
        Gate("worse nowhere", "normalized_entropy", high=0.005, on="champion slices"),
    ],
    ids=lambda gate: f"{gate.name} ({gate.on})",
)
def test_each_gate_can_be_passed(gate):
    found = decision(gate)["decision.json"]
    assert found["verdict"] == "blessed"
    assert found["gates"][0]["passed"]


@pytest.mark.parametrize(
    "low, high, verdict, said",
    [
        (0.71, 1.04, "blessed", "interval 71 % to 104 %), which may be chance, and should be 90 %"),
        (0.78, 0.86, "refused", "(95 % interval 78 % to 86 %), but should be 90 % to 110 %"),
        (None, None, "refused", "add up to 82 % of what happened, but should be 90 %"),
    ],
)
def test_calibration_is_refused_only_when_it_is_surely_off(low, high, verdict, said):
    seen = {"model": {"calibration_ratio": {"value": 0.82, "low": low, "high": high}}}
    gate = Gate("calibrated", "calibration_ratio", 0.9, 1.1, certain=True)
    found = decision(gate, metrics=seen)["decision.json"]
    assert found["verdict"] == verdict
    assert said in found["gates"][0]["sentence"]


def test_the_worst_slice_is_the_one_surely_furthest_off():
    near = one_slice("SE", 9000, calibration_ratio=1.0)
    noisy, sure = one_slice("DE", 700, calibration_ratio=1.9), one_slice("IS", 9000)
    noisy["metrics"]["calibration_ratio"] |= {"low": 0.8, "high": 3.0}
    sure["metrics"]["calibration_ratio"] = {"value": 1.3, "low": 1.2, "high": 1.4}
    gate = Gate("calibrated", "calibration_ratio", 0.9, 1.1, "slices", 500, certain=True)
    found = decision(gate, slices=[near, noisy, sure])["decision.json"]
    assert found["verdict"] == "refused" and "In market IS" in found["reasons"][0]


def test_a_model_that_was_not_trained_is_refused_for_the_reason_on_its_card():
    untrained = {"card.json": {"untrained": "There are no examples on the days to train on."}}
    nothing = {"metrics": {"model": figures(auc=None)}, "rows": 0}
    found = decide({"evaluation.json": EVALUATION | nothing}, untrained, CALIBRATION, CHAMPION,
                   gates=(Gate("ranks", "auc", low=0.6),), family_name="ads",
                   night=NIGHT)  # fmt: skip
    assert found["decision.json"]["reasons"] == [
        "No model was trained. There are no examples on the days to train on"
    ]
    assert found["model.txt"] == "old trees"


def test_small_slices_do_not_decide():
    found = decision(Gate("calibrated", "calibration_ratio", 0.9, 1.1, "slices", 10_000))
    gate = found["decision.json"]["gates"][0]
    assert gate["passed"] and "No slice has 10,000 rows" in gate["sentence"]


def test_without_a_champion_there_is_nothing_to_be_worse_than():
    places = ("champion", "champion slices")
    gates = [Gate(place, "normalized_entropy", high=0.0, on=place) for place in places]
    found = decision(*gates, champion=None, comparison=None)["decision.json"]
    assert found["verdict"] == "blessed"
    assert all("no champion yet" in gate["sentence"] for gate in found["gates"])


def test_a_figure_without_meaning_refuses():
    nothing = {"model": figures(auc=None), "base rate": figures(auc=None)}
    gates = Gate("ranks", "auc", low=0.6), Gate("beats", "auc", on="baseline")
    found = decision(*gates, metrics=nothing)["decision.json"]
    assert [gate["passed"] for gate in found["gates"]] == [False, False]
    assert "could not be measured" in found["reasons"][0]


def newness(value, entropy, low, high, rows=3000):
    made = one_slice(value, rows, normalized_entropy=entropy) | {"slice": "ad_newness"}
    made["metrics"]["normalized_entropy"] |= {"low": low, "high": high}
    return made


@pytest.mark.parametrize(
    "new, verdict, said",
    [
        (newness("new", 0.95, 0.92, 0.98), "blessed", "is 0.95 for a new ad and 0.9 for a known"),
        (newness("new", 1.05, 0.99, 1.1), "blessed", "at most 0.1 above"),
        (newness("new", 1.2, 1.1, 1.3), "refused", "but the new may be at most 0.1 above"),
        (newness("new", 1.2, 1.1, 1.3, rows=20), "blessed", "Not 500 rows are new"),
    ],
    ids=["near", "perhaps far", "surely far", "too few"],
)
def test_what_is_new_is_judged_within_a_distance_of_what_is_known(new, verdict, said):
    known = newness("known", 0.9, 0.88, 0.92)
    gate = Gate("new", "normalized_entropy", high=0.1, on="cold start", minimum_rows=500,
                certain=True, of=("ad_newness",))  # fmt: skip
    found = decision(gate, slices=[known, new])["decision.json"]
    assert found["verdict"] == verdict and said in found["gates"][0]["sentence"]


def group(value, ratio, low, high, rows=400):
    return {"slice": "age_band", "value": value, "rows": rows, "eligible_share": 0.2,
            "share": 0.2 * ratio, "ratio": {"value": ratio, "low": low, "high": high}}  # fmt: skip


@pytest.mark.parametrize(
    "groups, verdict",
    [
        ([group("18-24", 0.9, 0.8, 1.0), group("55+", 0.6, 0.5, 0.8)], "blessed"),
        ([group("18-24", 0.9, 0.8, 1.0), group("55+", 0.2, 0.1, 0.3)], "refused"),
        ([group("18-24", 0.9, 0.8, 1.0), group("55+", 0.3, 0.1, 0.8)], "blessed"),
        ([group("55+", 0.2, 0.1, 0.3, rows=30)], "blessed"),
    ],
    ids=["alike", "one is hardly addressed", "it may be chance", "too few to say"],
)
def test_a_model_that_addresses_a_group_far_too_rarely_is_refused(groups, verdict):
    gate = Gate("fair", "delivery", 0.5, 2.0, "delivery", 200, certain=True, of=("age_band",))
    found = decision(gate, delivery=groups)["decision.json"]
    assert found["verdict"] == verdict
    if verdict == "refused":
        assert found["reasons"] == [
            "age_band 55+, the worst served of 2 groups, are 20 % of the listeners and 4 % of "
            "those with the best scores, a ratio of 0.20 (95 % interval 0.10 to 0.30), but it "
            "should be 0.5 to 2"
        ]


@pytest.mark.parametrize("low, verdict", [(0.003, "refused"), (-0.002, "blessed")])
def test_a_slice_is_worse_than_the_champions_only_when_it_surely_is(low, verdict):
    gate = Gate("worse nowhere", "normalized_entropy", high=0.001, on="champion slices",
                minimum_rows=500, certain=True)  # fmt: skip
    behind = {"value": 0.004, "low": low, "high": 0.01}
    slices = [{"slice": "market", "value": "DE", "rows": 8000, "difference": behind}]
    compared = {**EVALUATION["comparison"], "slices": slices}
    found = decision(gate, comparison=compared)["decision.json"]
    assert found["verdict"] == verdict


@pytest.mark.parametrize(
    "low, verdict", [(0.587, "blessed"), (0.489, "refused"), (None, "refused")]
)
def test_what_must_be_proven_is_refused_when_in_doubt(low, verdict):
    seen = {"model": {"auc": {"value": 0.655, "low": low, "high": low and 0.725}}}
    found = decision(Gate("ranks", "auc", low=0.5, on="proven"), metrics=seen)["decision.json"]
    assert found["verdict"] == verdict
    assert "should be surely at least 0.5" in found["gates"][0]["sentence"]


def test_a_gate_on_some_slices_overlooks_the_others():
    gate = Gate("fair", "calibration_ratio", 0.9, 1.1, "slices", 1000, of=("gender",))
    assert "No slice has 1,000 rows" in decision(gate)["decision.json"]["gates"][0]["sentence"]


def test_a_gate_on_some_baselines_overlooks_the_others():
    gate = Gate("beats", "auc", on="baseline", of=("base rate",))
    assert "base rate: 0.5" in decision(gate)["decision.json"]["gates"][0]["sentence"]


@pytest.mark.parametrize(
    "low, high, verdict, said",
    [
        (0.007, 0.02, "refused", "but must not surely be worse by more than 0.005"),
        (0.002, 0.02, "blessed", "and must not surely be worse by more than 0.005"),
    ],
)
def test_a_model_surely_behind_a_baseline_is_refused_and_one_behind_by_chance_is_not(
    low, high, verdict, said
):
    gate = Gate("not behind", "normalized_entropy", high=0.005, on="baseline", certain=True)
    metrics = EVALUATION["metrics"] | {"rates": figures(normalized_entropy=0.877)}
    beside = {"rates": {"value": 0.01, "low": low, "high": high}}
    found = decision(gate, metrics=metrics, beside=beside)["decision.json"]
    assert found["verdict"] == verdict
    assert "0.010 worse than the best baseline" in found["gates"][0]["sentence"]
    assert said in found["gates"][0]["sentence"]


def moved(changed, compared=1000, redefined=False):
    share = changed / compared
    found = {"compared": compared, "changed": changed, "share": share,
             "low": share - 0.01, "high": share + 0.01}  # fmt: skip
    return {"churn": found, "redefined": redefined}


def churned(gate, found):
    (answer,) = decision(gate, **{"churn.json": found})["decision.json"]["gates"]
    return answer


def test_a_model_that_would_move_too_many_listeners_is_refused_with_their_number():
    gate = Gate("few change segment", "churn", high=0.06, on="churn", certain=True)
    refused = churned(gate, moved(90))
    assert not refused["passed"] and refused["bound"] == "at most 6 %"
    said = "90 of 1,000 listeners (9.0 %) would change segment overnight, but should be at most 6 %"
    assert refused["sentence"] == said
    assert churned(gate, moved(40))["passed"]


def test_churn_that_may_be_chance_is_let_through_and_said_to_be():
    gate = Gate("few change segment", "churn", high=0.06, on="churn", certain=True)
    found = churned(gate, moved(65))
    assert found["passed"] and "which may be chance" in found["sentence"]


def test_on_the_night_of_a_discovery_another_bound_holds():
    usual = Gate("few change", "churn", high=0.06, on="churn", of=("same definitions",))
    anew = Gate("most stay", "churn", high=0.4, on="churn", of=("new definitions",))
    found = moved(300, redefined=True)
    assert churned(usual, found)["passed"] and churned(anew, found)["passed"]
    assert "Not judged: tonight has the new definitions" in churned(usual, found)["sentence"]
    assert not churned(anew, moved(500, redefined=True))["passed"]


def test_without_an_earlier_membership_nothing_can_have_changed():
    gate = Gate("few change segment", "churn", high=0.06, on="churn", minimum_rows=200)
    first = churned(gate, {"churn": None, "redefined": False})
    assert first["passed"] and "No listener had a segment the night before" in first["sentence"]
    assert "Not 200 listeners" in churned(gate, moved(5, compared=9))["sentence"]
