"""Effects: things done to the outside world once per content, each with a receipt.

An effect's identity is what it was done with (its inputs' content and bound values), not the
code that did it: mending the publisher does not publish last month's models again. What the
recipe returns is the receipt. A crash between the deed and the receipt repeats the deed, so
the recipe must find what it already did (by the inputs' digest) before doing it.
"""

from tasks.engine.artifact import ArtifactTask


class EffectTask(ArtifactTask):
    """Does one thing to the outside world, and keeps the receipt as its artifact."""

    code_matters = False
