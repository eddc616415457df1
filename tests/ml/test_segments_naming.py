"""Names of segments are words for what sets them apart."""

from planted_listeners import LAST, history

from ml.features import listening
from ml.features.listening_day import KINDS
from ml.segments import naming, vocabulary
from ml.segments.frozen import full_features


def test_a_name_says_the_loudest_things_first_and_one_per_topic():
    contrasts = {"evening_share_28d": 2.0, "late_evening_share_28d": 1.5, "skip_rate_28d": -1.0}
    assert naming.names([contrasts]) == ["evening, skips little"]


def test_two_segments_never_share_a_name():
    night = {"night_share_28d": 2.0, "energy_mean_28d": -1.0}
    names = naming.names([night, night, {**night, "weekend_share_28d": 0.5}])
    assert names[:2] == ["night, calm", "night, calm (2)"] and len(set(names)) == 3


def test_a_fourth_word_separates_names_before_a_number_does():
    alike = {"night_share_28d": 3.0, "energy_mean_28d": -2.0, "skip_rate_28d": -1.5}
    names = naming.names([alike, {**alike, "device_share_speaker": 1.0}])
    assert names[1] == "night, calm, skips little, speaker"


def test_a_segment_without_contrast_is_like_most_listeners():
    assert naming.names([{"skip_rate_28d": 0.1}]) == [naming.UNREMARKABLE]


def test_little_evening_is_not_worth_a_word_in_a_name_but_has_a_label():
    assert naming.sayings({"evening_share_28d": -2.0}) == []
    assert vocabulary.label("evening_share_28d", -2.0) == "less evening"


def test_a_new_segment_never_takes_the_name_of_one_that_keeps_its_own():
    night = {"night_share_28d": 2.0, "energy_mean_28d": -1.0}
    assert naming.names([night], taken=["night, calm"]) == ["night, calm (2)"]


def test_two_topics_never_say_the_same_word_twice():
    said = naming.sayings({"evening_share_28d": 1.0, "skip_rate_evening_28d": -0.9})
    assert said == ["evening"]


def test_choices_read_as_a_person_would_say_them():
    contrasts = {"device_share_car": 2.0, "context_share_album": 1.5, "genre_share_hip hop": 1.0}
    assert naming.names([contrasts]) == ["in the car, albums, hip hop"]


def test_what_has_no_word_yet_still_has_a_label():
    assert vocabulary.label("tempo_spread_28d", 1.0) == "more tempo spread"
    assert vocabulary.label("context_share_radio", -1.0) == "less radio"


def test_every_feature_of_a_listener_has_a_word_and_none_says_how_long_the_window_is():
    window = listening.totals(listening.gather(history(count=2)), LAST, 28)
    features = full_features(window, {"scene": []} | {kind: ["x"] for kind in KINDS}).columns
    assert all(vocabulary.word(feature, 1.0)[1] for feature in features)
    assert not any("28d" in vocabulary.label(feature, -1.0) for feature in features)
