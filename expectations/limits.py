"""How far the rate of a batch may lie from that of the last loads: the wider, the smaller the batch.

The rate of a load is taken as beta-binomial: loads differ among themselves (the spread is measured on the
history), and a small history does not know its own mean well (that is added). A batch counts as many trials
as it has letters: decisions of one letter are not independent. Limits are quantiles of that distribution,
and never closer to the mean than a margin: a difference that nobody would act on is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import betabinom  # type: ignore[import-untyped]  # its stubs are a package for one call

ENOUGH_LOADS = 5
"""With fewer loads, or fewer letters in them, there is no history to speak of."""
ENOUGH_LETTERS = 20
FEWEST_TO_JUDGE = 5
"""Of fewer letters nothing is said."""
MOST_TRIALS = 5000
"""A larger batch gets the limits of one of this size: the margin is wider by then."""
MOST_SPREAD = 0.5


@dataclass(frozen=True)
class Share:
    """A rate in one load: its letters (or files), and the share of its rows that are counted."""

    letters: int
    share: float


@dataclass(frozen=True)
class Limits:
    """What a batch's share may be; `usual` is that of the history."""

    usual: float
    low: float
    high: float


def enough(history: Sequence[Share]) -> bool:
    """Whether there is enough history to compare a batch with."""
    return len(history) >= ENOUGH_LOADS and sum(load.letters for load in history) >= ENOUGH_LETTERS


def limits(history: Sequence[Share], letters: int, *, tail: float, margin: float) -> Limits:
    """Return what a batch of `letters` may show: outside on either side with probability `tail` at most.

    `history` holds loads with at least one letter each; `margin` is the least distance of a limit from the
    usual share.
    """
    sizes = np.array([load.letters for load in history], dtype=float)
    shares = np.array([load.share for load in history])
    seen = sizes.sum()
    usual = float((sizes @ shares + 0.5) / (seen + 1))
    spread = min(_spread(sizes, shares, usual) + 1 / (seen + 1), MOST_SPREAD)
    concentration = 1 / spread - 1
    trials = min(letters, MOST_TRIALS)
    chances = betabinom(trials, usual * concentration, (1 - usual) * concentration).pmf(np.arange(trials + 1))
    if trials < FEWEST_TO_JUDGE:
        return Limits(usual, low=0.0, high=1.0)
    lowest = int(np.searchsorted(np.cumsum(chances), tail))
    highest = trials - int(np.searchsorted(np.cumsum(chances[::-1]), tail))
    return Limits(
        usual,
        low=max(0.0, min(lowest / trials, usual - margin)),
        high=min(1.0, max(highest / trials, usual + margin)),
    )


def _spread(sizes: np.ndarray, shares: np.ndarray, usual: float) -> float:
    """Return by how much loads differ beyond chance: the correlation within a load, by the method of moments."""
    pearson = float((sizes * (shares - usual) ** 2).sum() / (usual * (1 - usual)))
    weight = float(((1 - sizes / sizes.sum()) * (sizes - 1)).sum())
    return max(0.0, (pearson - (len(sizes) - 1)) / weight) if weight else 0.0
