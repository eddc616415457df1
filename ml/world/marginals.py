"""Figures of real services, with what they mean, to hold the world's own against.

Measured on public logs: listening histories of 142 heavy listeners (2.9 million plays), a sample
of a subscription service's users, mobile adverts, and published delays of conversions. Where a
service's general population differs from heavy listeners, both are given and the world aims
between them. Three numbers are the 10th, 50th and 90th percentile.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Marginal:
    """One figure. The world passes when each number lies within ``low`` and ``high``."""

    key: str
    meaning: str
    real: str
    low: tuple[float, ...]
    high: tuple[float, ...]


def _near(key: str, meaning: str, *figures: float, factor: float = 1.6) -> Marginal:
    """Within a factor of what is measured."""
    return Marginal(
        key, meaning, " / ".join(f"{figure:g}" for figure in figures),
        tuple(figure / factor for figure in figures), tuple(figure * factor for figure in figures),
    )  # fmt: skip


MARGINALS = (
    Marginal("plays", "plays per active day", "5 / 46 / 141 heavy; 6.5 / 20 / 51 general",
             (3, 18, 48), (9, 50, 145)),
    Marginal("plays_mean", "plays per active day, mean", "64 heavy", (25,), (70,)),
    Marginal("minutes", "minutes per active day", "13 / 110 / 331 heavy; 26 / 81 / 235 general",
             (9, 70, 200), (32, 125, 340)),
    Marginal("active", "share of days active, by listener", "0.49 / 0.90 / 0.99 heavy; wide",
             (.15, .55, .85), (.55, .92, 1.0)),
    _near("dispersion", "variance to mean of daily plays, by listener", 23, 42, 86, factor=2),
    _near("sessions", "sessions per active day", 1, 3, 6, factor=1.6),
    _near("tracks", "tracks per session", 1, 10, 46),
    _near("tracks_mean", "tracks per session, mean", 19, factor=1.4),
    _near("singles", "sessions of one track, share", .15),
    _near("session_minutes", "minutes per session", 2, 30, 130, factor=1.8),
    _near("gap", "hours between sessions", .7, 2.9, 18, factor=1.8),
    _near("night", "plays from 2 to 5 h, share", .026, factor=1.4),
    _near("day", "plays from 8 to 17 h, share", .588, factor=1.15),
    _near("evening", "plays from 18 to 23 h, share", .312, factor=1.15),
    _near("hour_spread", "standard deviation of an hour's share over listeners", .02, factor=3),
    _near("weekend", "plays on Saturday and Sunday, share", .26, factor=1.25),
    _near("skips", "played under 30 s, share", .31, factor=1.2),
    _near("instant", "played under 5 s, share", .22, factor=1.3),
    _near("blink", "played under 1 s, share", .09, factor=1.3),
    _near("skips_by_listener", "played under 30 s, by listener", .12, .28, .50, factor=1.5),
    _near("skip_runs", "skipped after a skip; after none", .65, .15, factor=1.3),
    _near("skip_first", "skipped: first, 6th to 20th, later than 50th of a session", .34, .27, .42,
          factor=1.3),
    _near("same_artist", "same artist as the play before", .24, factor=1.4),
    _near("top_artists", "plays of the top 1 % and 10 % of artists", .48, .85, factor=1.4),
    _near("artist_gini", "Gini of plays over artists", .89, factor=1.1),
    _near("top_tracks", "plays of the top 1 % and 10 % of tracks", .24, .67, factor=1.4),
    _near("ten_artists", "share of a listener's ten most played artists", .13, .27, .46,
          factor=2.2),
    _near("again", "active again within 1 and 7 days (heavy)", .91, .996, factor=1.25),
    _near("adverts", "adverts an hour, free listeners", 1.2, factor=1.5),
    _near("clicks", "clicks per impression (mobile)", .035, factor=1.25),
    _near("ad_clicks", "clicks per impression, by advert", .013, .03, .076, factor=1.8),
    _near("slot_clicks", "clicks per impression, worst and best slot", .016, .066, factor=1.6),
    Marginal("new_ads", "adverts seen that were new that day, later days", "0.04; 0.12-0.19 early",
             (.02,), (.12,)),
    _near("advertisers", "impressions of the top 10 % of advertisers", .76, factor=2),
    _near("conversions", "conversions within 1 h, within 1 day, after 14 days of the click",
          .35, .50, .13, factor=1.5),
)  # fmt: skip
