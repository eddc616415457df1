"""Two nights of segments: what goes on from the first, and who is in nothing of the second."""

import datetime as dt

import pandas as pd
import pytest
from deployments import ENVIRONMENT, Deployment

from ml.privacy import PseudonymKey, pseudonym
from ml.world import World, generate_day

SEGMENTS = "user_segmentation"
FIRST, SECOND = dt.date(2026, 1, 4), dt.date(2026, 1, 5)
EARLIER = [dt.date(2026, 1, day) for day in (1, 2, 3)]
TABLES = ("listens", "tracks", "listeners", "consent")


def named(listener):
    """The pseudonym of a listener."""
    key = PseudonymKey(ENVIRONMENT["SETLIST_PSEUDONYM_KEY"].encode())
    return pseudonym(pd.Series([listener], dtype="str"), key).iloc[0]


class Town:
    """A deployment whose source is files, in which two listeners change their mind."""

    def __init__(self, folder):
        self.home = Deployment(folder, source="parquet", folder="files", minimum_audience=5,
                               shards=2)  # fmt: skip
        self.home.forget([])
        self.days = {day: self._tables(day) for day in (*EARLIER, FIRST, SECOND)}
        listened = self.days[SECOND]["listens"]["listener"].value_counts()
        agreed = self.days[SECOND]["consent"].set_index("listener")["personalised_ads"]
        keen = [one for one in listened.index if agreed.get(one, False)]
        self.withdrew, self.forgotten, *self.others = keen
        self.segment_names("")
        for day in (*EARLIER, FIRST):
            self._write(day)

    def _tables(self, day):
        every = generate_day(World(listeners=360), day)
        return {name: every[f"{name}.parquet"] for name in TABLES}

    def _write(self, day):
        for name, frame in self.days[day].items():
            partition = self.home.folder / "files" / name / f"day={day}"
            partition.mkdir(parents=True)
            frame.to_parquet(partition / "part-0.parquet")

    def morning(self):
        """The second day comes in: one listener has withdrawn, one asks to be forgotten."""
        consent = self.days[SECOND]["consent"]
        consent.loc[consent["listener"] == self.withdrew, "personalised_ads"] = False
        self._write(SECOND)
        self.home.forget([self.forgotten])

    def segment_names(self, text):
        (self.home.folder / "segment_names.csv").write_text(f"segment,name\n{text}")

    def night(self, day):
        about = {"family": SEGMENTS, "day": day}
        return self.home.build_all(("tasks.audiences", "BuildAudience", about),
                                   ("tasks.membership", "SummariseMembership", about))  # fmt: skip

    def members(self, day):
        shards = [self.home.frame("AssignSegments", f"{SEGMENTS}.{day}.{n}") for n in (0, 1)]
        return pd.concat(shards).set_index("listener")

    def audience(self, day):
        return self.home.frame("BuildAudience", f"{SEGMENTS}.{day}", "audience.parquet")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    place = Town(tmp_path_factory.mktemp("town") / "home")
    place.night(FIRST)
    place.morning()
    place.second = place.night(SECOND)
    return place


def test_a_listener_who_withdrew_consent_is_in_no_membership_and_no_audience_next_night(town):
    name = named(town.withdrew)
    assert name in town.members(FIRST).index
    assert name not in town.members(SECOND).index
    assert name not in set(town.audience(SECOND)["listener"])


def test_a_listener_who_is_forgotten_is_in_no_membership_and_no_audience_next_night(town):
    name = named(town.forgotten)
    assert name in town.members(FIRST).index
    assert name not in town.members(SECOND).index
    assert name not in set(town.audience(SECOND)["listener"])


def test_forgetting_builds_again_the_shard_of_the_forgotten_alone(town):
    shard = (int(named(town.forgotten)[:8], 16) * 2) >> 32
    again = [one for one in town.second if str(FIRST) in one and one.split()[0] == "ShardDay"]
    assert again and {one.rsplit(".", 1)[1] for one in again} == {str(shard)}
    assert not [one for one in town.second if one.startswith("ShardDay tracks") and
                str(FIRST) in one]  # fmt: skip


def test_the_second_night_goes_on_from_the_first(town):
    before, now = town.members(FIRST), town.members(SECOND)
    both = now.join(before["segment"].rename("then"), how="inner")
    assert len(both) > 100 and (both["previous"] == both["then"]).all()
    stayed = both[both["segment"] == both["then"]]
    assert len(stayed) > 50 and (stayed["since"].dt.date == FIRST).all()


def test_what_moved_overnight_is_told_and_the_nights_decision_judged_it(town):
    foretold = town.home.json("MeasureChurn", f"{SEGMENTS}.{SECOND}", "churn.json")
    decision = town.home.json("DecideModel", f"{SEGMENTS}.{SECOND}", "decision.json")
    assert foretold["churn"]["compared"] > 100 and foretold["redefined"]
    sentences = [one["sentence"] for one in decision["gates"]]
    assert any("would change segment overnight" in one for one in sentences)


def test_a_name_given_by_a_person_is_used_and_trains_nothing_again(town):
    first = town.home.json("NameSegments", f"{SEGMENTS}.{SECOND}", "names.json")["segments"][0]
    town.segment_names(f"{first['id']},Early birds\n")
    built = {one.split()[0] for one in town.night(SECOND)}
    assert "TrainModel" not in built and {"NameSegments", "AssignSegments"} <= built
    titles = town.home.json("BuildAudience", f"{SEGMENTS}.{SECOND}", "audiences.json")
    assert "Early birds" in {one["title"] for one in titles["audiences"]}
