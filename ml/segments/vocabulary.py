"""The words for what listeners do: a topic, a word for more of it, a word for less of it."""

DAY_PARTS = ("night", "morning", "midday", "afternoon", "evening", "late_evening")

WORDS: dict[str, tuple[str, str, str]] = {
    "active_days_28d": ("how often", "listens daily", "listens now and then"),
    "plays_per_active_day_28d": ("how much", "plays a lot", "plays little"),
    "minutes_per_active_day_28d": ("how much", "listens for hours", "listens briefly"),
    "skip_rate_28d": ("patience", "skips a lot", "skips little"),
    "listen_through_rate_28d": ("patience", "listens through", "rarely finishes"),
    "day_repeat_rate_28d": ("repeats", "plays on repeat", "never on repeat"),
    "repeat_share_28d": ("repeats", "replays favourites", "rarely repeats"),
    "new_track_share_28d": ("discovery", "seeks new tracks", "keeps to known tracks"),
    "new_artist_share_28d": ("discovery", "seeks new artists", "keeps to known artists"),
    "artist_variety_28d": ("artists", "many artists", "few artists"),
    "plays_per_session_28d": ("sessions", "long sessions", "short sessions"),
    "session_minutes_28d": ("sessions", "long sessions", "short sessions"),
    "long_session_share_28d": ("sessions", "long sessions", "short sessions"),
    "sessions_per_active_day_28d": ("sessions", "many sessions a day", "one session a day"),
    "single_play_share_28d": ("sessions", "one track at a time", "several tracks at a time"),
    "hour_concentration_28d": ("habit", "same hours every day", "at any hour"),
    **{f"{part}_share_28d": ("hours", part.replace("_", " "), "") for part in DAY_PARTS},
    "weekend_share_28d": ("week", "weekend", "weekdays"),
    **{
        f"skip_rate_{part}_28d": (
            "patience",
            f"skips a lot {said}",
            f"skips little {said}",
        )
        for part, said in (
            *(
                (part, f"in the {part.replace('_', ' ')}")
                for part in DAY_PARTS
                if part not in ("night", "midday")
            ),
            ("night", "at night"),
            ("midday", "at midday"),
            ("weekend", "at weekends"),
        )
    },
    "energy_mean_28d": ("mood", "energetic", "calm"),
    "valence_mean_28d": ("mood", "cheerful", "melancholic"),
    "danceability_mean_28d": ("mood", "danceable", "not for dancing"),
    "acousticness_mean_28d": ("mood", "acoustic", "electric"),
    "mood_energetic_happy_share_28d": ("mood", "upbeat", ""),
    "mood_energetic_dark_share_28d": ("mood", "intense", ""),
    "mood_calm_happy_share_28d": ("mood", "relaxed", ""),
    "mood_calm_sad_share_28d": ("mood", "melancholic", ""),
    "functional_sleep_share_28d": ("purpose", "music for sleep", ""),
    "functional_noise_share_28d": ("purpose", "background noise", ""),
    "functional_children_share_28d": ("purpose", "children's music", ""),
    "functional_party_share_28d": ("purpose", "party music", ""),
    "genre_concentration_28d": ("genres", "one genre", "many genres"),
    "artist_concentration_28d": ("artists", "few artists", "many artists"),
}
"""Feature -> topic, word for more of it, word for less of it ("" where less says nothing)."""

CHOICES = {
    ("context", "album"): "albums",
    ("context", "playlist"): "playlists",
    ("context", "search"): "searches",
    ("context", "library"): "own library",
    ("device", "car"): "in the car",
}
"""Values of a choice that read better as another word; all others are said as they are."""


def word(feature: str, contrast: float) -> tuple[str, str]:
    """The topic and the word for ``contrast`` spreads more (or less) of ``feature``; "" for none.

    >>> word("skip_rate_28d", -1.2)
    ('patience', 'skips little')
    >>> word("device_share_phone", 0.9)
    ('device', 'phone')
    >>> word("device_skip_rate_phone", 0.9)
    ('patience', 'skips a lot on phone')
    >>> word("mood_calm_happy_share_28d", 0.9), word("a_share_nobody_named_28d", 0.9)[1]
    (('mood', 'relaxed'), '')
    """
    if feature in WORDS:
        topic, more, less = WORDS[feature]
        return topic, more if contrast > 0 else less
    for kind in ("device", "context"):
        on = feature.removeprefix(f"{kind}_skip_rate_")
        if on != feature:
            often = "a lot" if contrast > 0 else "little"
            return "patience", f"skips {often} on {on.replace('_', ' ')}"
    if feature.endswith("_28d"):
        return feature, ""
    kind, _, value = feature.partition("_share_")
    said = CHOICES.get((kind, value), value.replace("_", " "))
    return kind, said if value and contrast > 0 else ""


def label(feature: str, contrast: float) -> str:
    """A word for any contrast, also for those too weak for a name.

    >>> label("evening_share_28d", -0.5), label("genre_share_pop", -0.5)
    ('less evening', 'less pop')
    """
    said = word(feature, contrast)[1]
    if said:
        return said
    opposite = word(feature, -contrast)[1]
    plain = feature.removesuffix("_28d").replace("_", " ")
    more = "more" if contrast > 0 else "less"
    return f"less {opposite}" if opposite else f"{more} {plain}"
