"""Examples of ad targeting on the listening world, without tasks: days in time order."""

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from ml.families.ad_targeting import AD_TARGETING, examples, summarise
from ml.features.ad_day import pool
from ml.world import World, generate_day


def days_of_examples(world: World, days: int) -> Iterator[pd.DataFrame]:
    """Mature examples of the first days of a world, a frame a day; features from the days before.

    The first day has no past, so its examples are not given.
    """
    history, pooled, waiting = [], [], None
    for number in range(days + 1):
        day = world.first_day + dt.timedelta(number)
        tables = {name.split(".")[0]: one for name, one in generate_day(world, day).items()}
        if waiting is not None and number > 1:
            yield _examples(*waiting, tables["outcomes"], history[:-1], pooled[:-1])
        partials = summarise(
            day=day, listens=tables["listens"], impressions=tables["impressions"],
            outcomes=tables["outcomes"], tracks=tables["tracks"],
        )
        history = [*history, partials][-AD_TARGETING.windows.history :]
        pooled = [*pooled, pool([partials])][-AD_TARGETING.windows.history :]
        waiting = (day, tables)


def _examples(day, tables, tomorrows_outcomes, history, pooled) -> pd.DataFrame:
    return examples(
        day=day, listens=tables["listens"], impressions=tables["impressions"],
        outcomes=[tables["outcomes"], tomorrows_outcomes], history=history, pooled=pooled,
        listeners=tables["listeners"], consent=tables["consent"],
    )
