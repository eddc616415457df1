import pandas as pd
import pytest
from planted_audience import AGREED, NAMES, accounts, asked, consent, exposures, positions, tonight

from ml.errors import RequestUnusable
from ml.requested_audience import build


def built(request, **changed):
    made = build(request=request, family_name="user_segmentation", **tonight(**changed))
    return positions(made["members.parquet"]), made["audience.json"]


def steps(told):
    return {one["step"]: one["listeners"] for one in told["steps"]}


@pytest.mark.parametrize("named", ["s1", "evening, calm", "Evening,  Calm"])
def test_a_segment_is_named_by_its_id_or_by_its_name(tmp_path, named):
    members, told = built(asked(tmp_path, include=[named]))
    assert members == [at for at in AGREED if at < 100]
    assert told["published"] and told["listeners"] == 90 and told["reason"] == "90 listeners"


def test_the_most_probable_members_come_first(tmp_path):
    made = build(request=asked(tmp_path, include=["s1"]), family_name="f", **tonight())
    members = made["members.parquet"]
    assert members["rank"].tolist() == list(range(1, 91))
    assert members["listener"].tolist() == [NAMES[at] for at in AGREED if at < 100]
    assert members["score"].is_monotonic_decreasing
    assert members.dtypes.astype(str).to_dict() == {
        "listener": "str", "rank": "int64", "score": "float64"}  # fmt: skip


def test_excluded_segments_and_listeners_are_spared(tmp_path):
    request = asked(tmp_path, lists=[("customers.csv", range(100, 130))], include=["s1", "s2"],
                    exclude=["s1"], exclude_listeners="customers.csv")  # fmt: skip
    members, told = built(request)
    assert members == [at for at in AGREED if 130 <= at < 200]
    assert steps(told) == {"in the segments": 200, "not in excluded segments": 100,
                           "not on the list of exclusions": None, "consented": 63}  # fmt: skip


def test_filters_look_at_the_account(tmp_path):
    members, told = built(asked(tmp_path, include=["s1"], tiers=["free"], countries=["SE", "NO"]))
    assert members == [at for at in AGREED if at < 100 and at % 6 == 0]
    assert told["notes"] == ["No listener's country is NO."]


def test_silence_is_not_consent_and_a_withdrawal_counts(tmp_path):
    request = asked(tmp_path, include=["s1"])
    silent = consent()[50:].reset_index(drop=True)
    assert built(request, consent=[silent])[0] == [at for at in AGREED if 50 <= at < 100]
    withdrawn = consent(refusing=range(60))
    assert built(request, consent=[withdrawn])[0] == list(range(60, 100))


def test_without_a_table_of_consent_it_depends_on_the_source(tmp_path):
    request = asked(tmp_path, include=["s1"])
    assert built(request, consent=None, consent_required=False)[1]["listeners"] == 100
    members, told = built(request, consent=None, consent_required=True)
    assert members == [] and "nobody's consent is known" in told["reason"]


def test_who_met_the_campaign_often_enough_is_left_in_peace(tmp_path):
    (tmp_path / "seen").mkdir()
    met = [exposures(tmp_path / "seen", times=2, listeners=range(40), days_ago=0),
           exposures(tmp_path / "seen", times=1, listeners=range(20), days_ago=2),
           exposures(tmp_path / "seen", times=9, listeners=range(60, 80), days_ago=3)]  # fmt: skip
    cap = {"campaign": "c1", "days": 3, "exposures": 2}
    members, told = built(asked(_folder(tmp_path), include=["s1"], at_most=cap), exposures=met)
    assert members == [at for at in AGREED if 20 <= at < 100]
    assert told["steps"][-1]["reason"] == "c1 met at most 2 times in 3 days"
    never = asked(_folder(tmp_path), include=["s1"], at_most=cap | {"exposures": 0, "days": 4})
    assert built(never, exposures=met)[0] == [
        at for at in AGREED if 40 <= at < 60 or 80 <= at < 100]  # fmt: skip


def test_a_campaign_nobody_met_is_pointed_out(tmp_path):
    (tmp_path / "seen").mkdir()
    cap = {"campaign": "c2", "days": 3, "exposures": 2}
    _, told = built(asked(_folder(tmp_path), include=["s1"], at_most=cap),
                    exposures=[exposures(tmp_path / "seen")])  # fmt: skip
    assert told["listeners"] == 90
    assert told["notes"] == ["Nobody met campaign c2 in the last 3 days."]


def test_an_audience_below_k_has_no_members_and_no_size(tmp_path):
    request = asked(tmp_path, include=["s1"], tiers=["free"], countries=["SE"])
    members, told = built(request, minimum=14)
    assert members == [] and told["listeners"] is None and not told["published"]
    assert told["reason"] == "not published: fewer than 14 listeners"
    assert "13" not in repr(told["steps"])


def test_a_small_exclusion_cannot_be_read_off_the_steps(tmp_path):
    request = asked(tmp_path, lists=[("one.csv", [101])], include=["s2"],
                    exclude_listeners="one.csv")  # fmt: skip
    _, told = built(request, consent=[consent(refusing=[])])
    assert steps(told) == {"in the segments": None, "not on the list of exclusions": 99,
                           "consented": 99}  # fmt: skip


def test_a_withheld_segment_is_left_out_and_the_reason_is_told(tmp_path):
    members, told = built(asked(tmp_path, include=["s1", "s3"]), withheld=["s3"])
    assert members == [at for at in AGREED if at < 100]
    assert told["steps"][1] == {"step": "in segments that may be used", "listeners": 100,
                                "reason": "children gives an age away."}  # fmt: skip


@pytest.mark.parametrize("fields", [{"include": ["s3"]}, {"include": ["s1"], "exclude": ["s3"]}])
def test_a_request_that_stands_on_a_withheld_segment_is_refused(tmp_path, fields):
    members, told = built(asked(tmp_path, **fields), withheld=["s3"])
    assert members == [] and told["listeners"] is None
    assert told["reason"] == (
        "not published: the guard withholds children. children gives an age away.")


def test_a_segment_the_guard_has_not_examined_is_withheld(tmp_path):
    _, told = built(asked(tmp_path, include=["s1"]), guard={"guard.json": {"segments": []}})
    assert "has not examined" in told["reason"] and not told["published"]


@pytest.mark.parametrize("judged, published", [([], True), ([False], False)])
def test_unknown_yet_is_withheld_only_by_a_verdict(tmp_path, judged, published):
    verdicts = [{"id": "unknown yet", "published": one, "sentence": "No."} for one in judged]
    _, told = built(asked(tmp_path, include=["unknown yet"]),
                    guard={"guard.json": {"segments": verdicts}})  # fmt: skip
    assert told["published"] is published


def test_those_of_whom_too_little_is_known_can_be_asked_for_and_come_last(tmp_path):
    made = build(request=asked(tmp_path, include=["unknown yet", "s3"]), family_name="f",
                 **tonight())  # fmt: skip
    scores = made["members.parquet"]["score"]
    assert len(scores) == 90 and scores.tail(18).isna().all() and scores.head(72).notna().all()


def test_unknown_segments_are_refused_with_those_there_are(tmp_path):
    with pytest.raises(RequestUnusable) as error:
        built(asked(tmp_path, include=["s1", "s9"], exclude=["parties"], at_most={
            "campaign": "c1", "days": 3, "exposures": 2}), listeners=None)  # fmt: skip
    assert [field for field, _, _ in error.value.problems] == ["include", "exclude", "at_most"]
    assert "s1 (evening, calm); s2 (Party)" in str(error.value) and '"s9"' in str(error.value)


def test_a_name_of_two_segments_has_to_be_an_id(tmp_path):
    twins = {"names.json": {"segments": [{"id": one, "name": "alike"} for one in ("s1", "s2")]}}
    with pytest.raises(RequestUnusable, match="s1 and s2 have this name, so use the id"):
        built(asked(tmp_path, include=["Alike"]), names=twins)


def test_a_filter_needs_a_table_of_listeners(tmp_path):
    with pytest.raises(RequestUnusable, match="a table of listeners"):
        built(asked(tmp_path, include=["s1"], countries=["SE"]), listeners=None)


def test_neither_the_order_of_rows_nor_the_number_of_shards_matters(tmp_path):
    request = asked(tmp_path, include=["s1", "s2"], tiers=["free"])
    one = build(request=request, family_name="f", **tonight())
    shuffled = [accounts().sample(frac=1, random_state=1)]
    other = build(request=request, family_name="f", **tonight(shards=3) | {"listeners": shuffled})
    pd.testing.assert_frame_equal(one["members.parquet"], other["members.parquet"])
    assert one["audience.json"] == other["audience.json"]


def _folder(place):
    """A folder for the request alone."""
    folder = place / "requests"
    folder.mkdir(exist_ok=True)
    return folder
