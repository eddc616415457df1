"""The synthetic graph: layers of 50 tasks, each of which needs three of the layer before it.

The shape and the work are here once, so that both ways of writing the tasks share them.
"""

WIDTH = 50

_STEPS = (0, 1, 7)
_MODULUS = 1_000_003


def layers(tasks: int) -> int:
    """How many layers a graph of so many tasks has."""
    return tasks // WIDTH


def needed(layer: int, place: int) -> list[tuple[int, int]]:
    """Layer and place of the three tasks that a task needs; the first layer needs nothing."""
    return [(layer - 1, (place + step) % WIDTH) for step in _STEPS] if layer else []


def stale_after(layer: int, place: int, tasks: int) -> list[tuple[int, int]]:
    """Layer and place of every task that a change of one task reaches, itself included."""
    stale, places = [(layer, place)], {place}
    for above in range(layer + 1, layers(tasks)):
        places = {one for one in range(WIDTH)
                  if any(below in places for _, below in needed(above, one))}
        stale += [(above, one) for one in sorted(places)]
    return stale


def combine(parts: list[int], place: int, twist: int = 0, idle: int = 0) -> int:
    """The work of a task: nothing, so that only overhead is measured.

    ``twist`` changes the result; ``idle`` is another value to bind, without effect.
    """
    return (sum(parts) + place + twist) % _MODULUS


def answer(tasks: int, twist: int = 0) -> int:
    """What the root comes to, ``twist`` being that of the first task of the middle layer."""
    values = [0] * WIDTH
    for layer in range(layers(tasks)):
        values = [
            combine([values[below] for _, below in needed(layer, place)], place,
                    twist_of(layer, place, tasks, twist))
            for place in range(WIDTH)
        ]
    return combine(values, 0)


def twist_of(layer: int, place: int, tasks: int, twist: int) -> int:
    """The twist of one task, when only the first of the middle layer is changed."""
    return twist if (layer, place) == (layers(tasks) // 2, 0) else 0
