"""One whole night on a small listening world, for every test that looks at one."""

import datetime as dt

import pytest
from deployments import Deployment, candidates

NIGHT = dt.date(2026, 1, 5)
WORLD = {"listeners": 250, "minimum_audience": 20}


@pytest.fixture(scope="session")
def night(tmp_path_factory):
    """A deployment of one shard in which all of the night of `day` was built, by two workers."""
    home = Deployment(tmp_path_factory.mktemp("night") / "home", **WORLD)
    home.day, home.settings = NIGHT, WORLD
    home.built = home.build("workflows.nightly", "Nightly", day=NIGHT)
    return home


@pytest.fixture(scope="session")
def four_shards(tmp_path_factory):
    """The same night elsewhere, with four shards: models, their figures, and candidates."""
    place = Deployment(tmp_path_factory.mktemp("night") / "another place", shards=4, **WORLD)
    place.forget([])
    place.day = NIGHT
    families = ("ad_targeting", "user_segmentation")
    evaluations = [("tasks.evaluation", "EvaluateModel", {"family": family, "day": NIGHT})
                   for family in families]  # fmt: skip
    place.build_all(*evaluations, *candidates("user_segmentation", NIGHT, shards=4))
    return place
