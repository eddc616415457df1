"""Names are found wherever they are written, also where no text search would find them."""

import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.engine.searching import Names

NAME, OTHER, ID = "0123456789abcdef", "fedcba9876543210", "listener-000010"
STRANGER = "0f1e2d3c4b5a6978"
NAMES = Names([NAME], [ID, "77"])


def compressed(path, frame, **options):
    pq.write_table(pa.Table.from_pandas(frame), path, compression="zstd", **options)
    return path


def a_table(path):
    frame = pd.DataFrame({"listener": [OTHER] * 500 + [NAME], "x": range(501)})
    return compressed(path / "a.parquet", frame, write_statistics=False)


def a_dictionary_of_which_it_is_not_used(path):
    category = pd.Categorical([OTHER] * 9, categories=[OTHER, NAME])
    return compressed(path / "a.parquet", pd.DataFrame({"who": category}))


def a_list_in_a_table(path):
    return compressed(path / "a.parquet", pd.DataFrame({"who": [[OTHER], [OTHER, NAME]]}))


def a_sentence_in_a_table(path):
    return compressed(path / "a.parquet", pd.DataFrame({"said": [f"{OTHER} knows {NAME}."]}))


def an_array(path):
    np.save(path / "a.npy", np.array([OTHER, NAME]))
    return path / "a.npy"


def json_text(path):
    (path / "a.json").write_text(f'{{"listener":"{NAME}"}}')
    return path / "a.json"


def a_longer_run_of_digits(path):
    (path / "a.html").write_text(f"<b>0{NAME}0</b>")
    return path / "a.html"


def a_database(path):
    with sqlite3.connect(path / "a.db") as database:
        database.execute("CREATE TABLE people (name TEXT)")
        database.execute("INSERT INTO people VALUES (?)", [NAME])
    return path / "a.db"


def the_edge_of_two_blocks(path):
    (path / "a.txt").write_bytes(b"." * ((8 << 20) - 7) + NAME.encode() + b"." * 100)
    return path / "a.txt"


@pytest.mark.parametrize("where", [
    a_table, a_dictionary_of_which_it_is_not_used, a_list_in_a_table, a_sentence_in_a_table,
    an_array, json_text, a_longer_run_of_digits, a_database, the_edge_of_two_blocks])  # fmt: skip
def test_a_pseudonym_is_found_in(tmp_path, where):
    path = where(tmp_path)
    assert NAMES.in_file(path) == {NAME}
    assert Names([STRANGER]).in_file(path) == set()


@pytest.mark.parametrize("text, is_there", [
    (f"a {ID}.", True), (f"/{ID}.json", True), (f"x={ID}&y", True), (f"{ID}1", False),
    (f"1{ID}", False), ("listener-00001", False), ("77 of them", False),
    ("a.b/" * 99 + ID, True)])  # fmt: skip
def test_an_id_is_found_as_a_whole_word(text, is_there):
    assert NAMES.in_text(text) == ({ID} if is_there else set())


def test_a_short_id_is_looked_for_among_the_values_of_tables_alone(tmp_path):
    frame = pd.DataFrame({"listener": ["77", "5"], "n": [77, 5], "at": ["1977", "a 77"]})
    assert NAMES.in_file(compressed(tmp_path / "a.parquet", frame)) == {"77"}
    frame["listener"] = "5"
    assert NAMES.in_file(compressed(tmp_path / "a.parquet", frame)) == set()


def test_a_torn_table_is_searched_as_bytes(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 torn " + NAME.encode())
    assert NAMES.in_file(tmp_path / "a.parquet") == {NAME}


def test_a_name_can_be_taken_out_of_a_text():
    text = f'{{"message": "{NAME} and {ID} and {OTHER}"}}'.encode()
    assert NAMES.without(text, b"(forgotten)") == (
        f'{{"message": "(forgotten) and (forgotten) and {OTHER}"}}'.encode())
