"""How time grows with the number of windows, lags, people, samples and sessions.

Run: python benchmarks/growth.py [FOLDER]
Each row doubles one size and leaves the others. The last column is the slope on log scales: 1
means that twice the size takes twice the time, 2 that it takes four times. CPU time of one core,
median of several calls. With FOLDER, ``growth.svg`` and ``growth.json`` are written there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures import cpu_s, figure


@dataclass(frozen=True)
class Growth:
    """Seconds at each size of one kind of work."""

    what: str
    unit: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def slope(self) -> float:
        """Exponent of the growth over the upper half of the sizes."""
        half = len(self.sizes) // 2
        return float(np.polyfit(np.log(self.sizes[half:]), np.log(self.seconds[half:]), 1)[0])


def measure(
    what: str, unit: str, sizes: tuple[int, ...], make: Callable[[int], Callable[[], object]]
) -> Growth:
    """Time one kind of work at every size."""
    taken = tuple(cpu_s(make(size), 15) for size in sizes)
    return Growth(what, unit, sizes, taken)


def walks(people: int, samples: int) -> np.ndarray:
    """Random walks, which are about as smooth as skin conductance."""
    return np.cumsum(np.random.default_rng(1).standard_normal((people, samples)), axis=1)


def windows(count: int) -> Callable[[], object]:
    """Moving lagged correlation, more and more windows of 30 s at 4 Hz, one every second."""
    from syntony.synchrony.correlation import lagged_correlation

    x, y = walks(2, 120 + 4 * (count - 1))
    return lambda: lagged_correlation(x, y, rate_hz=4.0, step_s=1.0)


def lags(count: int) -> Callable[[], object]:
    """The same over 50 min, more and more lags."""
    from syntony.synchrony.correlation import lagged_correlation

    x, y = walks(2, 12_000)
    return lambda: lagged_correlation(x, y, rate_hz=4.0, max_lag_s=(count - 1) / 8)


def people(count: int) -> Callable[[], object]:
    """Every pair among more and more people, 10 min each."""
    from syntony.synchrony.everyone import every_pair

    rows = walks(count, 2400)
    names = [f"p{k}" for k in range(count)]
    return lambda: every_pair(rows, names, rate_hz=4.0)


def sessions(count: int) -> Callable[[], object]:
    """Every first person with every second person of more and more sessions of 25 min."""
    from syntony.synchrony.registry import get

    first, second = walks(count, 6000), walks(count, 6000)[:, ::-1].copy()
    entry = get("marci")

    def all_pairs() -> None:
        for x in first:
            for y in second:
                entry.summarise(entry.compute(x, y, rate_hz=4.0))

    return all_pairs


def samples(count: int) -> Callable[[], object]:
    """The concordance index of a session that gets longer and longer."""
    from syntony.synchrony.slopes import marci

    x, y = walks(2, count)
    return lambda: marci(x, y, rate_hz=4.0)


def main() -> None:
    import syntony.synchrony  # noqa: F401  fills the list

    found = [
        measure("lagged correlation, windows", "windows", (198, 396, 792, 1584, 3168), windows),
        measure("lagged correlation, lags", "lags", (11, 21, 41, 81, 161), lags),
        measure("concordance index, length", "samples", (3000, 6000, 12000, 24000, 48000), samples),
        measure("every pair of people", "people", (2, 4, 8, 16, 32), people),
        measure("all pseudo-dyads of a study", "sessions", (4, 8, 16, 32), sessions),
    ]
    for growth in found:
        for size, seconds in zip(growth.sizes, growth.seconds, strict=True):
            figure(f"{growth.what}: {size}", 1e3 * seconds, "ms")
        figure(f"{growth.what}: exponent", growth.slope, "")
    if len(sys.argv) > 1:
        write(found, Path(sys.argv[1]))


def write(found: list[Growth], folder: Path) -> None:
    """Write the figures, and a plot of them on log scales."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot, ticker

    told = [
        {"what": g.what, "unit": g.unit, "sizes": g.sizes, "seconds": g.seconds, "slope": g.slope}
        for g in found
    ]
    (folder / "growth.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    drawn, axes = pyplot.subplots(1, len(found), figsize=(3.0 * len(found), 3.0))
    for place, growth in zip(axes, found, strict=True):
        place.loglog(growth.sizes, 1e3 * np.array(growth.seconds), "o-", color="#30608f")
        place.set_title(f"{growth.what}\ngrows as n^{growth.slope:.2f}", fontsize=9)
        place.set_xlabel(growth.unit, fontsize=9)
        place.set_xticks(growth.sizes, [f"{s:,}" for s in growth.sizes], fontsize=8, rotation=45)
        place.yaxis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
        place.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        place.minorticks_off()
        place.grid(alpha=0.3)
    axes[0].set_ylabel("ms on one core", fontsize=9)
    drawn.tight_layout()
    drawn.savefig(folder / "growth.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
