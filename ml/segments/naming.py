"""Names people can say: the words for what sets a segment apart from everybody else."""

from collections.abc import Sequence

WORDS: dict[str, tuple[str, str, str]] = {
    "active_days_28d": ("how often", "listens daily", "listens now and then"),
    "plays_per_active_day_28d": ("how much", "plays a lot", "plays little"),
    "minutes_per_active_day_28d": ("how much", "listens for hours", "listens briefly"),
    "skip_rate_28d": ("patience", "skips a lot", "skips little"),
    "listen_through_rate_28d": ("patience", "listens through", "rarely finishes"),
    "day_repeat_rate_28d": ("repeats", "plays on repeat", "never on repeat"),
    "repeat_share_28d": ("repeats", "replays favourites", "rarely repeats"),
    "plays_per_session_28d": ("sessions", "long sessions", "short sessions"),
    "sessions_per_active_day_28d": ("sessions", "many sessions a day", "one session a day"),
    "single_play_share_28d": ("sessions", "one track at a time", "several tracks at a time"),
    "hour_concentration_28d": ("habit", "same hours every day", "at any hour"),
    "night_share_28d": ("hours", "night", ""),
    "morning_share_28d": ("hours", "morning", ""),
    "midday_share_28d": ("hours", "midday", ""),
    "afternoon_share_28d": ("hours", "afternoon", ""),
    "evening_share_28d": ("hours", "evening", ""),
    "late_evening_share_28d": ("hours", "late evening", ""),
    "weekend_share_28d": ("week", "weekend", "weekdays"),
    "energy_mean_28d": ("mood", "energetic", "calm"),
    "valence_mean_28d": ("mood", "cheerful", "melancholic"),
    "danceability_mean_28d": ("mood", "danceable", "not for dancing"),
    "acousticness_mean_28d": ("mood", "acoustic", "electric"),
    "genre_concentration_28d": ("genres", "one genre", "many genres"),
}
"""Feature -> topic, word for more of it, word for less of it ("" where less says nothing)."""

LONGEST = 3
AUDIBLE = 0.4
UNREMARKABLE = "like most listeners"


def word(feature: str, contrast: float) -> tuple[str, str]:
    """The topic and the word for ``contrast`` spreads more (or less) of ``feature``; "" for none.

    >>> word("skip_rate_28d", -1.2)
    ('patience', 'skips little')
    >>> word("device_share_phone", 0.9)
    ('device', 'phone')
    """
    if feature in WORDS:
        topic, more, less = WORDS[feature]
        return topic, more if contrast > 0 else less
    kind, _, value = feature.partition("_share_")
    return kind, value.replace("_", " ") if value and contrast > 0 else ""


def label(feature: str, contrast: float) -> str:
    """A word for any contrast, also for those too weak for a name.

    >>> label("evening_share_28d", -0.5), label("genre_share_pop", -0.5)
    ('less evening', 'less pop')
    """
    return word(feature, contrast)[1] or f"less {word(feature, -contrast)[1] or feature}"


def sayings(contrasts: dict[str, float]) -> list[str]:
    """Words for the features with an audible contrast, loudest first, one per topic."""
    loudest = sorted(contrasts.items(), key=lambda item: (-abs(item[1]), item[0]))
    spoken: dict[str, str] = {}
    for feature, contrast in loudest:
        topic, said = word(feature, contrast)
        if said and abs(contrast) >= AUDIBLE and topic not in spoken:
            spoken[topic] = said
    return list(spoken.values())


def names(contrasts: Sequence[dict[str, float]]) -> list[str]:
    """A different name for each segment: its three loudest words, more where two would coincide.

    >>> names([{"evening_share_28d": 2.0, "skip_rate_28d": -1.0}, {"skip_rate_28d": 0.1}])
    ['evening, skips little', 'like most listeners']
    """
    said = [sayings(one) for one in contrasts]
    chosen: list[str] = []
    for words in said:
        length = min(LONGEST, len(words))
        while length < len(words) and _name(words, length) in chosen:
            length += 1
        name = _name(words, length)
        alike = sum(other.split(" (")[0] == name for other in chosen)
        chosen.append(f"{name} ({alike + 1})" if alike else name)
    return chosen


def _name(words: list[str], length: int) -> str:
    return ", ".join(words[:length]) or UNREMARKABLE
