import numpy as np
import pandas as pd
from planted_responses import NIGHT

from ml.audience import build


def scores(campaign="c1", listeners=100, first=0):
    names = [f"l{number:03d}" for number in range(first, first + listeners)]
    return pd.DataFrame(
        {"campaign": campaign, "listener": names, "score": np.linspace(0.01, 0.5, listeners)}
    )


def agreed(listeners=100, refusing=()):
    names = [f"l{number:03d}" for number in range(listeners)]
    return pd.DataFrame(
        {"listener": names, "personalised_ads": [name not in refusing for name in names]}
    )


def audience(frames, consent, share=0.5, minimum=10, consent_required=True, group="campaign"):
    return build(
        frames,
        consent,
        group=group,
        share=share,
        minimum=minimum,
        family_name="ads",
        night=NIGHT,
        consent_required=consent_required,
    )


def members(built):
    return set(built["audience.parquet"]["listener"])


def test_a_shard_with_more_listeners_than_can_be_scored_is_noted():
    def noted(most):
        built = build([scores(), scores(first=200, listeners=20)], group="campaign", share=0.1,
                      minimum=10, family_name="ads", night=NIGHT, consent_required=False,
                      most_listeners=most)  # fmt: skip
        return built["audiences.json"]["notes"]

    assert noted(None) == noted(101) == []
    assert "In 1 of 2 shards only the 100 listeners seen last" in noted(100)[0]


def test_the_best_share_of_listeners_is_reached_best_first():
    built = audience([scores()], [agreed()], share=0.1)
    best = [f"l{number:03d}" for number in range(99, 89, -1)]
    assert built["audience.parquet"]["listener"].tolist() == best
    assert built["audience.parquet"]["rank"].tolist() == list(range(1, 11))


def test_a_listener_who_withdrew_consent_is_in_no_audience():
    built = audience([scores()], [agreed(refusing={"l099"})], share=1.0)
    assert "l099" not in members(built)
    assert built["audiences.json"]["counts"] == {
        "scored": 100,
        "without_consent": 1,
        "eligible": 99,
    }


def test_a_listener_the_consent_table_omits_did_not_agree():
    assert members(audience([scores()], [agreed(50)], share=1.0)) == set(agreed(50)["listener"])


def test_an_audience_below_k_is_not_published_nor_its_size_told():
    built = audience([scores(), scores("c2", 18)], [agreed()])
    large, small = built["audiences.json"]["audiences"]
    assert large["published"] and large["listeners"] == 50
    assert not small["published"] and small["listeners"] == 0
    assert small["reason"] == "not published: fewer than 10 listeners"
    assert set(built["audience.parquet"]["audience"]) == {"c1"}


def test_exactly_k_listeners_are_enough():
    built = audience([scores(listeners=20)], [agreed()], minimum=10)
    assert built["audiences.json"]["audiences"][0]["published"]


def test_without_a_consent_table_nobody_is_reached_where_consent_is_needed():
    built = audience([scores()], None)
    assert members(built) == set()
    reason = built["audiences.json"]["audiences"][0]["reason"]
    assert reason == "not published: nobody's consent is known: this source has no consent table"


def test_a_source_whose_listeners_all_agreed_elsewhere_needs_no_table():
    assert len(members(audience([scores()], None, consent_required=False))) == 50


def test_a_listener_with_several_ads_of_a_campaign_counts_once_at_their_best():
    twice = pd.concat([scores(), scores().assign(score=0.9)], ignore_index=True)
    built = audience([twice], [agreed()], share=1.0)
    assert len(built["audience.parquet"]) == 100
    assert (built["audience.parquet"]["score"] == 0.9).all()


def test_shards_in_any_order_make_the_same_audience():
    early, late = scores(listeners=50), scores(listeners=50, first=50)
    one, other = audience([early, late], [agreed()]), audience([late, early], [agreed()])
    pd.testing.assert_frame_equal(one["audience.parquet"], other["audience.parquet"])


def test_nothing_scored_is_an_audience_of_nobody():
    built = audience([scores()[:0]], [agreed()])
    assert built["audiences.json"]["audiences"] == []
    assert list(built["audience.parquet"]) == ["audience", "listener", "score", "rank"]
