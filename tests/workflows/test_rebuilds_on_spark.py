"""The rebuild matrix with every recipe on a real Spark session; some of it on a bucket as well."""

import pytest
from test_rebuilds import EVERYTHING, ROWS, Garden, artifacts, check, plant

pytestmark = pytest.mark.spark

ON_SPARK = [
    {"name": "Spark, two workers", "workers": 2, "central": False, "engine": "spark"},
    {"name": "Spark, a bucket", "workers": 2, "central": False, "engine": "spark", "bucket": True},
]
ON_A_BUCKET = ["a helper in another module", "upstream changed with identical output",
               "a payload truncated, then consumed"]  # fmt: skip


@pytest.fixture(scope="session")
def planted(tmp_path_factory, any_gcs):
    """A garden built once on Spark, in each store; rows work on copies of it."""
    folder, bucket = tmp_path_factory.mktemp("planted-on-spark"), any_gcs.new_bucket()
    return plant(Garden(folder, None, bucket, ON_SPARK))


@pytest.fixture
def garden(planted, tmp_path):
    """A copy of the planted garden, to change and to run again."""
    return planted.copied_to(tmp_path)


@pytest.mark.parametrize("change, rebuilt, because", ROWS.values(), ids=ROWS)
def test_exactly_what_depends_on_a_change_is_rebuilt_on_spark(garden, change, rebuilt, because):
    change(garden)
    for report in garden.run(modes=ON_SPARK[:1]):
        check(report, rebuilt, because)


@pytest.mark.parametrize("row", ON_A_BUCKET)
def test_exactly_what_depends_on_a_change_is_rebuilt_on_spark_and_a_bucket(garden, row):
    change, rebuilt, because = ROWS[row]
    change(garden)
    for report in garden.run(modes=ON_SPARK[1:]):
        check(report, rebuilt, because)


def test_a_garden_built_on_spark_is_to_the_byte_the_one_built_here(planted, tmp_path):
    here = plant(Garden(tmp_path, None, planted.bucket, [
        {"name": "here", "workers": 1, "central": False}]))  # fmt: skip
    [built, _] = planted.places()
    assert artifacts(built) == artifacts(here.places()[0])
    assert len(artifacts(built)) == len(EVERYTHING)


def test_what_was_built_on_spark_is_complete_for_luigis_workers_and_the_other_way(garden):
    for engine in ("luigi", "spark"):
        for report in garden.run(settings=[["engine", "runs_on", engine]]):
            check(report, [])
