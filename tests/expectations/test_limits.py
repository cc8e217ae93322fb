"""How far a batch may stray: far with few letters, little with many, and never less than the margin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from expectations.limits import Share, enough, limits

STEADY = [Share(25, rate) for rate in (0.88, 0.92, 0.84, 0.88, 0.92, 0.88)]


def test_limits_narrow_as_the_batch_grows() -> None:
    widths = [
        limit.high - limit.low for n in (6, 20, 60, 200, 2000) if (limit := limits(STEADY, n, tail=1e-4, margin=0.0))
    ]
    assert len(widths) == 5
    assert all(wider > narrower for wider, narrower in pairwise(widths))


def test_of_a_handful_of_letters_nothing_is_said() -> None:
    assert [(found.low, found.high) for n in (1, 4) if (found := limits(STEADY, n, tail=0.2, margin=0.0))] == [
        (0.0, 1.0),
        (0.0, 1.0),
    ]


def test_a_short_history_allows_more_than_a_long_one() -> None:
    short, long = (limits(STEADY * times, 500, tail=1e-4, margin=0.0) for times in (1, 20))
    assert short.low < long.low < long.high < short.high


def test_loads_that_differ_among_themselves_allow_more() -> None:
    restless = [Share(25, rate) for rate in (0.6, 1.0, 0.7, 1.0, 0.98, 1.0)]
    assert limits(restless, 200, tail=1e-4, margin=0.0).low < limits(STEADY, 200, tail=1e-4, margin=0.0).low


def test_a_difference_that_nobody_would_act_on_is_none() -> None:
    sure = [Share(100_000, 0.9)] * 30
    found = limits(sure, 100_000, tail=1e-4, margin=0.03)
    assert (round(found.low, 3), round(found.high, 3)) == (0.87, 0.93)


def test_a_rate_that_was_never_seen_has_room_above() -> None:
    found = limits([Share(25, 0.0)] * 6, 40, tail=1e-4, margin=0.03)
    assert (found.low, 0.03 <= found.high <= 0.4) == (0.0, True)


def test_sound_batches_are_hardly_ever_outside() -> None:
    """Loads of 5 to 200 letters, whose own rates differ by some points, drawn with a fixed seed."""
    rng = np.random.default_rng(7)

    def load() -> Share:
        letters = int(rng.integers(5, 200))
        return Share(letters, rng.binomial(letters, rng.beta(0.88 * 100, 0.12 * 100)) / letters)

    outside = 0
    for _ in range(500):
        batch, history = load(), [load() for _ in range(30)]
        allowed = limits(history, batch.letters, tail=1e-4, margin=0.03)
        outside += not allowed.low <= batch.share <= allowed.high
    assert outside <= 2


def test_history_is_some_loads_with_some_letters() -> None:
    assert enough(STEADY)
    assert not enough(STEADY[:4])
    assert not enough([Share(3, 1.0)] * 6)
