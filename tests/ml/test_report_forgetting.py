"""The page about a forgetting says what was done and how sure it is, and is one file."""

import re

from ml.report.forgetting import render

JUDGED = {"verdict": "blessed", "rows": 249, "digest": "aa", "metrics": {"auc": 0.7512}}
TOLD = {
    "at": "2026-01-05T05:00:00+00:00", "complete": True, "failed": [], "left": [],
    "shortened": ["user_segmentation.2026-01-04.0"], "remaining": [],
    "listeners": {"asked": 3, "new": 3, "listed": 4, "nowhere": 1},
    "rebuilt": {"ShardDay": {"built": 4, "came out as before": 1}},
    "swept": {"ShardDay": [5, 12345]},
    "searched": {"files": 99, "bytes": 1234567, "unsearched": []},
    "models": [{"family": "ad_targeting", "night": "2026-01-05", "before": JUDGED,
                "after": JUDGED | {"digest": "bb", "rows": 240, "metrics": {"auc": 0.75}}},
               {"family": "ad_skip", "night": "2026-01-05", "before": JUDGED, "after": JUDGED}],
}  # fmt: skip


def test_it_says_what_was_rebuilt_swept_searched_and_how_the_models_changed():
    page = render(TOLD)
    assert "<h1>Forgotten</h1>" in page and "None was found." in page
    assert "3 listeners asked to be forgotten, 1 of whom occurred nowhere" in page
    for cells in (("ShardDay", "4", "1"), ("ShardDay", "5", "12,345"),
                  ("ad_targeting", "2026-01-05", "auc", "0.7512", "0.7500"),
                  ("ad_targeting", "2026-01-05", "rows", "249", "240"),
                  ("ad_skip", "2026-01-05", "model", "as it was", "as it was")):  # fmt: skip
        assert "".join(f"<td>{one}</td>" for one in cells) in page
    assert page == render(TOLD) and not re.search(r'(?:src|href)="https?:', page)


def test_what_could_not_be_done_is_in_its_heading():
    page = render(TOLD | {"complete": False, "remaining": [["(registry)", "table <runs>"]],
                          "failed": ["TrainModel/x: out of memory"]})  # fmt: skip
    assert "<h1>Not forgotten yet</h1>" in page and "table &lt;runs&gt;" in page
    assert "Some were found:" in page and "out of memory" in page
