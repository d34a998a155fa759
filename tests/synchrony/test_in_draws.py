"""One person beside many draws at once gives what every draw gives by itself."""

import numpy as np
import pytest

from syntony.synchrony.drawn import best_lags
from syntony.synchrony.registry import get, methods

AT_ONCE = [m for m in methods().values() if m.in_draws is not None]
RATE_HZ = 4.0
OPTIONS = [
    ("lagged_correlation", {}),
    ("lagged_correlation", {"window_s": 7.3, "step_s": 2.1, "max_lag_s": 0.0}),
    ("lagged_correlation", {"step_s": 1.0, "min_coverage": 0.3}),
    ("lagged_correlation", {"max_lag_s": 31.0, "absolute": True}),
    ("marci", {}),
    ("marci", {"max_lag_s": 0.0}),
    ("marci", {"lag_step_s": 2.0, "slope": "ols", "cap": 1.0}),
    ("marci", {"windows": "odd_centred", "smooth": "bartlett_causal"}),
    ("marci", {"smooth": "bartlett", "slope": "endpoint", "min_coverage": 0.2}),
]
REFUSED = [
    ("lagged_correlation", {"anchor": "rmea"}),
    ("lagged_correlation", {"identical": "nan"}),
    ("marci", {"step_s": 3.0}),
    ("marci", {"slope": "none"}),
    ("marci", {"windows": "odd_centred", "edges": "zero", "min_coverage": 1.0}),
]


def people(seed, gaps):
    """One person and five draws of the other, one of whom lies still for two minutes."""
    rng = np.random.default_rng(seed)
    x, *ys = 5.0 + 0.01 * np.cumsum(rng.standard_normal((6, 1800)), axis=1)
    ys = np.array(ys)
    ys[1, 300:780] = 7.25
    for v in (x, *ys[2:]):
        for start in rng.integers(0, 1800, gaps):
            v[start : start + rng.integers(1, 200)] = np.nan
    return x, ys


@pytest.mark.parametrize(("name", "options"), OPTIONS)
@pytest.mark.parametrize("gaps", [0, 3])
def test_every_draw_is_as_by_itself(name, options, gaps):
    entry, (x, ys) = get(name), people(gaps, gaps)
    found = entry.of_draws(x, ys, rate_hz=RATE_HZ, **options)
    for k, y in enumerate(ys):
        alone = entry.of_pair(x, y, rate_hz=RATE_HZ, **options)
        told = list(entry.summarise(alone).values())
        assert found.values[k].tobytes() == np.ascontiguousarray(alone.values).tobytes()
        np.testing.assert_array_equal(found.over_time()[k], alone.over_time())
        np.testing.assert_allclose(found.statistics[k], told, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found.profiles[k], entry.profile(alone), rtol=0, atol=1e-12)
        np.testing.assert_array_equal(found.time_s, alone.coords["time"])
        np.testing.assert_array_equal(found.lags_s, alone.coords["lag"])
    assert gaps == 0 or np.isnan(found.values).any()


@pytest.mark.parametrize("entry", AT_ONCE, ids=lambda m: m.name)
def test_a_draw_does_not_depend_on_those_beside_it(entry):
    x, ys = people(5, 0)
    whole = entry.of_draws(x, ys, rate_hz=RATE_HZ)
    some = entry.of_draws(x, ys[[3, 1]], rate_hz=RATE_HZ)
    for name in ("values", "statistics", "profiles"):
        held = np.ascontiguousarray(getattr(whole, name)[[3, 1]])
        assert held.tobytes() == np.ascontiguousarray(getattr(some, name)).tobytes()


@pytest.mark.parametrize(("name", "options"), REFUSED)
def test_other_options_are_left_to_the_pair(name, options):
    x, ys = people(6, 0)
    assert get(name).of_draws(x, ys, rate_hz=RATE_HZ, **options) is None


def test_what_is_endless_is_left_to_the_pair_which_refuses_it():
    x, ys = people(7, 0)
    ys[2, 5] = np.inf
    assert all(m.of_draws(x, ys, rate_hz=RATE_HZ) is None for m in AT_ONCE)
    assert get("window_ccf").of_draws(x, ys, rate_hz=RATE_HZ) is None


def test_the_best_lag_is_the_nearest_of_equals():
    lags_s = np.arange(-3.0, 4.0)
    rng = np.random.default_rng(8)
    profiles = rng.integers(0, 3, (400, 7)).astype(float)
    profiles[rng.random(profiles.shape) < 0.2] = np.nan
    for profile, place in zip(profiles, best_lags(profiles, lags_s), strict=True):
        if np.isnan(profile).all():
            assert place == 3
            continue
        tops = np.flatnonzero(profile == np.nanmax(profile))
        assert place == min(tops, key=lambda k: (abs(lags_s[k]), k))
