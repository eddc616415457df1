"""Why this listener is in this segment and not in the next nearest one, in a few words."""

import numpy as np
import pandas as pd

from ml.clustering import PIECE
from ml.scaling import scale
from ml.segments.frozen import closest, grouping_of
from ml.segments.vocabulary import word

MOST = 3
AUDIBLE = 0.3
"""Spreads from everybody's mean below which a feature is not worth a word."""


def reasons_of(
    features: pd.DataFrame,
    definitions: dict,
    labels: np.ndarray | pd.Series,
    runner_up: np.ndarray | pd.Series | None = None,
) -> pd.Series:
    """Up to three words for each row of ``features``, such as "evening, skips little" (str).

    ``labels`` and ``runner_up`` are positions in ``segments``; without the latter, it is the
    nearest segment but the label. The squared distance to the runner-up less that to the label is
    a sum with one term a feature (projections are linear); said are the features with the largest
    terms, one per topic, of those in which the listener differs from everybody as the segment
    differs from the runner-up. "" when nothing can be said.
    """
    chosen = np.asarray(labels, dtype=np.int64)
    if runner_up is None:
        found = closest(features, definitions)
        first, second = found["label"].to_numpy(), found["runner_up"].to_numpy()
        runner_up = np.where(first == chosen, second, first)
    other = np.asarray(runner_up, dtype=np.int64)
    words = _Words(definitions)
    pieces = [
        words.said(features.iloc[at : at + PIECE], chosen[at : at + PIECE], other[at : at + PIECE])
        for at in range(0, len(features), PIECE)
    ]
    said = np.concatenate([*pieces, np.zeros(0, dtype=object)])
    return pd.Series(said, index=features.index, dtype="str", name="reasons")


class _Words:
    """The terms of the margin between two segments, and the words for them."""

    def __init__(self, definitions: dict) -> None:
        self.scaling = definitions["scaling"]
        self.means = np.array(definitions["means"], dtype=float).reshape(-1, len(self.scaling))
        self.overall = np.array(definitions["overall"], dtype=float)
        grouping = grouping_of(definitions)
        self.pulls = grouping.centers @ grouping.projection.T
        said = [[word(name, sign) for name in self.scaling] for sign in (-1.0, 1.0)]
        self.words = np.array([one for side in said for _, one in side], dtype=object)
        topics = [topic for topic, _ in said[1]]
        self.topic = np.unique(np.array(topics, dtype=object), return_inverse=True)[1]

    def said(self, features: pd.DataFrame, chosen: np.ndarray, other: np.ndarray) -> np.ndarray:
        points = scale(features, self.scaling)
        terms, more = self._terms(points, chosen, other)
        columns, rows = len(self.scaling), np.arange(len(points))
        codes = np.full((len(points), MOST), -1, dtype=np.int64)
        for rank in range(min(MOST, columns)):
            best = terms.argmax(axis=1)
            found = terms[rows, best] > 0
            codes[found, rank] = (best + columns * more[rows, best])[found]
            terms[self.topic[best][:, None] == self.topic[None, :]] = 0.0
        combinations, at = np.unique(codes, axis=0, return_inverse=True)
        texts = [", ".join(self.words[code] for code in one if code >= 0) for one in combinations]
        return np.array(texts, dtype=object)[at.ravel()] if texts else np.zeros(0, dtype=object)

    def _terms(
        self, points: np.ndarray, chosen: np.ndarray, other: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What each feature adds to the margin, 0 where it cannot be said; and whether it is more.

        A runner-up of -1 (there is no other segment) is everybody.
        """
        known = (other >= 0)[:, None]
        means = np.where(known, self.means[other], self.overall)
        pull = np.where(known, self.pulls[chosen] - self.pulls[other], self.means[chosen] - means)
        term = (points - (self.means[chosen] + means) / 2) * pull
        apart, own = self.means[chosen] - means, points - self.overall
        more = own > 0
        sayable = (own * apart > 0) & (own * pull > 0) & (np.abs(own) >= AUDIBLE)
        has_word = self.words.reshape(2, -1) != ""
        sayable &= np.where(more, has_word[1], has_word[0])
        return np.where(sayable, np.maximum(term, 0.0), 0.0), more
