import json

import pandas as pd
import pytest
from planted_audience import IDS, KEY, NAMES, asked

from ml.audience_files import read, require_usable, written
from ml.audience_request import FIELDS, FILTERS, parse
from ml.errors import RequestUnusable
from ml.privacy import token
from ml.tables import LISTENERS


def problems(**fields):
    """Field -> what was expected of it and what was found."""
    _, found = parse("wanted", json.dumps(fields))
    return {field: f"expected {expected}; found {seen}" for field, expected, seen in found}


def test_a_request_that_is_right_has_no_problems():
    request, found = parse("wanted", json.dumps({
        "title": "Evenings in Sweden", "include": ["s1", "Party"], "exclude": ["s3"],
        "exclude_listeners": "customers.csv", "countries": ["SE"], "tiers": ["free"],
        "devices": ["phone"], "at_most": {"campaign": "c1", "days": 7, "exposures": 0},
    }))  # fmt: skip
    assert found == [] and request.kind == "segments"
    assert request.filters() == {"country": ("SE",), "tier": ("free",), "device": ("phone",)}
    assert request.at_most.days == 7 and request.files() == {"exclude_listeners": "customers.csv"}


def test_every_mistake_is_told_at_once_with_what_was_expected_and_found():
    cap = {"campaign": "c1", "days": 29, "exposures": 1}
    found = problems(title="", include="s1", colour=1, seeds="../fans.csv", reach=0, at_most=cap,
                     tiers=["gold"])  # fmt: skip
    assert set(found) == {"title", "include", "colour", "seeds", "reach", "at_most", "tiers"}
    assert '"s1"' in found["include"] and "one of the fields title, include" in found["colour"]
    assert '"days": 29' in found["at_most"] and "days\": 1 to 28" in found["at_most"]
    assert "free, paid, unknown" in found["tiers"] and '"gold"' in found["tiers"]


@pytest.mark.parametrize("reach", [0, 1.0, 1.5, -0.1, True, "many", None])
def test_a_reach_is_a_share_below_one_or_a_whole_number(reach):
    assert "a share of listeners" in problems(title="A", seeds="s.csv", reach=reach)["reach"]


@pytest.mark.parametrize("reach", [0.05, 1, 20_000])
def test_a_reach_that_can_be_meant_is_taken(reach):
    assert problems(title="A", seeds="s.csv", reach=reach) == {}


@pytest.mark.parametrize("field", ["gender", "genders", "age_bands", "ages", "nationalities"])
def test_a_sensitive_attribute_is_refused_in_words(field):
    found = problems(title="A", include=["s1"], **{field: ["x"]})
    assert "nobody is chosen by one, nor left out" in found[field]


def test_no_filter_is_a_sensitive_column():
    columns = {one.name: one for one in LISTENERS.columns}
    assert FILTERS and not any(columns[name].sensitive for name in FILTERS.values())
    assert set(FILTERS) < set(FIELDS)


def test_a_request_needs_segments_or_seeds_and_seeds_need_a_reach():
    assert "at least one of them" in problems(title="A")["include, seeds"]
    assert "how many listeners" in problems(title="A", seeds="s.csv")["reach"]
    assert "no seeds" in problems(title="A", include=["s1"], reach=0.1)["reach"]


@pytest.mark.parametrize("text, said", [
    ("[1]", "a JSON object"), ("{", "JSON"),
    ('{"title": "A", "title": "B"}', "title more than once"),
])  # fmt: skip
def test_a_file_that_is_no_request_says_why(text, said):
    _, ((field, expected, found),) = parse("wanted", text)
    assert field == "the file" and said in f"{expected} {found}"


def test_ids_become_pseudonyms_and_are_in_no_artifact(tmp_path):
    request = asked(tmp_path, lists=[("fans.csv", range(5)), ("gone.csv", range(3))],
                    seeds="fans.csv", reach=0.5, exclude_listeners="gone.csv")  # fmt: skip
    assert set(request["seeds.parquet"]["listener"]) == set(NAMES[:5])
    assert set(request["exclude_listeners.parquet"]["listener"]) == set(NAMES[:3])
    assert request["request.json"]["listed"] == {"seeds": 5, "exclude_listeners": 3}
    assert not any(one in repr(request) for one in IDS)


def test_a_forgotten_listener_is_no_seed(tmp_path):
    gone = pd.DataFrame({"token": token(pd.Series(NAMES[:2]))})
    request = asked(tmp_path, lists=[("fans.csv", range(5))], seeds="fans.csv", reach=0.5,
                    forgotten=gone)  # fmt: skip
    assert set(request["seeds.parquet"]["listener"]) == set(NAMES[2:5])


def test_ids_that_are_repeated_or_padded_are_one_listener(tmp_path):
    asked(tmp_path, seeds="fans.csv", reach=0.5)
    (tmp_path / "fans.csv").write_text(" listener\n".lstrip() + "id-001\n id-001 \n\nid-001\n")
    request = read(sorted(tmp_path.iterdir()), name="wanted", key=KEY)
    assert request["seeds.parquet"]["listener"].tolist() == [NAMES[1]]
    assert request["request.json"]["listed"]["seeds"] == 1


@pytest.mark.parametrize("content, said", [
    (None, "no such file"), (b"", "EmptyDataError"), (b"id-001\nid-002\n", "1 columns"),
    (b"listener\n\xff\n", "UnicodeDecodeError"),
])  # fmt: skip
def test_a_list_that_cannot_be_read_is_a_problem_that_quotes_no_id(tmp_path, content, said):
    asked(tmp_path, seeds="fans.csv", reach=0.5)
    if content is not None:
        (tmp_path / "fans.csv").write_bytes(content)
    _, found = written(read(sorted(tmp_path.iterdir()), name="wanted", key=KEY))
    assert [field for field, _, _ in found] == ["seeds"]
    assert said in found[0][2] and "id-" not in repr(found)


def test_a_request_survives_being_written_and_read(tmp_path):
    request, found = written(json.loads(json.dumps(
        {"request.json": asked(tmp_path, include=["s1"], tiers=["free"], at_most={
            "campaign": "c1", "days": 3, "exposures": 2})["request.json"]}
    )))  # fmt: skip
    assert found == []
    assert (request.include, request.tiers, request.at_most.days) == (("s1",), ("free",), 3)


def test_an_unusable_request_names_itself_its_problems_and_what_to_do():
    with pytest.raises(RequestUnusable) as error:
        require_usable(*parse("wanted", '{"title": "A", "reach": 2.5}'))
    said = str(error.value)
    assert "'wanted' cannot be used (3 problems)" in said and "wanted.json" in said
    assert "found 2.5" in said and "docs/audiences.md" in said
