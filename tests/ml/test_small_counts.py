from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ml.small_counts import told, told_overlap, told_parts, told_steps

SIZES = st.lists(st.integers(0, 400), min_size=1, max_size=7)
K = 50


@given(SIZES)
def test_no_two_steps_that_are_told_differ_by_fewer_than_k(sizes):
    shown = told_steps(sorted(sizes, reverse=True), K)
    known = [one for one in shown if one is not None]
    assert all(one == 0 or one >= K for one in known)
    assert all(a == b or a - b >= K for a, b in combinations(known, 2))


@given(SIZES)
def test_the_last_step_is_told_whenever_it_may_be(sizes):
    falling = sorted(sizes, reverse=True)
    assert told_steps(falling, K)[-1] == told(falling[-1], K)


@given(SIZES, st.sets(st.integers(0, 6)))
def test_what_is_left_of_a_known_whole_is_never_one_part_or_a_few(parts, untold):
    shown = told_parts(parts, K, untold)
    hidden = [part for part, one in zip(parts, shown, strict=True) if one is None]
    assert all(one is None or one == part for part, one in zip(parts, shown, strict=True))
    whole_is_told = told(sum(parts), K) is not None
    others = [one for one in shown if one]
    assert not (hidden and others and whole_is_told) or (len(hidden) > 1 and sum(hidden) >= K)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_an_overlap_that_is_told_leaves_nobody_or_many(both, one, other):
    shown = told_overlap(both, both + one, both + other, K)
    assert (shown is None) == any(0 < few < K for few in (both, one, other))
