"""Privacy: pseudonyms for listeners, attributes that never train, and listeners to forget.

A listener's id becomes the first 16 hex digits of HMAC-SHA256 (RFC 2104) under a secret key. The
same key gives the same pseudonym everywhere, so tables still join; without the key the id cannot
be found by trying all ids, and losing the key on purpose severs every link.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from ml.errors import SensitiveFeature

DIGITS = 16

SENSITIVE = frozenset(
    (
        "age_band", "birthday", "birth_year", "gender", "sex", "religion", "health", "disability",
        "politics", "political", "sexuality", "orientation", "ethnicity", "ethnic",
        "nationality", "biometric", "genetic", "income", "career", "criminal",
    )
)  # fmt: skip
"""Refused wherever they stand in a name: ``gender``, ``attr_gender``, ``gender_share_7d``."""

SENSITIVE_ALONE = frozenset(("age", "race", "union", "minor"))
"""Refused as a whole name only: ``age`` and ``attr_age``, but not ``ad_age_days``."""

OWNERS = ("attr_", "listener_", "user_")

@dataclass(frozen=True)
class PseudonymKey:
    """The secret of the pseudonyms. It prints without its secret."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ValueError(
                f"a pseudonym key needs at least 16 bytes, got {len(self.secret)}. "
                "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
            )

    def __fingerprint__(self) -> str:
        """Stands for the key where it is recorded: another key, another value; no way back."""
        return hmac.digest(self.secret, b"setlist pseudonym key", hashlib.sha256).hex()[:DIGITS]


def pseudonym(ids: pd.Series, key: PseudonymKey) -> pd.Series:
    """The pseudonym of every id: 16 hex digits, equal for equal ids."""
    def digest(value: str) -> str:
        return hmac.digest(key.secret, value.encode(), "sha256").hex()[:DIGITS]

    return _once_each(ids.astype("str"), digest)


def shard_of(pseudonyms: pd.Series, shards: int) -> pd.Series:
    """The shard of every pseudonym, 0 to ``shards`` - 1: equal ranges of the hash's space."""
    codes, unique = pd.factorize(pseudonyms)
    shard = [(int(value[:8], 16) * shards) >> 32 for value in unique]
    return pd.Series(np.array(shard, dtype="int64")[codes], pseudonyms.index)


def token(pseudonyms: pd.Series) -> pd.Series:
    """What stands for a pseudonym in the list of the forgotten: SHA-256, 16 hex digits.

    So that nobody's pseudonym is written anywhere for the sake of leaving them out.
    """
    def digest(value: str) -> str:
        return hashlib.sha256(f"forgotten {value}".encode()).hexdigest()[:DIGITS]

    return _once_each(pseudonyms, digest)


def _once_each(values: pd.Series, function: Callable[[str], str]) -> pd.Series:
    """``function`` of every value, called once for equal ones; missing where the value is."""
    codes, unique = pd.factorize(values)
    found = pd.array([function(value) for value in unique.tolist()], dtype="str")
    return pd.Series(found.take(codes, allow_fill=True), values.index)


def is_forgotten(pseudonyms: pd.Series, forgotten: pd.DataFrame | None) -> pd.Series:
    """Whether each pseudonym is of a listener who asked to be forgotten, by their ``token``."""
    if forgotten is None or forgotten.empty:
        return pd.Series(False, pseudonyms.index)
    return token(pseudonyms).isin(set(forgotten["token"]))


def sensitive(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that are, or contain as a word, a sensitive attribute."""
    return [name for name in names if _is_sensitive(name)]


def refuse_sensitive(features: Iterable[str], where: str = "the model") -> None:
    """Raise SensitiveFeature, naming all of them, if any of ``features`` is sensitive."""
    if found := sensitive(features):
        raise SensitiveFeature(found, where)


def _is_sensitive(name: str) -> bool:
    name = name.lower()
    for owner in OWNERS:
        name = name.removeprefix(owner)
    words = name.split("_")
    pairs = {"_".join(pair) for pair in pairwise(words)}
    return name in SENSITIVE_ALONE or bool(SENSITIVE & (set(words) | pairs))
