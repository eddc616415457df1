"""Other futures: what could have happened from a moment on, without touching what was before."""

import pandas as pd


def deleted(table: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    return table[table["at"] < moment].reset_index(drop=True)


def shuffled(table: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    future = table["at"] >= moment
    mixed = table[future].sample(frac=1.0, random_state=1)
    shuffled = table.copy()
    for column in table.columns.difference(["at", "impression", "listener"]):
        shuffled.loc[future, column] = mixed[column].to_numpy()
    return shuffled


def doubled(table: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    again = table[table["at"] >= moment]
    if "impression" in again and "ad" in again:
        again = again.assign(impression=again["impression"] + "-again")
    return pd.concat([table, again], ignore_index=True)
