"""The music: artists whose popularity has a long tail, and their tracks with audio features."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.habits import GENRES
from ml.world.world import World

ARTIST_TAIL = 1.25
TRACK_TAIL = 0.85
MOST_TRACKS = 40

# energy, valence, danceability, acousticness, tempo: the centre of every genre.
SOUNDS = (
    (.66, .60, .66, .20, 118), (.74, .50, .50, .12, 126), (.68, .52, .78, .14, 104),
    (.82, .48, .72, .05, 127), (.55, .45, .52, .35, 116), (.18, .28, .24, .94, 92),
    (.14, .18, .22, .86, 78), (.36, .52, .52, .74, 106), (.72, .72, .78, .22, 110),
    (.93, .32, .36, .02, 138), (.34, .46, .48, .78, 108), (.50, .84, .70, .48, 116),
)  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """Tracks of one artist lie together; artists of one genre lie together, the famous first."""

    track_artist: np.ndarray
    track_ms: np.ndarray
    artist_genre: np.ndarray
    artist_steps: np.ndarray
    """Cumulative popularity within the genre, plus the genre's number: one sorted array."""
    track_steps: np.ndarray
    """Cumulative popularity within the artist, plus the artist's number: one sorted array."""

    def artists(self, genre: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """An artist of each genre, the famous more often."""
        return np.searchsorted(self.artist_steps, genre + draws, side="right")

    def tracks(self, artist: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """A track of each artist, the hits more often."""
        return np.searchsorted(self.track_steps, artist + draws, side="right")


def catalogue(world: World) -> Catalogue:
    """All music of this world."""
    rng = chance.stream(world.seed, chance.CATALOGUE)
    genre = np.sort(rng.integers(0, len(GENRES), world.artists))
    rank = np.arange(world.artists) - np.searchsorted(genre, genre)
    count = np.maximum(1, np.round(MOST_TRACKS / (1 + rank) ** 0.6)).astype("int64")
    artist = np.repeat(np.arange(world.artists), count)
    hit = np.arange(len(artist)) - np.searchsorted(artist, artist)
    return Catalogue(
        track_artist=artist,
        track_ms=np.round(rng.lognormal(np.log(222_000), 0.24, len(artist))).astype("int64"),
        artist_genre=genre,
        artist_steps=_steps((1.0 + rank) ** -ARTIST_TAIL, genre),
        track_steps=_steps((1.0 + hit) ** -TRACK_TAIL, artist),
    )


def tracks(world: World, music: Catalogue) -> pd.DataFrame:
    """The TRACKS table."""
    rng = chance.stream(world.seed, chance.CATALOGUE, 1)
    count = len(music.track_artist)
    genre = music.artist_genre[music.track_artist]
    center = np.array(SOUNDS)[genre]
    sound = np.clip(center[:, :4] + rng.normal(0, 0.11, (count, 4)), 0, 1).round(3)
    columns = ("energy", "valence", "danceability", "acousticness")
    return pd.DataFrame(
        {
            "track": names("track", np.arange(count)),
            "artist": names("artist", music.track_artist),
            "genre": np.array(GENRES, dtype=object)[genre],
            **{column: sound[:, at] for at, column in enumerate(columns)},
            "tempo": np.clip(center[:, 4] + rng.normal(0, 14, count), 40, 220).round(1),
            "track_ms": music.track_ms,
        }
    ).astype({"track": "str", "artist": "str", "genre": "str"})


def names(word: str, numbers: np.ndarray) -> np.ndarray:
    """Ids such as ``track-000017``."""
    codes, unique = pd.factorize(numbers)
    return np.array([f"{word}-{number:06d}" for number in unique], dtype=object)[codes]


def _steps(weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Within each group (sorted, 0..), cumulative shares; plus the group's number."""
    total = np.cumsum(weight)
    ends = np.append(np.flatnonzero(np.diff(group)), len(group) - 1)
    before = np.concatenate([[0.0], total[ends][:-1]])
    size = total[ends] - before
    index = np.searchsorted(group[ends], group)
    steps = np.minimum((total - before[index]) / size[index], 1.0)
    return group + steps
