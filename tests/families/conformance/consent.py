"""Withdrawn consent removes a listener: from examples, candidates, scores and audiences."""

import pandas as pd

from conformance import stages
from conformance.comparing import assert_same, ordered
from conformance.small_world import SmallWorld
from ml.family import Family


def withdrawn_consent_removes_the_listener(family: Family, world: SmallWorld) -> None:
    """Who withdraws is in no row of any stage after it; nobody else's examples change."""
    built, offered = stages.examples(family, world), stages.candidates(family, world)
    who = _somebody(built, offered)
    after = world.changed(lambda day, name, table: _withdrawn(name, table, who))
    left, remaining = stages.examples(family, after), stages.candidates(family, after)
    found = stages.nightly_model(family, world)
    stage_rows = {
        "examples": left,
        "candidates": remaining,
        "scores": stages.scores(family, after, found, remaining),
        # Scores of the evening before hold the listener still; the audience must not.
        "audience": stages.reached(
            family, after, stages.scores(family, world, found, offered)
        ),
    }
    for stage, rows in stage_rows.items():
        assert who not in set(rows["listener"]), (
            f"In the {stage}, in column listener, expected nobody who withdrew consent, found "
            f"{who} in {(rows['listener'] == who).sum()} of {len(rows)} rows. Read "
            "personalised_ads of the table CONSENT."
        )
    rest = built[built["listener"] != who]
    what = "When another listener withdraws consent, in the examples"
    assert_same(ordered(rest), ordered(left), what)


def _somebody(built: pd.DataFrame, offered: pd.DataFrame) -> str:
    both = sorted(set(built["listener"]) & set(offered["listener"]))
    assert both, "Expected a listener in both examples and candidates, found none."
    return both[len(both) // 2]


def _withdrawn(name: str, table: pd.DataFrame, who: str) -> pd.DataFrame:
    if name != "consent":
        return table
    agreed = table["personalised_ads"] & (table["listener"] != who)
    return table.assign(personalised_ads=agreed)
