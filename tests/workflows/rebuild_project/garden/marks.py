"""Decorators."""

import functools


def never_below(lowest):
    """A function's values, none below ``lowest``."""

    def decorate(function):
        @functools.wraps(function)
        def bounded(**inputs):
            return {name: max(value, lowest) for name, value in function(**inputs).items()}

        return bounded

    return decorate
