"""The champion of a night is found by receipts in the store, whichever store that is."""

import datetime as dt
import hashlib

import pytest
from store_places import BucketPlace, FolderPlace, commit

from tasks.champion import champion_before, receipts

FAMILY = "ad_targeting"


def key(text):
    return hashlib.sha256(text.encode()).hexdigest()


def publish(store, day, live, created=None, family=FAMILY):
    """The receipt of one night; its label is as `PublishModel` makes it."""
    address = "PublishModel", f"{family}.{day}", key(f"{day}{live}{created}")
    commit(store, {"family": family, "live": live}, address, created or f"{day}T05:00:00")
    return address


@pytest.fixture(params=[FolderPlace, BucketPlace], ids=["folder", "bucket"])
def place(request, tmp_path):
    gcs = request.getfixturevalue("any_gcs") if request.param is BucketPlace else None
    return request.param(tmp_path, gcs)


def champion(place, night):
    return champion_before(place.machine(), FAMILY, dt.date.fromisoformat(night))


def test_it_is_what_the_last_night_before_left_live(place):
    store = place.machine()
    publish(store, "2026-01-05", "DecideModel/ad_targeting.2026-01-05/aa")
    publish(store, "2026-01-06", "DecideModel/ad_targeting.2026-01-06/bb")
    publish(store, "2026-01-07", None, family="user_segmentation")
    assert champion(place, "2026-01-05") is None
    assert champion(place, "2026-01-06") == ("DecideModel", "ad_targeting.2026-01-05", "aa")
    assert champion(place, "2026-01-09") == ("DecideModel", "ad_targeting.2026-01-06", "bb")


def test_a_night_that_left_nothing_live_is_passed_over(place):
    store = place.machine()
    publish(store, "2026-01-05", "DecideModel/ad_targeting.2026-01-05/aa")
    publish(store, "2026-01-06", None)
    assert champion(place, "2026-01-07") == ("DecideModel", "ad_targeting.2026-01-05", "aa")


def test_the_newest_receipt_of_a_night_counts(place):
    store = place.machine()
    publish(store, "2026-01-05", "DecideModel/x/old", created="2026-01-05T05:00:00")
    publish(store, "2026-01-05", "DecideModel/x/new", created="2026-01-08T05:00:00")
    [(night, receipt)] = receipts(place.machine(), FAMILY, dt.date(2026, 1, 6))
    assert (night, receipt["live"]) == (dt.date(2026, 1, 5), "DecideModel/x/new")


def test_a_receipt_whose_manifest_is_torn_is_left_out(place):
    store = place.machine()
    publish(store, "2026-01-05", "DecideModel/x/old", created="2026-01-05T05:00:00")
    newer = publish(store, "2026-01-05", "DecideModel/x/new", created="2026-01-08T05:00:00")
    place.write("manifest.json", place.read("manifest.json", newer)[:40], newer)
    assert champion(place, "2026-01-06") == ("DecideModel", "x", "old")
