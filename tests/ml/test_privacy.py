"""Privacy: pseudonyms that join but do not tell, and attributes that never train."""

import hashlib
import hmac

import pandas as pd
import pytest

from ml.errors import SensitiveFeature
from ml.privacy import (
    PseudonymKey,
    is_forgotten,
    pseudonym,
    refuse_sensitive,
    sensitive,
    shard_of,
    token,
)

KEY = PseudonymKey(b"a secret of many bytes")
OTHER = PseudonymKey(b"another secret of bytes")


def test_a_pseudonym_is_the_keyed_hash_that_the_standard_describes():
    expected = hmac.new(KEY.secret, b"ann", hashlib.sha256).hexdigest()[:16]
    assert pseudonym(pd.Series(["ann", "bob", "ann"]), KEY).tolist()[::2] == [expected] * 2


def test_another_key_gives_other_pseudonyms():
    ids = pd.Series(["ann", "bob"])
    assert not set(pseudonym(ids, KEY)) & set(pseudonym(ids, OTHER))


def test_a_key_never_shows_its_secret():
    assert "secret" not in repr(KEY) + str(KEY) + KEY.__fingerprint__()
    assert KEY.__fingerprint__() != OTHER.__fingerprint__()


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="at least 16 bytes, got 5"):
        PseudonymKey(b"short")


def test_no_listeners_have_no_pseudonyms():
    nobody = pd.Series([], dtype="str")
    assert pseudonym(nobody, KEY).empty
    assert shard_of(nobody, 4).empty


def test_shards_are_even_ranges_of_the_pseudonyms():
    pseudonyms = pseudonym(pd.Series([f"p{row}" for row in range(4000)]), KEY)
    shard = shard_of(pseudonyms, 4)
    assert shard.value_counts().between(900, 1100).all()
    assert pseudonyms[shard == 0].max() < pseudonyms[shard == 1].min()


def test_a_forgotten_listener_is_known_by_a_token_that_is_not_their_pseudonym():
    names = pseudonym(pd.Series(["a", "b", "a"]), KEY)
    listed = pd.DataFrame({"token": token(names.head(1))})
    assert is_forgotten(names, listed).tolist() == [True, False, True]
    assert set(listed["token"]).isdisjoint(names)
    assert not is_forgotten(names, None).any() and not is_forgotten(names, listed.head(0)).any()


def test_sensitive_attributes_are_refused_under_any_name():
    names = ["gender", "attr_age", "age_band_share_7d", "listener_gender", "religion_lift"]
    assert sensitive(names) == names
    with pytest.raises(SensitiveFeature, match="gender, attr_age"):
        refuse_sensitive(["hour", *names], "ad_targeting")


def test_ordinary_features_are_not_mistaken_for_sensitive_ones():
    assert sensitive(["ad_age_days", "average_plays", "minority_genre_share", "trace"]) == []


def test_a_missing_id_is_nobodys_and_never_taken_for_a_forgotten_listeners():
    ids = pd.Series([None, "a", "gone"], dtype="str")
    names = pseudonym(ids, KEY)
    gone = pd.DataFrame({"token": token(names[2:])})
    assert names.isna().tolist() == [True, False, False]
    assert is_forgotten(names, gone).tolist() == [False, False, True]
