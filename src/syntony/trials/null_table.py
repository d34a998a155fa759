"""From many null studies to cells: how often strangers pass, and what that says of a surrogate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scipy.stats import beta, binom

from syntony.core.errors import InputError
from syntony.trials.null_study import CLAIM

LEVEL = 0.99
BEYOND_DOUBT = 0.9999
Mark = Literal["as claimed", "conservative", "above", "fails"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of ``n`` passed."""

    passed: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.passed <= self.n:
            raise InputError("passed", self.passed, f"0 to n, {self.n}")

    @property
    def rate(self) -> float:
        """Share that passed; NaN of none."""
        return self.passed / self.n if self.n else float("nan")

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Exact binomial interval of the rate (Clopper & Pearson).

        Examples
        --------
        >>> low, high = Count(passed=50, n=1000).interval()
        >>> round(low, 3), round(high, 3)
        (0.034, 0.071)
        """
        tail = (1.0 - level) / 2.0
        low = float(beta.ppf(tail, self.passed, self.n - self.passed + 1)) if self.passed else 0.0
        rest = self.n - self.passed
        high = float(beta.ppf(1.0 - tail, self.passed + 1, rest)) if rest else 1.0
        return low, high


def limits(n: int, *, alpha: float = CLAIM, level: float = LEVEL) -> tuple[int, int]:
    """Fewest and most of ``n`` that pass where each passes with probability alpha.

    The central ``level`` of the binomial distribution.

    Examples
    --------
    >>> limits(1000), limits(10_000)
    ((33, 69), (445, 557))
    """
    tail = (1.0 - level) / 2.0
    return int(binom.ppf(tail, n, alpha)), int(binom.ppf(1.0 - tail, n, alpha))


def mark(first: Count, fresh: Count | None = None) -> Mark:
    """What a cell says: of the first studies, and of fresh ones where the first were too many.

    ``"above"`` awaits fresh studies. A cell that was above and is not so again is as claimed:
    one cell in two hundred is above by chance.

    Examples
    --------
    >>> mark(Count(passed=50, n=1000)), mark(Count(passed=20, n=1000))
    ('as claimed', 'conservative')
    >>> mark(Count(passed=90, n=1000), Count(passed=800, n=10_000))
    'fails'
    """
    low, high = limits(first.n)
    if first.passed < low:
        return "conservative"
    if first.passed <= high:
        return "as claimed"
    if fresh is None or not fresh.n:
        return "above"
    return "fails" if fresh.passed > limits(fresh.n)[1] else "as claimed"


def is_settled(fresh: Count, *, at_least: int = 500) -> bool:
    """Whether fresh studies need not go on: the rate is above .05 beyond doubt.

    From ``at_least`` studies on, where the lower end of the 99.99 % interval lies above alpha.

    Examples
    --------
    >>> is_settled(Count(passed=300, n=500)), is_settled(Count(passed=35, n=500))
    (True, False)
    """
    return fresh.n >= at_least and fresh.interval(BEYOND_DOUBT)[0] > CLAIM


def total(counts: Iterable[Count]) -> Count:
    """Add counts up.

    Examples
    --------
    >>> total([Count(passed=1, n=10), Count(passed=2, n=10)])
    Count(passed=3, n=20)
    """
    passed = n = 0
    for count in counts:
        passed, n = passed + count.passed, n + count.n
    return Count(passed=passed, n=n)
