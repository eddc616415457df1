"""The built-in listening world: invented listeners, music and adverts, and the truth about them."""

from ml.world.day import generate_day
from ml.world.truths import true_alternatives, true_probabilities, truth
from ml.world.world import World

__all__ = ["World", "generate_day", "true_alternatives", "true_probabilities", "truth"]
