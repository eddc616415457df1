"""The state of a day: who is a listener, who consents, who asked to be forgotten."""

import numpy as np
import pandas as pd

from ml.world.population import Population
from ml.world.world import World

TEXT = ("listener", "tier", "country", "device", "age_band", "gender")


def listeners(world: World, people: Population, number: int) -> pd.DataFrame:
    """The LISTENERS table: everybody who has joined and is not forgotten."""
    known = np.flatnonzero((people.joined <= number) & (people.forgotten > number))
    first = np.datetime64(world.first_day, "ms")
    return pd.DataFrame(
        {
            "listener": people.listener[known],
            "tier": np.where(people.free(number)[known], "free", "paid"),
            "country": people.country[known],
            "joined": first + people.joined[known].astype("timedelta64[D]"),
            "device": people.device[known],
            "age_band": people.age_band[known],
            "gender": people.gender[known],
        }
    ).astype(dict.fromkeys(TEXT, "str"))


def consent(people: Population, number: int) -> pd.DataFrame:
    """The CONSENT table: most agree to personal adverts, some withdraw on a day."""
    known = np.flatnonzero((people.joined <= number) & (people.forgotten > number))
    return pd.DataFrame(
        {
            "listener": people.listener[known],
            "personalised_ads": people.withdrew[known] > number,
        }
    ).astype({"listener": "str"})


def forgotten(world: World, people: Population, number: int) -> pd.DataFrame:
    """The FORGOTTEN table: some who leave ask to be forgotten, and stay on this list."""
    asked = np.flatnonzero((people.forgotten <= number) & (people.joined <= number))
    first = np.datetime64(world.first_day, "ms")
    return pd.DataFrame(
        {
            "listener": people.listener[asked],
            "at": first + people.forgotten[asked].astype("timedelta64[D]"),
        }
    ).astype({"listener": "str"})
