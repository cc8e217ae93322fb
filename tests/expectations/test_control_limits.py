"""Control limits: wide for small batches and short histories, never narrower than the margin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from expectations.control_limits import ControlLimits, Share, calculate_limits, has_enough_history
from expectations.severity import tolerant_share

STEADY = [Share(25, rate) for rate in (0.88, 0.92, 0.84, 0.88, 0.92, 0.88)]


def find_limits(history: list[Share], letters: int, margin: float = 0.0) -> ControlLimits:
    return calculate_limits(history, letters, tail=1e-4, margin=margin)


def test_limits_narrow_as_the_batch_grows() -> None:
    found = [find_limits(STEADY, n) for n in (1, 4, 6, 20, 60, 200, 2000)]
    assert [(limits.low, limits.high) for limits in found[:2]] == [(0.0, 1.0)] * 2, "under 5 letters there are none"
    assert all(a.high - a.low > b.high - b.low for a, b in pairwise(found[1:]))


def test_a_short_or_unsteady_history_allows_more() -> None:
    short, long = (find_limits(STEADY * times, 500) for times in (1, 20))
    assert short.low < long.low < long.high < short.high
    unsteady = [Share(25, rate) for rate in (0.6, 1.0, 0.7, 1.0, 0.98, 1.0)]
    assert find_limits(unsteady, 200).low < find_limits(STEADY, 200).low


def test_limits_are_at_least_the_margin_away() -> None:
    certain = find_limits([Share(100_000, 0.9)] * 30, 100_000, margin=0.03)
    assert (round(certain.low, 3), round(certain.high, 3)) == (0.87, 0.93)
    never_seen = find_limits([Share(25, 0.0)] * 6, 40, margin=0.03)
    assert (never_seen.low, 0.03 <= never_seen.high <= 0.4) == (0.0, True)


def test_sound_batches_are_hardly_ever_outside() -> None:
    """Loads of 5 to 200 letters whose own rates differ by some points, drawn with a fixed seed."""
    rng = np.random.default_rng(7)

    def load() -> Share:
        letters = int(rng.integers(5, 200))
        return Share(letters, rng.binomial(letters, rng.beta(0.88 * 100, 0.12 * 100)) / letters)

    outside = 0
    for _ in range(500):
        batch, history = load(), [load() for _ in range(30)]
        allowed = find_limits(history, batch.letters, margin=0.03)
        outside += not allowed.low <= batch.share <= allowed.high
    assert outside <= 2


def test_a_history_needs_enough_loads_and_letters() -> None:
    assert has_enough_history(STEADY)
    assert not has_enough_history(STEADY[:4])
    assert not has_enough_history([Share(3, 1.0)] * 6)


@pytest.mark.parametrize(
    ("rows", "broken", "passes"), [(3, 2, True), (20, 3, True), (20, 5, False), (100, 11, True), (100, 13, False)]
)
def test_two_rows_of_a_small_batch_may_fail(rows: int, broken: int, passes: bool) -> None:
    assert (1 - broken / rows >= tolerant_share(0.9, rows)) is passes
