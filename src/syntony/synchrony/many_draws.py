"""The first statistic of a method for one signal beside many: what a table of draws needs.

A surrogate is drawn hundreds of times and only a number is kept of each draw. Here the number
is taken straight from the kernels where the method allows it, and through the method's whole
path everywhere else.

:meth:`Method.of_pairs` is the way for people who meet many others: it lays every person out
once, which pays from some partners on. A draw meets one person and is thrown away, and a
surrogate's statistic needs neither other lags nor other statistics; through ``of_pairs`` it
would cost 1.3 to 2.1 times as much for ``lagged_correlation`` and 2.5 to 5.8 times for ``marci``
(15 and 50 min at 4 Hz, 20 to 499 draws).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony import registry
from syntony.synchrony._inputs import check_pair
from syntony.synchrony._layout import lay_out
from syntony.synchrony._windowed import lay_windows
from syntony.synchrony.slopes import index_of_sums

_Options = Mapping[str, Any]


def first_statistic(
    method: str,
    x: Array,
    ys: Array,
    *,
    rate_hz: float,
    options: _Options | None = None,
) -> Array:
    """First statistic of a method for ``x`` as first person beside every row of ``ys``.

    Parameters
    ----------
    method : str
        Name on the list of methods.
    x : ndarray of float64, shape (n_samples,)
        The first person's signal; NaN marks missing samples.
    ys : ndarray of float64, shape (n_draws, n_samples)
        Signals of the second person, or draws of one.
    rate_hz : float
        Samples per second.
    options : mapping, optional
        Of the method; the rest take their defaults.

    Returns
    -------
    ndarray of float64, shape (n_draws,)
        What ``summarise`` gives for each pair, to 1e-12; NaN where a pair has no value.

    Raises
    ------
    InputError
        If the shapes do not fit, or the method refuses the signals or the options.

    Notes
    -----
    ``marci`` with plain windows one slope apart and ``lagged_correlation`` with its own anchor
    are several times as fast as one pair after the other; any other method or option takes the
    method's own way.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(1200), np.ones(24) / 24, "same")
    >>> found = first_statistic("marci", x, np.stack([x, x[::-1]]), rate_hz=4.0)
    >>> found.shape, bool(found[0] > found[1])
    ((2,), True)
    """
    entry = registry.get(method)
    x, ys = np.asarray(x, dtype=np.float64), np.asarray(ys, dtype=np.float64)
    if x.ndim != 1 or ys.ndim != 2 or ys.shape[1] != x.size:
        raise InputError("ys", ys.shape, f"shape (n_draws, {x.size}), rows as long as x")
    settled = entry.settle(options or {})
    if not len(ys):
        return np.empty(0)
    quick = _QUICK.get(method)
    if quick is not None and quick[0](settled):
        check_pair(x, x, rate_hz)
        check_pair(ys.ravel(), ys.ravel(), rate_hz)
        return quick[1](x, ys, rate_hz, settled)
    name = entry.statistics[0].name
    found = (entry.of_pair(x, y, rate_hz=rate_hz, **settled) for y in ys)
    return np.array([entry.summarise(coupling)[name] for coupling in found])


def _plain_slopes(options: _Options) -> bool:
    """Whether ``marci`` runs with plain windows, one slope apart, of slopes as they are."""
    return (
        options["slope"] != "none"
        and (options["windows"], options["edges"], options["smooth"]) == ("plain", "nan", "none")
        and options["step_s"] == options["slope_step_s"]
    )


def _concordance(x: Array, ys: Array, rate_hz: float, options: _Options) -> Array:
    """Single session index at lag 0."""
    from syntony.kernels.many_draws import slope_balances
    from syntony.kernels.slopes import moving_slopes

    spans_s = tuple(options[k] for k in ("slope_window_s", "slope_step_s", "window_s", "step_s"))
    plan = lay_out(
        x.size,
        rate_hz,
        (options["slope"], "plain", "nan"),
        (spans_s[0], spans_s[1], spans_s[2], spans_s[3]),
        (options["max_lag_s"], options["lag_step_s"]),
        options["min_coverage"],
    )
    how, least = options["slope"], options["min_coverage"]
    slopes = moving_slopes(x, plan.slope_starts, plan.slope_length, how, min_share=least)
    sums = slope_balances(
        slopes,
        ys,
        plan.slope_starts,
        plan.slope_length,
        how,
        plan.window,
        min_share=least,
        min_pairs=plan.min_pairs,
    )
    return index_of_sums(*sums, float(options["cap"]))


def _own_windows(options: _Options) -> bool:
    """Whether ``lagged_correlation`` runs with our windows and keeps signs and copies."""
    wanted = ("ours", "keep", False)
    return (options["anchor"], options["identical"], options["absolute"]) == wanted


def _mean_z(x: Array, ys: Array, rate_hz: float, options: _Options) -> Array:
    """Mean Fisher z over windows and lags."""
    from syntony.kernels.many_draws import lagged_sums_of_z

    spans_s = (options["window_s"], options["step_s"], options["max_lag_s"])
    plan = lay_windows(x.size, rate_hz, spans_s, options["min_coverage"])
    lags = (-plan.n_lags, plan.n_lags)
    total, count = lagged_sums_of_z(x, ys, plan.starts, plan.window, lags, min_pairs=plan.min_pairs)
    means: Array = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return means


_QUICK: dict[
    str,
    tuple[Callable[[_Options], bool], Callable[[Array, Array, float, _Options], Array]],
] = {
    "marci": (_plain_slopes, _concordance),
    "lagged_correlation": (_own_windows, _mean_z),
}
