"""What the guard says of a segment, to a person who wants to use it."""

TIMES = {2.0: "twice", 3.0: "three times"}
PARTS = {2.0: "half", 3.0: "a third"}


def judged_in_words(
    worst: dict, verdict: str, over: bool, few: bool, bound: float, minimum: int
) -> str:
    """The verdict and the value of a sensitive attribute that it came from.

    ``over`` is whether the value is more frequent in the segment than among everybody, ``few``
    whether fewer than ``minimum`` members have it; figures that are not told are None.

    >>> row = {"attribute": "gender", "value": "female", "share": 0.452, "overall": 0.217,
    ...        "lift": 2.08, "low": 2.02, "high": 2.14}
    >>> judged_in_words(row, "fine", True, False, 2.5, 10)
    'published: nothing is surely 2.5 times as frequent in it; closest is gender female, \
45 % of it and 22 % of everybody (2.1 x, 2.0-2.1)'
    """
    named = f"{worst['attribute'].replace('_', ' ')} {worst['value']}"
    said = _compared(worst, few, minimum)
    passed = (
        f"more than {TIMES.get(bound, f'{bound:g} times')} as often"
        if over
        else f"less than {PARTS.get(bound, f'1/{bound:g}')} as often"
    )
    if verdict == "withheld":
        return f"withheld: {named} is {said}, surely {passed}"
    if verdict == "unsure":
        return f"published: {named} is {said}, perhaps {passed}, but not surely"
    times = TIMES.get(bound, f"{bound:g} times")
    return f"published: nothing is surely {times} as frequent in it; closest is {named}, {said}"


def unchecked_in_words(checked: bool) -> str:
    """Why a segment is published that was not judged."""
    if checked:
        return "published: it has no member of whom anything sensitive is known"
    return "published unchecked: nothing sensitive is known of anybody"


def _compared(worst: dict, few: bool, minimum: int) -> str:
    overall = f"{100 * worst['overall']:.0f} % of everybody"
    if few:
        return f"fewer than {minimum} of its members and {overall}"
    if worst["share"] is None:
        kept = f"not told, since it would give away fewer than {minimum} others"
        return f"a share of it that is {kept}, and {overall}"
    return (
        f"{100 * worst['share']:.0f} % of it and {overall} "
        f"({worst['lift']:.1f} x, {worst['low']:.1f}-{worst['high']:.1f})"
    )
