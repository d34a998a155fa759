"""The short way to a first statistic is the chain's own way, for every kind of signal."""

import numpy as np
import pytest
from surrogates.worlds import conductance

from syntony.config import Step
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.pipeline.steps import couple, statistics
from syntony.surrogates.registry import get
from syntony.synchrony.many_draws import first_statistic


def signals(seconds, *, rate_hz=4, gaps=0):
    rng = rng_for(7, "many", seconds, rate_hz, gaps)
    x, y = (conductance(rng, seconds, rate_hz) for _ in range(2))
    for v in (x, y):
        for _ in range(gaps):
            start = int(rng.integers(v.size))
            v[start : start + int(rng.integers(4, 400))] = np.nan
    return x, y, rng


def both(method, x, ys, rate_hz, **options):
    step = Step(method=method, options=options)
    slow = np.array([statistics(step, couple(step, x, y, rate_hz))[0] for y in ys])
    return first_statistic(method, x, ys, rate_hz=rate_hz, options=options), slow


@pytest.mark.parametrize("gaps", [0, 3, 12])
@pytest.mark.parametrize("method", ["marci", "lagged_correlation"])
@pytest.mark.parametrize("surrogate", ["shift_thirds", "segment_shuffle", "phase_randomisation"])
def test_the_short_way_gives_what_the_chain_gives(method, surrogate, gaps):
    x, y, rng = signals(597, gaps=gaps)
    ys = np.stack([get(surrogate).draw(y, rng, rate_hz=4.0) for _ in range(7)])
    quick, slow = both(method, x, ys, 4.0)
    np.testing.assert_allclose(quick, slow, rtol=1e-12, atol=1e-12)
    assert np.nanmax(slow) > np.nanmin(slow)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("marci", {"slope": "ols", "slope_window_s": 4.0, "window_s": 20.0}),
        ("marci", {"slope": "endpoint", "cap": 0.05}),
        ("marci", {"windows": "odd_centred", "edges": "zero"}),  # the method's own way
        ("marci", {"step_s": 2.0, "smooth": "bartlett"}),
        ("lagged_correlation", {"window_s": 8.0, "step_s": 2.0, "max_lag_s": 3.0}),
        ("lagged_correlation", {"window_s": 10.0, "step_s": 10.0}),
        ("lagged_correlation", {"window_s": 12.0, "step_s": 0.5, "max_lag_s": 30.0}),
        ("lagged_correlation", {"anchor": "rmea", "identical": "nan"}),
        ("lagged_correlation", {"absolute": True}),
        ("coherence", {}),
        ("susy", {}),
    ],
)
def test_so_it_does_with_other_options_and_methods(method, options):
    x, y, rng = signals(400, gaps=2)
    ys = np.stack([get("segment_shuffle").draw(y, rng, rate_hz=4.0) for _ in range(3)])
    quick, slow = both(method, x, ys, 4.0, **options)
    np.testing.assert_allclose(quick, slow, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", ["marci", "lagged_correlation"])
def test_copies_flat_and_empty_signals(method):
    x, y, _ = signals(300)
    large = 1e6 + y  # sums that cancel
    ys = np.stack([x, -x, np.full_like(y, 3.0), np.full_like(y, np.nan), large, 1e-9 * y])
    quick, slow = both(method, x, ys, 4.0)
    np.testing.assert_allclose(quick, slow, rtol=1e-9, atol=1e-12)
    assert np.isnan(quick[2:4]).all()
    assert quick[0] > 0.5 > -0.5 > quick[1]


@pytest.mark.parametrize("method", ["marci", "lagged_correlation"])
def test_what_a_method_refuses_is_refused(method):
    x, y, _ = signals(120)
    assert first_statistic(method, x, np.empty((0, x.size)), rate_hz=4.0).size == 0
    with pytest.raises(InputError, match="rows as long as x"):
        first_statistic(method, x, y[None, :-1], rate_hz=4.0)
    bad = y.copy()
    bad[3] = np.inf
    for first, second in ((x, bad), (bad, y)):
        with pytest.raises(InputError, match="finite numbers or NaN"):
            first_statistic(method, first, second[None], rate_hz=4.0)
    with pytest.raises(InputError, match="rate_hz"):
        first_statistic(method, x, y[None], rate_hz=0.0)
    with pytest.raises(InputError, match="window_s"):
        first_statistic(method, x, y[None], rate_hz=4.0, options={"window_s": 900.0})
    with pytest.raises(InputError, match="options"):
        first_statistic(method, x, y[None], rate_hz=4.0, options={"windw_s": 9.0})
