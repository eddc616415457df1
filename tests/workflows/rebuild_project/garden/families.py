"""The families of plants, and what each says about itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """What is asked of a family of plants."""

    name: str
    price: int

    def worth(self, grams):
        """What so many grams cost."""
        return grams * self.price


FAMILIES = {
    "herbs": Family("herbs", price=5),
    "roots": Family("roots", price=2),
}
