"""Control limits of a rate in a batch, from its history: the smaller the batch, the wider the limits.

Rates of loads are modelled as beta-binomial. The spread between loads is estimated from the history, and the
uncertainty of a short history is added. The number of trials is the number of letters, since decisions of one letter
are not independent. Limits are quantiles of that distribution, at least a margin away from the usual rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import betabinom  # type: ignore[import-untyped]  # its stubs are a package for one call

MIN_LOADS = 5
MIN_HISTORY_LETTERS = 20
MIN_BATCH_LETTERS = 5
"""Smaller batches have no limits."""
MAX_TRIALS = 5000
"""Larger batches get the limits of this size, where the margin is already wider than the quantiles."""
MAX_SPREAD = 0.5


@dataclass(frozen=True)
class Share:
    """A rate observed in one load: its letters (or files), and the share of its rows that count."""

    letters: int
    share: float


@dataclass(frozen=True)
class ControlLimits:
    """The usual rate in the history, and the lowest and highest rate allowed in a batch."""

    usual: float
    low: float
    high: float


def has_enough_history(history: Sequence[Share]) -> bool:
    """Return whether there is enough history to compare a batch with."""
    return len(history) >= MIN_LOADS and sum(load.letters for load in history) >= MIN_HISTORY_LETTERS


def calculate_limits(history: Sequence[Share], letters: int, *, tail: float, margin: float) -> ControlLimits:
    """Return the limits for a batch of `letters`.

    `history` holds loads of at least one letter. A sound batch is beyond a limit with probability `tail` at most, on
    either side. `margin` is the least distance of a limit from the usual rate.
    """
    sizes = np.array([load.letters for load in history], dtype=float)
    shares = np.array([load.share for load in history])
    total = sizes.sum()
    usual = float((sizes @ shares + 0.5) / (total + 1))
    trials = min(letters, MAX_TRIALS)
    if trials < MIN_BATCH_LETTERS:
        return ControlLimits(usual, low=0.0, high=1.0)
    spread = min(_estimate_spread(sizes, shares, usual) + 1 / (total + 1), MAX_SPREAD)
    concentration = 1 / spread - 1
    chances = betabinom(trials, usual * concentration, (1 - usual) * concentration).pmf(np.arange(trials + 1))
    lowest = int(np.searchsorted(np.cumsum(chances), tail))
    highest = trials - int(np.searchsorted(np.cumsum(chances[::-1]), tail))
    return ControlLimits(
        usual,
        low=max(0.0, min(lowest / trials, usual - margin)),
        high=min(1.0, max(highest / trials, usual + margin)),
    )


def _estimate_spread(sizes: np.ndarray, shares: np.ndarray, usual: float) -> float:
    """Return the intra-load correlation, estimated by the method of moments."""
    pearson = float((sizes * (shares - usual) ** 2).sum() / (usual * (1 - usual)))
    weight = float(((1 - sizes / sizes.sum()) * (sizes - 1)).sum())
    return max(0.0, (pearson - (len(sizes) - 1)) / weight) if weight else 0.0
