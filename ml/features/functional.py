"""Functional listening: what plays for a purpose, and says little about taste.

Music to fall asleep by, noise, children's songs and a party's playlist are played *for* something
or somebody. Each is a rule a person can check; a play is of one kind at most, the first that fits.

noise     the genre is noise: white noise, rain, nature sounds
children  the genre is for children
sleep     a calm track (energy up to 0.3, acousticness from 0.6) begun between 22 and 6, and kept
party     a lively track (energy and danceability from 0.6) from a speaker, Friday and Saturday
          from 19 to 4

The rules read what TRACKS says; a play whose track is not described is of no kind.
"""

import numpy as np
import pandas as pd

NOISE = ("noise", "rain", "nature sounds", "asmr", "fan sounds")
CHILDREN = ("children", "kids", "nursery", "lullab")
CALM_ENERGY, CALM_ACOUSTICNESS = 0.3, 0.6
LIVELY = 0.6
KINDS = ("noise", "children", "sleep", "party")
NONE = ""


def functional(plays: pd.DataFrame) -> pd.Series:
    """The kind of each play: one of KINDS, or "".

    ``plays`` has at, device, genre, energy, danceability, acousticness (NaN unknown), skipped.
    """
    hour, weekday = plays["at"].dt.hour.to_numpy(), plays["at"].dt.day_of_week.to_numpy()
    energy, dance, acoustic = (
        plays[name].to_numpy() for name in ("energy", "danceability", "acousticness")
    )
    calm = (energy <= CALM_ENERGY) & (acoustic >= CALM_ACOUSTICNESS)
    lively = (energy >= LIVELY) & (dance >= LIVELY)
    kept = ~plays["skipped"].to_numpy(dtype=bool)
    # Friday's and Saturday's evening, and the night that follows each.
    out_late = ((hour >= 19) & np.isin(weekday, (4, 5))) | ((hour < 4) & np.isin(weekday, (5, 6)))
    at_night = (hour >= 22) | (hour < 6)
    loud = (plays["device"] == "speaker").to_numpy()
    rules = [
        _says(plays["genre"], NOISE),
        _says(plays["genre"], CHILDREN),
        calm & at_night & kept,
        lively & out_late & loud,
    ]
    number = np.select(rules, np.arange(len(KINDS)), default=len(KINDS))
    named = pd.Categorical.from_codes(number, pd.Index([*KINDS, NONE]))
    return pd.Series(named, plays.index)


def _says(genre: pd.Series, words: tuple[str, ...]) -> np.ndarray:
    # A catalogue has far fewer genres than a day has plays.
    codes, genres = pd.factorize(genre)
    said = [any(word in one.lower() for word in words) for one in genres]
    return np.array(said, dtype=bool)[codes]
