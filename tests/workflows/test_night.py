"""A whole night, run by Luigi: what is true when it has ended, and on the nights after it."""

import datetime as dt
import json
import re

import numpy as np
import pandas as pd
import pytest
from deployments import ENVIRONMENT, candidates

from ml.calibration import predict
from ml.encoding import encode
from ml.families import FAMILIES as FAMILIES_OF_MODELS
from ml.privacy import PseudonymKey, pseudonym
from ml.world import World, generate_day

FAMILIES = ("ad_targeting", "user_segmentation")
SEGMENTS = "user_segmentation"


def label(place, family=SEGMENTS, later=0):
    return f"{family}.{place.day + dt.timedelta(later)}"


def consents(place, later=0):
    """Who agreed to personalised ads, by pseudonym, on the night or later."""
    day = place.day + dt.timedelta(later)
    table = place.frame("IngestDay", f"consent.{day}", "shard-000.parquet")
    return table.set_index("listener")["personalised_ads"]


def test_a_night_that_was_built_is_not_built_again(night):
    assert {"PublishModel", "BuildAudience", "WriteReport"} <= {
        one.split()[0] for one in night.built
    }
    assert len(night.built) == len(set(night.built)) > 80
    assert night.build("workflows.nightly", "Nightly", day=night.day) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_page_with_its_decision(night, family):
    page = night.text("WriteReport", label(night, family), "payload.html")
    verdict = night.json("DecideModel", label(night, family), "decision.json")["verdict"]
    assert {"blessed": "Tonight’s model goes live", "refused": "does not go live"}[verdict] in page  # noqa: RUF001
    assert "Normalized entropy, where 1 is knowing the base rate alone" in page
    assert not re.search(r'(?:src|href)="https?:', page)


def test_a_night_says_what_its_model_would_have_earned_and_how_sure_that_is(night):
    told = night.json("EstimateOffPolicy", label(night, "ad_targeting"), "off_policy.json")
    *policies, logged = told["policies"]
    assert told["rows"] > 50 and logged["name"] == "as logged"
    assert policies[0]["name"] == "the new model by value"
    for one in policies:
        assert one["doubly_robust"]["low"] < one["doubly_robust"]["value"]
    page = night.text("WriteReport", label(night, "ad_targeting"), "payload.html")
    assert "The new model by value" in page and "Doubly robust" in page


def test_a_listener_without_consent_is_in_no_audience_and_is_not_scored(night):
    agreed = consents(night)
    assert not agreed.all()
    audience = night.frame("BuildAudience", label(night), "audience.parquet")
    scored = night.frame("ScoreListeners", f"{label(night)}.0")
    assert len(audience) > 100
    assert agreed[audience["listener"]].all() and agreed[scored["listener"]].all()


def test_an_audience_below_k_is_not_published(night):
    told = night.json("BuildAudience", label(night), "audiences.json")
    members = night.frame("BuildAudience", label(night), "audience.parquet")["audience"]
    withheld = [one for one in told["audiences"] if not one["published"]]
    assert withheld and told["k"] == 20
    assert {one["audience"] for one in withheld}.isdisjoint(members)
    assert {one["listeners"] for one in withheld} == {0}
    assert members.value_counts().min() >= 20


def test_a_model_judged_on_too_little_is_refused_and_nothing_of_it_is_used(night):
    decision = night.json("DecideModel", label(night, "ad_targeting"), "decision.json")
    assert decision["verdict"] == "refused" and decision["live_day"] is None
    assert any("at least 500 are needed" in reason for reason in decision["reasons"])
    assert night.json("PublishModel", label(night, "ad_targeting"))["published"] is False
    assert night.frame("ScoreListeners", f"{label(night, 'ad_targeting')}.0").empty


ASKING = """
import json, sys
import mlflow, pandas
mlflow.set_tracking_uri("sqlite:///var/registry.db")
name, rows, answers = sys.argv[1:]
model = mlflow.pyfunc.load_model(name)
example = model.predict(model.input_example)
model.predict(pandas.read_parquet(rows)).to_parquet(answers)
about = model.metadata
print(json.dumps([about.get_input_schema().input_names(), about.flavors["python_function"],
                  list(example.columns)]))
"""


def test_the_registry_answers_by_alias_in_a_fresh_process_as_the_model_does_here(night, tmp_path):
    rows = night.newest("BuildCandidates", f"{label(night)}.0") / "payload.parquet"
    name, answers = f"models:/setlist-{SEGMENTS}@champion", tmp_path / "answers.parquet"
    asked = night.python("-c", ASKING, name, str(rows), str(answers))
    assert asked.returncode == 0, asked.stderr
    columns, python, example = json.loads(asked.stdout.splitlines()[-1])
    card = night.json("TrainModel", label(night), "card.json")
    model = {"card.json": card, "model.txt": night.text("TrainModel", label(night), "model.txt")}
    calibration = night.json("CalibrateModel", label(night), "calibration.json")
    expected = predict(model, {"calibration.json": calibration}, pd.read_parquet(rows),
                       FAMILIES_OF_MODELS[SEGMENTS].model)  # fmt: skip
    found = pd.read_parquet(answers)
    assert np.abs(found.to_numpy() - expected).max() < 1e-12
    assert list(found) == example == [f"probability_{one}" for one in card["classes"]]
    assert columns == card["features"] and python["loader_module"] == "ml.serving"


def test_the_registrys_text_is_a_lightgbm_model_without_us_and_nothing_is_pickled(night):
    import lightgbm

    (folder,) = {path.parent for path in (night.folder / "var").rglob("MLmodel")}
    mine = lightgbm.Booster(model_str=night.text("TrainModel", label(night), "model.txt"))
    theirs = lightgbm.Booster(model_file=folder / "model.lgb")
    examples = night.frame("BuildExamples", f"{label(night)}.0").head(3)
    rows = encode(examples, night.json("TrainModel", label(night), "card.json"))
    expected = mine.predict(rows, num_threads=1).tolist()
    assert theirs.predict(rows, num_threads=1).tolist() == expected
    pinned = (folder / "requirements.txt").read_text().split()
    assert f"lightgbm=={lightgbm.__version__}" in pinned
    assert all("==" in one for one in pinned)
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert kinds.isdisjoint({".pkl", ".pickle", ".joblib", ".skops"})


@pytest.fixture(scope="module")
def tomorrow(night, tmp_path_factory):
    """The night after: its own model, against the champion of the night before."""
    place = night.copied_to(tmp_path_factory.mktemp("tomorrow") / "home")
    place.build("tasks.publishing", "PublishModel", family=SEGMENTS,
                day=place.day + dt.timedelta(1))  # fmt: skip
    return place


def test_tomorrow_competes_with_what_was_live_tonight(tomorrow):
    decision = tomorrow.json("DecideModel", label(tomorrow, later=1), "decision.json")
    assert decision["champion_day"] == str(tomorrow.day)
    champion = tomorrow.newest("Champion", label(tomorrow, later=1))
    tonight = tomorrow.newest("TrainModel", label(tomorrow))
    assert (champion / "model.txt").read_bytes() == (tonight / "model.txt").read_bytes()
    for task in ("EvaluateModel", "DecideModel"):
        assert "champion" in tomorrow.manifest(task, label(tomorrow, later=1))["inputs"]


def test_publishing_tomorrow_makes_nothing_of_tonight_stale(tomorrow):
    assert tomorrow.json("PublishModel", label(tomorrow, later=1))["published"] is True
    assert tomorrow.build("workflows.nightly", "Nightly", day=tomorrow.day) == []


def test_four_shards_in_another_folder_give_the_same_bytes(night, four_shards):
    for family in FAMILIES:
        name = label(night, family)
        for task, file in (("TrainModel", "model.txt"), ("TrainModel", "card.json"),
                           ("CalibrateModel", "calibration.json"),
                           ("EvaluateModel", "evaluation.json")):  # fmt: skip
            mine, theirs = (place.newest(task, name) / file for place in (night, four_shards))
            assert mine.read_bytes() == theirs.read_bytes(), (family, file)


def everybody(place):
    """Listeners as the service knows them, by pseudonym."""
    known = generate_day(World(listeners=250), place.day)["listeners.parquet"]["listener"]
    key = PseudonymKey(ENVIRONMENT["SETLIST_PSEUDONYM_KEY"].encode())
    return known.set_axis(pseudonym(known, key))


def test_forgetting_a_listener_rebuilds_their_shard_alone_and_leaves_no_trace(
    four_shards, tmp_path
):
    place, shard = four_shards.copied_to(tmp_path / "copy"), 2
    examples = ("BuildExamples", f"{label(place)}.{shard}")
    name = place.frame(*examples)["listener"].iloc[0]
    place.forget([everybody(place)[name]])
    parameters = {"family": SEGMENTS, "day": place.day, "shard": shard}
    built = place.build_all(*candidates(SEGMENTS, place.day, shards=4),
                            ("tasks.examples", "BuildExamples", parameters))  # fmt: skip
    early = [one for one in built if one.split()[0] in ("ShardDay", "SummariseDay")]
    assert early and {one.split(".")[-1] for one in early} == {str(shard)}
    assert name not in set(place.frame(*examples)["listener"])
    assert name not in set(place.frame("BuildCandidates", f"{label(place)}.{shard}")["listener"])


def test_after_a_refusal_the_champion_stays_and_scores_nobody_who_is_forgotten(night, tmp_path):
    """Most listeners ask to be forgotten: too few are left to judge tomorrow's model by."""
    place = night.copied_to(tmp_path / "copy")
    gone = everybody(place)[:-70]
    place.forget(gone)
    parameters = {"family": SEGMENTS, "day": place.day + dt.timedelta(1)}
    place.build_all(("tasks.publishing", "PublishModel", parameters),
                    ("tasks.audiences", "BuildAudience", parameters))  # fmt: skip
    receipt = place.json("PublishModel", label(place, later=1))
    assert (receipt["verdict"], receipt["published"]) == ("refused", False)
    assert receipt["live_day"] == str(place.day)
    assert "but at least 100 are needed" in json.dumps(receipt["reasons"])
    live = place.text("LiveModel", label(place, later=1), "model.txt")
    assert live == place.text("TrainModel", label(place), "model.txt")
    scored = set(place.frame("ScoreListeners", f"{label(place, later=1)}.0")["listener"])
    assert 0 < len(scored) <= 70 and scored.isdisjoint(gone.index)
