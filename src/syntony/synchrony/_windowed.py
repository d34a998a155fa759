"""What methods share that correlate in moving windows at a range of lags."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import fisher_z, mean_present
from syntony.synchrony._inputs import (
    check_number,
    check_pair,
    check_seconds,
    fixed,
    in_samples,
    least_pairs,
    whole_steps,
    window_starts,
)
from syntony.synchrony.registry import Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Where windows and lags lie for signals of one length: what all draws share."""

    starts: Ints
    window: int
    n_lags: int
    min_pairs: int
    times_s: Array
    lags_s: Array
    reach_s: tuple[float, float]
    used: Mapping[str, float]


def checked(
    x: Array,
    y: Array,
    rate_hz: float,
    spans_s: tuple[float, float, float],
    min_coverage: float,
) -> tuple[Array, Array]:
    """Both signals as float64, once they and the lengths of windows have been found sound."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(**dict(zip(("window_s", "step_s", "max_lag_s"), spans_s, strict=True)))
    return x, y


@lru_cache(maxsize=16)
def lay_windows(
    n_samples: int,
    rate_hz: float,
    spans_s: tuple[float, float, float],
    min_coverage: float,
    *,
    wider: int = 0,
    ahead: bool = False,
) -> Windows:
    """Lay windows of the first person out, or say why that cannot be done.

    Parameters
    ----------
    n_samples : int
        Samples of each signal.
    rate_hz : float
    spans_s : (float, float, float)
        Window, step and longest lag, in seconds.
    min_coverage : float
        Share of a window's pairs that must be present.
    wider : int
        Samples that a window of n values spans beyond n, where a value is made of several.
    ahead : bool
        Whether the longest lag must fit behind each window, as where the person who leads keeps
        the window and the other is looked for ahead; lags then reach onward only.
    """
    window_s, step_s, max_lag_s = spans_s
    window = in_samples("window_s", window_s, rate_hz, 3)
    in_samples("step_s", step_s, rate_hz, 1)
    n_lags = whole_steps(max_lag_s, rate_hz)
    whole = window + wider + (n_lags if ahead else 0)
    starts = window_starts(n_samples, whole, step_s * rate_hz)
    if not starts.size:
        raise InputError(
            "window_s",
            window_s,
            f"at most {n_samples / rate_hz:g} s, the length of the signals"
            + (", lag included" if ahead else ""),
        )
    half_s, lag_s = (window + wider) / 2 / rate_hz, n_lags / rate_hz
    return Windows(
        starts=starts,
        window=window,
        n_lags=n_lags,
        min_pairs=least_pairs(min_coverage, window),
        times_s=fixed(np.asarray((starts + (window + wider) / 2) / rate_hz, dtype=np.float64)),
        lags_s=fixed(np.arange(-n_lags, n_lags + 1) / rate_hz),
        reach_s=(half_s if ahead else half_s + lag_s, half_s + lag_s),
        used={"window_s": window / rate_hz, "step_s": step_s, "max_lag_s": lag_s},
    )


def mean_over_windows(cells: Array) -> Array:
    """Mean of what is present at every lag, shape (n_lags,); NaN where nothing is."""
    there = np.isfinite(cells)
    with np.errstate(invalid="ignore"):
        profile: Array = np.where(there, cells, 0.0).sum(axis=0) / there.sum(axis=0)
    return profile


def z_profile(coupling: Coupling) -> Array:
    """Mean Fisher z over windows at every lag, shape (n_lags,); NaN where none has a value."""
    return mean_over_windows(fisher_z(coupling.values))


def highest(coupling: Coupling, profile: Array) -> tuple[float, float]:
    """Largest value of a lag profile and its lag in seconds; NaN where there is none."""
    there = np.isfinite(profile)
    if not there.any():
        return math.nan, math.nan
    best = int(np.argmax(np.where(there, profile, -np.inf)))
    return float(profile[best]), float(coupling.coords["lag"][best])


def z_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of :func:`z_statistics`."""
    z = fisher_z(coupling.values)
    zero = coupling.coords["lag"].size // 2
    peak, best_lag_s = highest(coupling, mean_over_windows(z))
    return {
        "mean_z": mean_present(z),
        "mean_abs_z": mean_present(np.abs(z)),
        "lag_zero": mean_present(z[:, zero]),
        "first_leads": mean_present(z[:, zero + 1 :]),
        "second_leads": mean_present(z[:, :zero]),
        "peak_z": peak,
        "best_lag_s": best_lag_s,
    }


def z_statistics(of_what: str, *, abs_chance: float, peak_chance: float) -> tuple[Statistic, ...]:
    """Describe the summaries of a correlation; ``of_what`` completes "correlation of ..."."""

    def z(name: str, title: str, explain: str, chance: float = 0.0) -> Statistic:
        return Statistic(
            name=name,
            title=title,
            explain=explain,
            bounds=(-10.0, 10.0),
            chance=chance,
            is_fisher_z=True,
        )

    return (
        z(
            "mean_z",
            "Mean over all lags (Fisher z)",
            f"Average correlation of {of_what} over all windows and all delays, after Fisher's z. "
            "0: no tendency to move together; below 0: a tendency to move in opposite directions.",
        ),
        Statistic(
            name="mean_abs_z",
            title="Mean strength over all lags (|z|)",
            explain=f"Average strength of the correlation of {of_what}, whether the two moved "
            "together or in opposite directions. Above 0 for strangers too: read it only beside "
            "its chance distribution.",
            bounds=(0.0, 10.0),
            chance=abs_chance,
        ),
        z(
            "lag_zero",
            "At the same instant (Fisher z)",
            f"Average correlation of {of_what} without any delay between the two people.",
        ),
        z(
            "first_leads",
            "First person leads (Fisher z)",
            f"Average correlation of {of_what} over the delays at which the second person follows "
            "the first.",
        ),
        z(
            "second_leads",
            "Second person leads (Fisher z)",
            f"Average correlation of {of_what} over the delays at which the first person follows "
            "the second.",
        ),
        z(
            "peak_z",
            "Highest mean over the lags (Fisher z)",
            f"Average correlation of {of_what} at the delay at which it is highest. Because the "
            "best of many delays was picked it is above 0 for strangers too: read it only beside "
            "a chance distribution that was picked in the same way.",
            chance=peak_chance,
        ),
        Statistic(
            name="best_lag_s",
            title="Delay of the highest mean (s)",
            explain="The delay in seconds at which the average correlation is highest. Positive: "
            "the second person follows the first; negative: the first follows the second. It "
            "always has a value, even for strangers, so it means something only where the peak "
            "stands out from chance.",
            bounds=(-math.inf, math.inf),
            chance=0.0,
        ),
    )
