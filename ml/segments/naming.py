"""Names people can say: the words for what sets a segment apart from everybody else."""

from collections.abc import Iterable, Sequence

from ml.segments.vocabulary import word

LONGEST = 3
AUDIBLE = 0.4
UNREMARKABLE = "like most listeners"


def sayings(contrasts: dict[str, float]) -> list[str]:
    """Words for the features with an audible contrast, loudest first, one per topic."""
    loudest = sorted(contrasts.items(), key=lambda item: (-abs(item[1]), item[0]))
    spoken: dict[str, str] = {}
    for feature, contrast in loudest:
        topic, said = word(feature, contrast)
        # "night" from the hours and "night" from a playlist would be said twice.
        if said and abs(contrast) >= AUDIBLE and topic not in spoken and _new(said, spoken):
            spoken[topic] = said
    return list(spoken.values())


def names(contrasts: Sequence[dict[str, float]], taken: Iterable[str] = ()) -> list[str]:
    """A different name for each segment: its three loudest words, more where two would coincide.

    More are further topics first, then further choices of the same kind, such as a second genre.
    Names in ``taken`` belong to segments that keep theirs.

    >>> names([{"evening_share_28d": 2.0, "skip_rate_28d": -1.0}, {"skip_rate_28d": 0.1}])
    ['evening, skips little', 'like most listeners']
    """
    used = list(taken)
    first = len(used)
    for one in contrasts:
        said = sayings(one)
        words, length = [*said, *_further(one, said)], min(LONGEST, len(said))
        while length < len(words) and _name(words, length) in used:
            length += 1
        used.append(_numbered(_name(words, length), used))
    return used[first:]


def _further(contrasts: dict[str, float], said: list[str]) -> list[str]:
    """Other audible choices, loudest first."""
    loudest = sorted(contrasts.items(), key=lambda item: (-item[1], item[0]))
    chosen = [word(feature, contrast)[1] for feature, contrast in loudest
              if "_share_" in feature and contrast >= AUDIBLE]  # fmt: skip
    return [one for one in chosen if one and one not in said]


def _new(said: str, spoken: dict[str, str]) -> bool:
    return not any(said in other or other in said for other in spoken.values())


def _name(words: list[str], length: int) -> str:
    return ", ".join(words[:length]) or UNREMARKABLE


def _numbered(name: str, used: list[str]) -> str:
    number = 2
    numbered = name
    while numbered in used:
        numbered = f"{name} ({number})"
        number += 1
    return numbered
