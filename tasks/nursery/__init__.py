"""A process that has imported what isolated recipes need, and the processes forked from it.

Importing LightGBM, scikit-learn and pandas costs seconds, and a night runs dozens of isolated
recipes. The nursery (`tending`) imports them once, and its processes (`process`) begin at once; a
`Nursery` (`asking`) is the side of those who ask. It knows nothing of tasks or settings: those come
with each request. So nothing here imports the engine, which would read the settings of wherever
the nursery began.
"""

from tasks.nursery.asking import Child, Nursery

__all__ = ["Child", "Nursery"]
