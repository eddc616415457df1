"""A small project that has nothing to do with Setlist: a kitchen garden and its market stall."""

#: Grams of a bunch, on the market's scales.
BUNCH = 10
