"""An empty day flows through every stage, from the summary to the audience."""

import datetime as dt
from functools import cache

from conformance import stages
from conformance.comparing import assert_same_columns, surviving
from conformance.small_world import EVENTS, SmallWorld
from ml.family import Family


def an_empty_day_flows_through(family: Family, world: SmallWorld) -> None:
    """On the day looked at nothing happened at all; every stage still gives its answer."""
    with surviving("When nothing happens on a day"):
        night = whole_night(family, emptied(world, (world.day,)))
    built = stages.examples(family, world)
    assert_same_columns(built, night["examples"], "When nothing happens on a day, in the examples")
    assert night["decision"]["decision.json"]["reasons"], "Expected the decision to have reasons."


def without_any_events_nothing_is_learnt_and_nobody_is_reached(
    family: Family, world: SmallWorld
) -> None:
    """Nothing ever happened: no rows, no model, a refusal in words, no scores, no audience."""
    with surviving("When nothing has ever happened"):
        night = whole_night(family, emptied(world, tuple(world.days)))
    assert night["examples"].empty, "Expected no examples of nothing; found some."
    decision = night["decision"]["decision.json"]
    assert decision["verdict"] == "refused" and decision["reasons"], (
        f"When nothing has ever happened, expected a refusal with reasons, found {decision}."
    )
    scored = night["scores"]
    assert scored.empty, f"Without a model, expected no scores, found {len(scored):,}."
    assert night["audience"].empty, "Expected nobody in an audience."


def the_first_day_of_all_has_no_past(family: Family, world: SmallWorld) -> None:
    """On a source's first day there is no history; a family still has the same columns."""
    first = world.days[0]
    with surviving("On a source's first day"):
        built = stages.examples(family, world, first) if family.split == "day" else None
    if built is not None:
        assert_same_columns(stages.examples(family, world), built, "On a source's first day")


def whole_night(family: Family, world: SmallWorld) -> dict:
    """What every stage of the night gives, by stage."""
    found = stages.nightly_model(family, world)
    judged = stages.evaluated(family, world, found)
    offered = stages.candidates(family, world)
    scored = stages.scores(family, world, found, offered)
    return {
        "examples": stages.examples(family, world),
        "model": found,
        "evaluation": judged,
        "decision": stages.decided(family, world, found, judged),
        "candidates": offered,
        "scores": scored,
        "audience": stages.reached(family, world, scored),
    }


@cache
def emptied(world: SmallWorld, days: tuple[dt.date, ...]) -> SmallWorld:
    """The world with nothing happening on some days."""
    return world.changed(
        lambda day, name, table: table[:0] if name in EVENTS and day in days else table
    )
