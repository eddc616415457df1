"""A person's names for segments: used where they make sense, refused in words where not."""

import pytest

from ml.errors import NamesUnusable
from ml.segments.renaming import name_segments

DEFINITIONS = {"definitions.json": {
    "segments": [{"id": "s1", "name": "evening, calm", "color": "#0072b2"},
                 {"id": "s3", "name": "morning, car", "color": "#e69f00"}],
    "previous": {"retired": [{"id": "s2", "name": "party", "color": "#009e73"}]},
}}  # fmt: skip


def named(tmp_path, *lines):
    path = tmp_path / "segment_names.csv"
    path.write_text("\n".join(lines) + "\n")
    return name_segments(DEFINITIONS, path)["names.json"]


def test_without_a_file_segments_are_called_as_they_were_discovered():
    told = name_segments(DEFINITIONS)["names.json"]
    assert [one["name"] for one in told["segments"]] == ["evening, calm", "morning, car", "party"]
    assert told["overridden"] == []


def test_a_persons_name_replaces_the_discovered_one_and_both_are_kept(tmp_path):
    told = named(tmp_path, "segment,name,why", 's1,"Wind down, at home",agreed with marketing')
    first = told["segments"][0]
    assert (first["name"], first["discovered_name"]) == ("Wind down, at home", "evening, calm")
    assert told["overridden"] == ["s1"]


def test_a_name_for_a_segment_that_does_not_exist_is_noted_not_fatal(tmp_path):
    told = named(tmp_path, "segment,name", "s9,Ghosts")
    assert told["notes"] == ["1 names are for segments that do not exist: s9."]


@pytest.mark.parametrize(
    "lines, said",
    [
        (("id,title", "s1,A"), "no column segment and no column name"),
        (("segment,name", "s1,"), "line 2: an empty name"),
        (("segment,name", "s1,A", "s1,B"), "segment 's1' stands in it more than once"),
        (("segment,name", "s1,A", "s3,A"), "name 'A' stands in it more than once"),
        (("segment,name", 's1,"morning, car"'), "would be the name of 2 segments"),
        (("segment,name", "s1," + "x" * 81), "a name of 81 characters; at most 80"),
        (("segment,name", "s1,A,B,C"), "line 2: 4 values, not 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_line_and_the_reason(tmp_path, lines, said):
    with pytest.raises(NamesUnusable) as refused:
        named(tmp_path, *lines)
    assert said in str(refused.value) and "expected" in str(refused.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    with pytest.raises(NamesUnusable) as refused:
        named(tmp_path, "segment,name", "s1,", ",B", "s3,C", "s3,D")
    assert len(refused.value.problems) == 3
