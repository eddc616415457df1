"""The command line: help at once, completion, names and parameters that do not fit, exports."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from workflows.cli import main

COMPLETE = "import sys; from workflows.cli import main; main()"


def test_help_needs_nothing_heavy():
    program = "import sys; from workflows.cli import parser; parser().format_help(); " \
              "print({'luigi', 'pandas', 'mlflow', 'lightgbm'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize(
    "line, offered",
    [("setlist sh", ["show "]), ("setlist run night", ["nightly "]),
     ("setlist why TrainM", ["TrainModel "]), ("setlist show nightly --ex", ["--export "])],
)
def test_a_shell_completes_commands_tasks_and_options(tmp_path, line, offered):
    answer = tmp_path / "answer"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)),
             "_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "IFS": "\n"}
    done = subprocess.run([sys.executable, "-c", COMPLETE], env=os.environ | asked)
    assert done.returncode == 0 and answer.read_text().split("\x0b") == offered


@pytest.mark.parametrize(
    "asked, says",
    [
        (["show", "TrainModel"], "TrainModel needs --family (ad_completion, ad_conversion"),
        (["plan", "trainmodl"], "Did you mean TrainModel?"),
        (["plan", "nightly", "--day", "2019-01-01"], "ad_targeting: its first night is"),
        (["plan", "nightly", "--dya", "2026-02-04"], "has no parameter dya; it takes --day"),
        (["doctor", "nightly"], "doctor takes no nightly"),
    ],
)
def test_what_was_typed_wrong_is_said_with_what_there_is(capsys, asked, says):
    assert main(asked) == 2
    assert says in capsys.readouterr().err


def shown(night, *arguments):
    return night.python("-m", "workflows.cli", "show", *arguments)


def test_a_table_is_exported_as_csv_or_parquet_and_anything_as_files(night, tmp_path):
    scores = ["ScoreListeners", "--family", "user_segmentation", "--shard", "0",
              "--day", str(night.day), "--export"]
    for name, read in (("scores.csv", pd.read_csv), ("scores.parquet", pd.read_parquet)):
        done = shown(night, *scores, str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        rows = night.frame("ScoreListeners", f"user_segmentation.{night.day}.0")
        assert len(read(tmp_path / name)) == len(rows) and f"{len(rows):,} rows" in done.stdout
    model = ["TrainModel", "--family", "ad_targeting", "--day", str(night.day), "--export"]
    assert shown(night, *model, str(tmp_path / "model")).returncode == 0
    assert {"model.txt", "card.json"} <= {one.name for one in (tmp_path / "model").iterdir()}
    refused = shown(night, *model, str(tmp_path / "model.csv"))
    assert refused.returncode == 2 and "is no table; it holds" in refused.stderr
